"""Numbers that lost digits before they reached us: rounded by a spreadsheet, masked, or damaged.

A spreadsheet shows 84912345678 in a narrow cell as "8.4912E+10" and keeps no more than 15 digits of a number.
A file saved as text and opened again keeps what was shown: 84912000000 is then a stranger's phone.
"""

import re

_SCIENTIFIC = re.compile(r"(?<![\d.,])(\d)(?:[.,](\d+))?\s?[eE]\s?\+?\s?(\d{1,2})(?!\d)")
_DECIMALS = re.compile(r"\d{6,}[.,]\d{1,2}")
# Without its zero in front a text has been a number once.
_ROUNDED = re.compile(r"[1-9]\d{4,}000")
_COVERED = re.compile(r"\d\s?(?:[?*•\ufffd]+|[xX#]{2,})\s?(?=\d)|[?*\ufffd]\d|\d[*\ufffd]")
_LARGEST_EXACT = 10**15  # a spreadsheet keeps 15 digits


def scientific_in_full(text: str) -> str:
    """Write numbers such as "8.4976123457E+10", of which all digits are there, in full; others stay."""
    return _SCIENTIFIC.sub(lambda found: _in_full(found) or found[0], text)


def lost_digits(raw: object) -> bool:
    """Whether digits of a phone number, as a cell or as text, are missing or likely made up by rounding."""
    if isinstance(raw, bool) or raw is None:
        return False
    if isinstance(raw, float | int):
        return not float(raw).is_integer() or abs(raw) >= _LARGEST_EXACT or _is_rounded(str(int(raw)))
    text = scientific_in_full(re.sub(r"^(\d+)\.0+$", r"\1", str(raw).strip()))
    return bool(
        any(int(found[3]) >= 6 for found in _SCIENTIFIC.finditer(text))
        or _DECIMALS.fullmatch(text)
        or _COVERED.search(text)
        or _is_rounded(text)
    )


def _is_rounded(digits: str) -> bool:
    return _ROUNDED.fullmatch(digits) is not None


def _in_full(found: re.Match[str]) -> str | None:
    digits = found[1] + (found[2] or "")
    return digits if len(digits) == int(found[3]) + 1 <= 15 else None
