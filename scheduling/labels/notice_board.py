"""The week as a notice: its days in order, each with its sessions in words."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from lopso.kernel import formatting
from lopso.kernel.clock import local_day
from lopso.kernel.text import capitalized
from scheduling.queries.calendar import WeekSession
from scheduling.rules.places import place_name


class NoticeLine(NamedTuple):
    """A session on the notice; `teachers` by given name, none when nobody has accepted yet."""

    hours: str
    title: str
    place: str
    teachers: Sequence[str]


class NoticeDay(NamedTuple):
    """A day with something to go to: "Thứ Ba 24/11"."""

    label: str
    lines: Sequence[NoticeLine]


def notice_days(
    sessions: Iterable[WeekSession], teachers: Mapping[int, Sequence[str]]
) -> Sequence[NoticeDay]:
    """`sessions`, which are in order, by day.

    Args:
        teachers: names by session.
    """
    return [
        NoticeDay(
            capitalized(formatting.weekday_and_day(day)),
            [_line(each, teachers.get(each.id, ())) for each in those],
        )
        for day, those in groupby(sessions, key=lambda each: local_day(each.starts_at))
    ]


def _line(session: WeekSession, teachers: Sequence[str]) -> NoticeLine:
    place = place_name(words=session.place, room=session.room, venue=session.venue, market=session.market)
    return NoticeLine(formatting.hours(session.starts_at, session.ends_at), session.title, place, teachers)
