"""Hours of a lesson as timetables write them: "8h30 - 10h30", "14h", "sáng 8h-10h", "2h-4h chiều"."""

import re
from dataclasses import dataclass
from datetime import time

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, half_width, nfc
from lopso.kernel.typed_times import read_time

_LONGEST = 120  # characters
_PART = r"sang|trua|chieu|toi|dem"
_MINUTES = r"\s*(?:gio|h|g)\s*(?:\d{1,2}(?!\d))?|[:.]\d{2}(?!\d)"
_CLOCK = rf"\d{{1,2}}(?:{_MINUTES})?(?::00)?(?:\s*(?:phut|p)\b)?(?:\s*ruoi\b)?"
_SPAN = re.compile(
    rf"(?:\b(?P<before>{_PART})\s*:?\s*)?(?P<start>{_CLOCK})(?:\s*(?P<after>{_PART})\b)?"
    rf"(?:\s*(?:-|–|—|~|->|→|\bden\b)\s*(?P<end>{_CLOCK})(?:\s*(?P<last>{_PART})\b)?)?",
    re.ASCII,
)
_NAMES_AN_HOUR = re.compile(r"\d\s*(?:gio|h|g)|\d[:.]\d\d", re.ASCII)


class NoSuchHours(ValueError):
    """What was typed are no hours of a day; the text is a sentence for the person."""


@dataclass(frozen=True, slots=True, order=True)
class HourSpan:
    """Wall-clock hours; `end` is None where only the beginning is said."""

    start: time
    end: time | None


def find_hours(text: str) -> tuple[tuple[HourSpan, ...], str]:
    """The hours that a text names, and the text without them, folded.

    Raises:
        NoSuchHours: an hour that no day has, or an end that is not after its start.
    """
    typed = half_width(nfc(text)).casefold().replace("tới", "đến")[:_LONGEST]
    folded = fold(typed)
    spans: list[HourSpan] = []
    rest: list[str] = []
    at = 0
    for found in _SPAN.finditer(folded):
        if _NAMES_AN_HOUR.search(found[0]):
            spans.append(_span(found))
            rest.append(folded[at : found.start()])
            at = found.end()
    rest.append(folded[at:])
    return tuple(spans), " ".join(" ".join(rest).split())


def _span(found: re.Match[str]) -> HourSpan:
    part = found["before"] or found["after"]
    end_part = found["last"] or part
    start = _clock(found["start"], part)
    if found["end"] is None:
        return HourSpan(start, None)
    end = _clock(found["end"], end_part)
    if part is None and found["last"]:  # "2h-4h chiều": both in the afternoon
        both = read_time(f"{found['start']} {found['last']}")
        start = both if both is not None and both < end else start
    if end <= start:
        raise NoSuchHours(
            _(
                "Giờ kết thúc %(end)s không sau giờ bắt đầu %(start)s.",
                end=formatting.hour(end),
                start=formatting.hour(start),
            )
        )
    return HourSpan(start, end)


def _clock(text: str, part: str | None) -> time:
    """The time of a clock; a part of day that does not fit ("12h sáng") is not believed."""
    found = (read_time(f"{text} {part}") if part else None) or read_time(text)
    if found is None:
        raise NoSuchHours(_("Không có giờ “%(hour)s” trong ngày.", hour=text.strip()))
    return found
