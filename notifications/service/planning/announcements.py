"""Texts that speak of several sessions at once: a seat in a series, the asking of a helper into one.

Such a text stands with the first session it speaks of. While it is not yet on its way it follows what
happens to the series: it is written anew with the sessions that remain, or taken back with the last of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.queries.recipients import helpers_to_text, learners_to_text
from notifications.queries.sessions import sessions_of_series
from notifications.rules import drafting, timing
from notifications.rules.drafts import Draft
from notifications.rules.facts import OFFERS, SEATS, Purpose, Recipient, SessionFacts
from notifications.rules.timing import Window
from notifications.service.ledger import OpenMessage, open_messages
from notifications.service.planning.context import PlanningContext

RecipientsBySession = Mapping[int, Sequence[Recipient]]
"""Who is to hear of a session, by its id."""

PersonKey = tuple[int | None, int | None]
"""Learner id or trainer id."""

SeriesKey = tuple[str, int]
"""A series, or a session that belongs to none."""


@dataclass(frozen=True, slots=True)
class Announcements:
    """Texts as they should stand, and the open ones whose place they take: ready for `reconcile`.

    Attributes:
        speak_of: whether a wanted text asks somebody in, its phone, a session of which it speaks.
        unread: somebody whom an open text names, and a session of the context of which it spoke.
    """

    wanted: Sequence[Draft] = ()
    current: Sequence[OpenMessage] = ()
    covered: Collection[tuple[bool, str, int]] = ()
    unread: Collection[tuple[PersonKey, int]] = ()


@dataclass(slots=True)
class RecipientGroup:
    """What one phone hears of one series: the sessions, earliest first, and the people it names."""

    sessions: list[SessionFacts] = field(default_factory=list[SessionFacts])
    people: dict[Recipient, None] = field(default_factory=dict[Recipient, None])


async def announce(
    db: AsyncSession, context: PlanningContext, purpose: Purpose, given: RecipientsBySession
) -> Announcements:
    """One text for each phone and series. Two of one kind that meet before they go become one.

    Args:
        given: who hears of which of the sessions of `context`.
    """
    groups = _groups(context.sessions, given)
    siblings, current = await _open(db, context, (purpose,))
    met = [each for each in current if (series_key(siblings[each.key[0]]), each.key[2]) in groups]
    if met:
        audience = await _audience(db, [each.id for each in siblings.values()], (purpose,))
        for text in met:
            series, phone = series_key(siblings[text.key[0]]), text.key[2]
            group = groups[series, phone]
            since = min(siblings[text.key[0]].starts_at, group.sessions[0].starts_at)
            people = text.people | {_id(each) for each in group.people}
            rest = _remaining_groups(siblings.values(), audience[purpose], series, since, people)
            groups[series, phone] = rest.get(phone, group)
    return Announcements([each for group in groups.values() for each in _draft(context, purpose, group)], met)


async def refresh_announcements(
    db: AsyncSession,
    context: PlanningContext,
    purposes: Collection[Purpose] = (*SEATS, *OFFERS),
    *,
    moved_from: Mapping[int, datetime] = MappingProxyType({}),
) -> Announcements:
    """The open texts that may speak of the sessions of `context`, as they should stand now.

    Args:
        moved_from: the former start of sessions of `context` that have moved, by their id.
    """
    siblings, current = await _open(db, context, purposes)
    if not current:
        return Announcements()
    audience = await _audience(db, [each.id for each in siblings.values()], purposes)
    wanted: list[Draft] = []
    covered: set[tuple[bool, str, int]] = set()
    unread: set[tuple[PersonKey, int]] = set()
    for text in current:
        first, phone = siblings[text.key[0]], text.key[2]
        series, since = series_key(first), min(first.starts_at, moved_from.get(first.id, first.starts_at))
        purpose = cast("Purpose", text.key[1])
        groups = _remaining_groups(siblings.values(), audience[purpose], series, since, text.people)
        if phone in groups and (drafts := _draft(context, purpose, groups[phone])):
            wanted += drafts
            covered |= {(purpose in OFFERS, phone, each.id) for each in groups[phone].sessions}
        mentioned = [
            each
            for each in context.sessions
            if series_key(each) == series and each.starts_at >= first.starts_at
        ]
        unread |= {(person, each.id) for person in text.people for each in mentioned}
    return Announcements(wanted, current, covered, unread)


def immediate_groups(
    context: PlanningContext, people: RecipientsBySession
) -> list[tuple[RecipientGroup, Window]]:
    """Group who hears in one text of which sessions, with the window: at once, or in the morning.

    Sessions that begin before it could go are left out; those people have to be called.
    """
    windows = {
        each.id: timing.at_once(context.policies[each.ward_id], each.starts_at, context.now)
        for each in context.sessions
    }
    groups = _groups([each for each in context.sessions if windows[each.id] is not None], people)
    found = [(group, windows[group.sessions[0].id]) for group in groups.values()]
    return [(group, window) for group, window in found if window is not None]


async def _open(
    db: AsyncSession, context: PlanningContext, purposes: Collection[Purpose]
) -> tuple[dict[int | str, SessionFacts], list[OpenMessage]]:
    """Coming sessions of the series of `context`, and its own; the open texts that stand with them."""
    series = {each.series_id for each in context.sessions if each.series_id is not None}
    siblings: dict[int | str, SessionFacts] = {each.id: each for each in context.sessions}
    for each in await sessions_of_series(db, series, after=context.now) if series else ():
        siblings.setdefault(each.id, each)
    ids = [each.id for each in siblings.values()]
    return siblings, await open_messages(db, ids, purposes)


async def _audience(
    db: AsyncSession, session_ids: Collection[int], purposes: Collection[Purpose]
) -> dict[Purpose, RecipientsBySession]:
    learners = await learners_to_text(db, session_ids) if set(purposes) & set(SEATS) else {}
    offered = (
        await helpers_to_text(db, session_ids, states=("offered",)) if set(purposes) & set(OFFERS) else {}
    )
    return {**dict.fromkeys(SEATS, learners), **dict.fromkeys(OFFERS, offered)}


def _groups(
    sessions: Iterable[SessionFacts], people: RecipientsBySession
) -> dict[tuple[SeriesKey, str], RecipientGroup]:
    groups: dict[tuple[SeriesKey, str], RecipientGroup] = {}
    for session in sorted(sessions, key=lambda each: (each.starts_at, each.id)):
        for phone_people in drafting.by_phone(people.get(session.id, ())):
            group = groups.setdefault((series_key(session), phone_people[0].phone), RecipientGroup())
            group.sessions.append(session)
            group.people |= dict.fromkeys(phone_people)
    return groups


def _remaining_groups(
    siblings: Iterable[SessionFacts],
    people: RecipientsBySession,
    series: SeriesKey,
    since: datetime,
    ids: Collection[PersonKey],
) -> dict[str, RecipientGroup]:
    """By phone: the sessions of `series` from `since` on, for those of `ids` who still belong there."""
    sessions = [
        each
        for each in siblings
        if series_key(each) == series and each.starts_at >= since and not each.cancelled
    ]
    left = {
        each.id: [person for person in people.get(each.id, ()) if _id(person) in ids] for each in sessions
    }
    return {phone: group for (_series, phone), group in _groups(sessions, left).items()}


def _draft(context: PlanningContext, purpose: Purpose, group: RecipientGroup) -> list[Draft]:
    first = group.sessions[0]
    window = timing.at_once(context.policies[first.ward_id], first.starts_at, context.now)
    if window is None:
        return []
    people = tuple(group.people)
    return [drafting.announcement(group.sessions, people, purpose, window=window, wordings=context.wordings)]


def series_key(session: SessionFacts) -> SeriesKey:
    """What one text may speak of as a whole: the session's series, or the session alone."""
    return ("series", session.series_id) if session.series_id is not None else ("session", session.id)


def _id(person: Recipient) -> PersonKey:
    return person.learner_id, person.trainer_id
