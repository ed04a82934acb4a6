"""Levels that demonstrations reach; serials of certificates."""

import re
import secrets
from collections.abc import Collection, Iterable

LEVELS = ("with_help", "alone", "can_teach")
"""How well a skill was shown, lowest first; `level_labels` has the labels."""

REVOKE_KINDS = ("mistake", "signed_wrongly", "replaced", "other")
"""Why a certificate is revoked; `revoke_labels` has the labels."""


def level_reached(levels: Iterable[str], required: int) -> str | None:
    """The highest level that at least `required` demonstrations reach; None when there are too few.

    With two required, once alone and once with help reach "with_help": each of the two showed at least that.
    """
    highest_first = sorted(levels, key=LEVELS.index, reverse=True)
    return highest_first[required - 1] if len(highest_first) >= required else None


def is_higher(level: str, held: str | None) -> bool:
    """Whether `level` is above the one held; None holds none."""
    return held is None or LEVELS.index(level) > LEVELS.index(held)


# Crockford's alphabet: no I, L, O, U, so that nothing read from paper is mistaken.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 16  # 5 bits each: 80 random bits
_MISREAD = str.maketrans("OIL", "011")
_SERIAL = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")


def new_serial() -> str:
    """A random serial: 80 bits from `secrets`, 16 characters without separators."""
    return "".join(secrets.choice(_ALPHABET) for _each in range(_LENGTH))


def read_serial(typed: str) -> str | None:
    """The serial somebody typed or scanned; None when it cannot be one.

    Case, spaces, dots and dashes do not matter; O counts as 0, I and L as 1.
    """
    bare = re.sub(r"[\s.\-–—_]", "", typed[:200]).upper().translate(_MISREAD)
    return bare if _SERIAL.fullmatch(bare) else None


def grouped(serial: str) -> str:
    """A serial as it is printed: "7K3Q-F9XW-2BMT-04HZ"."""
    return "-".join(serial[start : start + 4] for start in range(0, len(serial), 4))


EVERYBODY = "ND"
_FRAMEWORK_AUDIENCE = {
    "elderly": "NCT",
    "trader": "TT",
    "farmer": "NONGDAN",
    "official": "CBCC",
    "pupil_student": "HSSV",
    "worker": "DN",
    "disadvantaged": "YEUTHE",
}


def framework_audiences(tags: Iterable[str], known: Collection[str]) -> list[str]:
    """Codes of the edition's audiences that a learner with these tags belongs to.

    Args:
        tags: as the ward writes them down (learners.models.AUDIENCES).
        known: audience codes of the edition.

    Returns:
        The known ones among them; everybody's ("người dân") when none is.
    """
    found = [code for tag in tags if (code := _FRAMEWORK_AUDIENCE.get(tag)) in known and code]
    return found or [code for code in (EVERYBODY,) if code in known]
