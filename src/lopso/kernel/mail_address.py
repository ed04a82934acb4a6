"""E-mail addresses that mail and calendar programs everywhere take."""

import re

LONGEST = 254  # RFC 5321

# The many stranger ones that the standard allows are refused.
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*")


# A letter and more at the end: "a@b.c" and "a@10.0.0.1" are slips of the finger.
_IN_A_TOP_LEVEL_DOMAIN = re.compile(r".*\.[a-z][a-z0-9\-]*[a-z0-9]")


def is_address(text: str) -> bool:
    """Whether `text` is an address that a mail or an invitation can go to."""
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None


def read_address(text: str) -> str | None:
    """An address as people type it, in lower case and without spaces; None when `text` cannot be one."""
    address = "".join(text.split()).lower()
    return address if is_address(address) and _IN_A_TOP_LEVEL_DOMAIN.fullmatch(address) else None
