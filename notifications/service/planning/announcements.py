"""Texts that speak of several sessions at once: a seat in a series, the asking of a helper into one.

Such a text stands with the first session it speaks of. While it is not yet on its way it follows what
happens to the series: it is written anew with the sessions that remain, or taken back with the last of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.queries.audience import helpers_to_text, learners_to_text, sessions_of_series
from notifications.rules import drafting, timing
from notifications.rules.drafting import ASKINGS, SEATS, Draft, Purpose, Recipient, SessionFacts
from notifications.service.ledger import Standing, open_texts
from notifications.service.planning.desk import Desk

People = Mapping[int, Sequence[Recipient]]
"""Who is to hear of a session, by its id."""

_Course = tuple[str, int]
"""A series, or a session that belongs to none."""


@dataclass(frozen=True, slots=True)
class Announcements:
    """Texts as they should stand, and the open ones whose place they take: ready for `bring_into_line`."""

    wanted: Sequence[Draft] = ()
    standing: Sequence[Standing] = ()


@dataclass(slots=True)
class _Group:
    """What one phone hears of one series: the sessions, earliest first, and the people it names."""

    sessions: list[SessionFacts] = field(default_factory=list[SessionFacts])
    people: dict[Recipient, None] = field(default_factory=dict[Recipient, None])


async def announce(db: AsyncSession, desk: Desk, purpose: Purpose, given: People) -> Announcements:
    """One text for each phone and series. Two of one kind that meet before they go become one.

    Args:
        given: who hears of which of the desk's sessions.
    """
    groups = _groups(desk.sessions, given)
    siblings, standing = await _open(db, desk, (purpose,))
    met = [each for each in standing if (_course(siblings[each.key[0]]), each.key[2]) in groups]
    if met:
        audience = await _audience(db, [each.id for each in siblings.values()], (purpose,))
        for text in met:
            course, phone = _course(siblings[text.key[0]]), text.key[2]
            group = groups[course, phone]
            since = min(siblings[text.key[0]].starts_at, group.sessions[0].starts_at)
            people = text.people | {_id(each) for each in group.people}
            rest = _remaining(siblings.values(), audience[purpose], course, since, people)
            groups[course, phone] = rest.get(phone, group)
    return Announcements([each for group in groups.values() for each in _draft(desk, purpose, group)], met)


async def announce_anew(
    db: AsyncSession,
    desk: Desk,
    purposes: Collection[Purpose] = (*SEATS, *ASKINGS),
    *,
    moved_from: datetime | None = None,
) -> Announcements:
    """The open texts that may speak of the desk's sessions, as they should stand now.

    Args:
        moved_from: the former start of the desk's only session, where it has moved.
    """
    siblings, standing = await _open(db, desk, purposes)
    if not standing:
        return Announcements()
    moved = {each.id for each in desk.sessions} if moved_from is not None else set[int]()
    audience = await _audience(db, [each.id for each in siblings.values()], purposes)
    wanted: list[Draft] = []
    for text in standing:
        first = siblings[text.key[0]]
        since = min(first.starts_at, moved_from) if moved_from and first.id in moved else first.starts_at
        purpose = cast("Purpose", text.key[1])
        groups = _remaining(siblings.values(), audience[purpose], _course(first), since, text.people)
        if text.key[2] in groups:
            wanted += _draft(desk, purpose, groups[text.key[2]])
    return Announcements(wanted, standing)


async def _open(
    db: AsyncSession, desk: Desk, purposes: Collection[Purpose]
) -> tuple[dict[int | str, SessionFacts], list[Standing]]:
    """Coming sessions of the desk's series, and the desk's own; the open texts that stand with them."""
    series = {each.series_id for each in desk.sessions if each.series_id is not None}
    siblings: dict[int | str, SessionFacts] = {each.id: each for each in desk.sessions}
    for each in await sessions_of_series(db, series, after=desk.now) if series else ():
        siblings.setdefault(each.id, each)
    ids = [each.id for each in siblings.values()]
    return siblings, await open_texts(db, ids, purposes)


async def _audience(
    db: AsyncSession, session_ids: Collection[int], purposes: Collection[Purpose]
) -> dict[Purpose, People]:
    learners = await learners_to_text(db, session_ids) if set(purposes) & set(SEATS) else {}
    asked = (
        await helpers_to_text(db, session_ids, states=("offered",)) if set(purposes) & set(ASKINGS) else {}
    )
    return {**dict.fromkeys(SEATS, learners), **dict.fromkeys(ASKINGS, asked)}


def _groups(sessions: Iterable[SessionFacts], people: People) -> dict[tuple[_Course, str], _Group]:
    groups: dict[tuple[_Course, str], _Group] = {}
    for session in sorted(sessions, key=lambda each: (each.starts_at, each.id)):
        for phone_people in drafting.by_phone(people.get(session.id, ())):
            group = groups.setdefault((_course(session), phone_people[0].phone), _Group())
            group.sessions.append(session)
            group.people |= dict.fromkeys(phone_people)
    return groups


def _remaining(
    siblings: Iterable[SessionFacts],
    people: People,
    course: _Course,
    since: datetime,
    ids: Collection[tuple[int | None, int | None]],
) -> dict[str, _Group]:
    """By phone: the sessions of `course` from `since` on, for those of `ids` who still belong there."""
    sessions = [
        each
        for each in siblings
        if _course(each) == course and each.starts_at >= since and not each.cancelled
    ]
    left = {
        each.id: [person for person in people.get(each.id, ()) if _id(person) in ids] for each in sessions
    }
    return {phone: group for (_its_course, phone), group in _groups(sessions, left).items()}


def _draft(desk: Desk, purpose: Purpose, group: _Group) -> list[Draft]:
    first = group.sessions[0]
    window = timing.at_once(desk.policies[first.ward_id], first.starts_at, desk.now)
    if window is None:
        return []
    people = tuple(group.people)
    return [drafting.announced(group.sessions, people, purpose, window=window, wordings=desk.wordings)]


def _course(session: SessionFacts) -> _Course:
    return ("series", session.series_id) if session.series_id is not None else ("session", session.id)


def _id(person: Recipient) -> tuple[int | None, int | None]:
    return person.learner_id, person.trainer_id
