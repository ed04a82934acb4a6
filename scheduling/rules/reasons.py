"""General reasons for texts that may not quote the real one."""

GENERAL_REASONS = ("có việc đột xuất", "việc gấp")
"""The shorter where a text has no room for the fuller; Vietnamese whatever language pages speak, as texts."""
