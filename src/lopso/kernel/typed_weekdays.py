"""Weekdays as timetables write them: "T2, T4", "Thứ 3 và thứ 5", "thứ 2-4-6", "T2 đến T6", "CN"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, half_width, nfc

_LONGEST = 120  # characters
_WORDS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5}
_TOKEN = re.compile(
    r"(?P<sunday>\b(?:chu\s*nhat|cn|(?:thu|t)\s*8)\b)"
    r"|\b(?:thu|t)\s*\.?\s*(?P<word>hai|ba|tu|nam|sau|bay)\b"
    r"|\b(?:thu\s*\.?\s*|t\s*\.?\s*)?(?P<digits>[2-7]{1,6})(?![0-9h])"
    r"|(?P<all>\b(?:ca tuan|hang ngay|moi ngay|cac ngay trong tuan)\b)"
    r"|(?P<to>\s*(?:\bden(?:\s+het)?\b|\btoi\b|->|→)\s*)"
    r"|(?P<dash>\s*[-–—~]\s*)"
    r"|(?P<between>[\s,;/&+.:()]+|\b(?:va|vao|cac|ngay|hang tuan|moi tuan|thu)\b)",
    re.ASCII,
)
_RUNS_ON = re.compile(r"(?<=[2-7])(?=t\s*[2-7])", re.ASCII)  # "T2T4T6"
_WORKING_WEEKS = {(0, 4), (0, 5), (0, 6)}


class UnclearWeekdays(ValueError):
    """What was typed may mean different weekdays; the text is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class _NamedDay:
    """A weekday with what stands before it: "to", "dash" or nothing of the kind."""

    weekday: int
    joined: str


def read_weekdays(text: str) -> tuple[int, ...] | None:
    """Weekdays in order, 0 = Monday; None when the text says something else, or nothing.

    Digits alone count: in a column of weekdays "2, 4" is Monday and Wednesday.

    Raises:
        UnclearWeekdays: "T3-T5" may be two days or three.
    """
    if len(text) > _LONGEST:
        return None
    # "tới" is until, "tối" the evening; folded they are one word.
    folded = fold(nfc(half_width(text)).casefold().replace("tới", "đến"))
    found = list(_days(_RUNS_ON.sub(" ", folded)) or ())
    if not found:
        return None
    return tuple(sorted(set(_spread(found, text.strip()))))


def _days(folded: str) -> Iterator[_NamedDay] | None:
    """The weekdays named, in the order of the text; None when something else stands between them."""
    days: list[_NamedDay] = []
    joined = ""
    at = 0
    while at < len(folded):
        token = _TOKEN.match(folded, at)
        if token is None or token.end() == at:
            return None
        at = token.end()
        if token["to"] or token["dash"]:
            joined = "to" if token["to"] else "dash"
        for weekday in _weekdays_of(token):
            days.append(_NamedDay(weekday, joined))
            joined = ""
    return iter(days) if not joined else None


def _weekdays_of(token: re.Match[str]) -> Sequence[int]:
    if token["sunday"]:
        return (6,)
    if token["all"]:
        return range(7)
    if token["word"]:
        return (_WORDS[token["word"]],)
    return [int(digit) - 2 for digit in token["digits"] or ""]


def _spread(found: Sequence[_NamedDay], typed: str) -> Iterator[int]:
    """The days between those joined by "đến"; a chain of three by dashes is a list."""
    for at, day in enumerate(found):
        yield day.weekday
        before = found[at - 1].weekday
        if day.joined == "to" or (day.joined == "dash" and (before, day.weekday) in _WORKING_WEEKS):
            if before > day.weekday:
                raise UnclearWeekdays(_("“%(days)s” chưa rõ là những thứ nào.", days=typed))
            yield from range(before, day.weekday)
        elif day.joined == "dash" and abs(before - day.weekday) != 1 and not _is_chain(found, at):
            raise UnclearWeekdays(
                _(
                    "“%(days)s” có thể là hai ngày, cũng có thể là cả các ngày ở giữa."
                    " Xin ghi “T3, T5” hoặc “T3 đến T5”.",
                    days=typed,
                )
            )


def _is_chain(found: Sequence[_NamedDay], at: int) -> bool:
    return found[at - 1].joined == "dash" or (at + 1 < len(found) and found[at + 1].joined == "dash")
