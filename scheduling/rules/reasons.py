"""What texts say of a reason that they may not quote."""

SAID_INSTEAD = "có việc đột xuất"
"""Vietnamese whatever language pages speak, as texts are."""
