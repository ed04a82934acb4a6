"""E-mail addresses that mail and calendar programs everywhere take."""

import re

LONGEST = 254  # RFC 5321

# The many stranger ones that the standard allows are refused.
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*")


def is_address(text: str) -> bool:
    """Whether `text` is an address that a mail or an invitation can go to."""
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None
