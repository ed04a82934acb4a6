"""Skills: the basic digital skills framework, kept as editions that are loaded from data.

Owns framework, skill_group, skill. An edition marked incomplete is shown as "bản nháp" everywhere.
"""
