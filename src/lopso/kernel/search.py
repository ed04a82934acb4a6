"""Search for people: typed text as a query on a ``search`` column (learners, helpers).

Such a column holds the folded words of the name, the digits of the phone (all, and the last four) and the
ward as ``w<code>``, so that one GIN index answers "this name in these wards" at a million rows.
"""

import re
from collections.abc import Collection

from lopso.kernel.text import fold, half_width

_PHONE = re.compile(r"\+?[\d\s.\-()]{4,}")
_LAST_DIGITS = 4
LONGEST = 80  # characters; nobody types a longer name to find it
_WORD = re.compile(r"[^\W_]+")  # "_" is no word for PostgreSQL: the query would be for the wards alone


def words_of(text: str) -> list[str]:
    """The words of folded text, as operands of ``to_tsquery``."""
    return _WORD.findall(text)


def people_query(typed: str, *, wards: Collection[str] | None) -> str | None:
    """Return the text for ``to_tsquery('simple', …)``, or None when nothing searchable was typed.

    Every word is matched as a beginning; accents, case, spelling (Hóa, Hoá) and the way a number is
    grouped do not matter.

    Args:
        wards: codes in which to look; None looks in the whole city.
    """
    typed = half_width(typed[:LONGEST])
    words = _phone(typed) or words_of(fold(typed))
    if not words or wards == frozenset():
        return None
    query = " & ".join(f"{word}:*" for word in words)
    if wards is not None:
        query += f" & ({' | '.join(f'w{ward}' for ward in sorted(wards))})"
    return query


def unfinished_query(name: str, *, wards: Collection[str] | None) -> str | None:
    """Return the text for ``to_tsquery``: every word whole, but the last perhaps not typed to its end.

    A last word of one letter counts as whole: nearly every name has a word that begins so.

    Args:
        name: folded.
        wards: codes in which to look; None looks in the whole city.
    """
    words = words_of(name)
    if not words:
        return None
    if len(words[-1]) > 1:
        words[-1] += ":*"
    query = " & ".join(words)
    return query if wards is None else f"{query} & ({' | '.join(f'w{ward}' for ward in sorted(wards))})"


def _phone(typed: str) -> list[str]:
    """The digits as stored (0912345678), when a number was typed: grouped, with +84, with 0 or without."""
    typed = typed.strip()
    if not _PHONE.fullmatch(typed):
        return []
    digits = re.sub(r"\D", "", typed)
    if digits.startswith("84") and (typed.startswith("+") or len(digits) > 9):
        digits = f"0{digits[2:].removeprefix('0')}"
    # Up to four may be the last digits of a number; more begin it, and what is stored begins with 0.
    if len(digits) > _LAST_DIGITS and not digits.startswith("0"):
        digits = f"0{digits}"
    return [digits] if len(digits) >= 3 else []
