"""Codes that people read out, write down and type: made at random, read however they are written."""

import re
import secrets
from dataclasses import dataclass

RESET_DIGITS = 12
RECOVERY_CODES = 10
SELECTOR = 4
"""Characters of a recovery code that find its row; the others are the secret."""

_LENGTH = 12
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another one: i l o 0 1
_BETWEEN = re.compile(r"[\s\-–.]+")


@dataclass(frozen=True, slots=True)
class RecoveryText:
    """A recovery code in its two parts."""

    selector: str
    verifier: str

    def __str__(self) -> str:
        return grouped(self.selector + self.verifier, 4, "-")


def new_reset_code() -> str:
    """Twelve random digits (40 bits)."""
    return "".join(secrets.choice("0123456789") for _each in range(RESET_DIGITS))


def new_recovery_codes() -> list[RecoveryText]:
    """Ten codes with different selectors; each verifier has 39 random bits."""
    found: dict[str, RecoveryText] = {}
    while len(found) < RECOVERY_CODES:
        code = "".join(secrets.choice(_LETTERS) for _each in range(_LENGTH))
        found[code[:SELECTOR]] = RecoveryText(code[:SELECTOR], code[SELECTOR:])
    return list(found.values())


def read_digits(typed: str) -> str:
    """What was typed without what people put between digits; "" when it holds anything else."""
    code = _BETWEEN.sub("", typed)
    return code if code.isascii() and code.isdigit() else ""


def read_recovery_code(typed: str) -> RecoveryText | None:
    """A recovery code as typed, or None when it cannot be one."""
    code = _BETWEEN.sub("", typed).lower()
    if len(code) != _LENGTH or any(letter not in _LETTERS for letter in code):
        return None
    return RecoveryText(code[:SELECTOR], code[SELECTOR:])


def grouped(code: str, size: int = 3, between: str = " ") -> str:
    """ "123456789012" as "123 456 789 012": to be read out and typed."""
    return between.join(code[at : at + size] for at in range(0, len(code), size))
