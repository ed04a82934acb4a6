"""Decisions on facts handed in: when a text goes, what it says, what it costs."""
