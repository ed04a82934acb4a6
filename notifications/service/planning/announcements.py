"""Announcements: messages about seats and offers, which may cover several sessions of a series.

Such a message belongs to the first session it covers. While it is open it follows what happens to the series:
it is rewritten for the sessions that remain, or withdrawn with the last of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.rules import drafting
from notifications.rules.drafts import Draft
from notifications.service.open_messages import OpenMessage, open_messages
from notifications.service.planning.context import PlanningContext
from notifications.service.planning.recipient_groups import (
    RecipientGroup,
    RecipientsBySession,
    SeriesKey,
    group_by_series,
    series_key,
)
from wordings.queries.recipients import helpers_to_text, learners_to_text
from wordings.queries.sessions import sessions_of_series
from wordings.rules.facts import OFFERS, SEATS, PersonKey, Purpose, SessionFacts

Coverage = tuple[bool, str, int]
"""Whether a message is an offer, its phone, a session that it covers."""


@dataclass(frozen=True, slots=True)
class Announcements:
    """Announcements as they should be, and the open ones that they replace: ready for `reconcile`.

    Attributes:
        covered: what the wanted messages cover.
        unread: somebody whom an open message names, and a session of the context that it covered.
    """

    wanted: Sequence[Draft] = ()
    current: Sequence[OpenMessage] = ()
    covered: Collection[Coverage] = ()
    unread: Collection[tuple[PersonKey, int]] = ()


async def announce(
    db: AsyncSession, context: PlanningContext, purpose: Purpose, recipients: RecipientsBySession
) -> Announcements:
    """One message for each phone and series; an open one of the same kind is merged with it.

    Args:
        recipients: who hears of which of the context's sessions.
    """
    groups = group_by_series(context.sessions, recipients)
    siblings, current = await _open(db, context, (purpose,))
    merged = [each for each in current if (series_key(siblings[each.session_id]), each.key.phone) in groups]
    if merged:
        audience = await _audience(db, siblings, (purpose,))
        for message in merged:
            first, phone = siblings[message.session_id], message.key.phone
            series = series_key(first)
            group = groups[series, phone]
            since = min(first.starts_at, group.sessions[0].starts_at)
            people = message.people | {each.key for each in group.people}
            remaining = _remaining_groups(siblings.values(), audience[purpose], series, since, people)
            groups[series, phone] = remaining.get(phone, group)
    wanted = [draft for group in groups.values() for draft in _drafts(context, purpose, group)]
    return Announcements(wanted, merged)


async def refresh_announcements(
    db: AsyncSession,
    context: PlanningContext,
    purposes: Collection[Purpose] = (*SEATS, *OFFERS),
    *,
    moved_from: Mapping[int, datetime] = MappingProxyType({}),
) -> Announcements:
    """The open announcements that may cover the context's sessions, as they should be now.

    Args:
        moved_from: the former start of sessions of the context that have moved, by their id.
    """
    siblings, current = await _open(db, context, purposes)
    if not current:
        return Announcements()
    audience = await _audience(db, siblings, purposes)
    wanted: list[Draft] = []
    covered: set[Coverage] = set()
    unread: set[tuple[PersonKey, int]] = set()
    for message in current:
        first, purpose, phone = siblings[message.session_id], message.key.purpose, message.key.phone
        series, since = series_key(first), min(first.starts_at, moved_from.get(first.id, first.starts_at))
        groups = _remaining_groups(siblings.values(), audience[purpose], series, since, message.people)
        if phone in groups and (drafts := _drafts(context, purpose, groups[phone])):
            wanted += drafts
            covered |= {(purpose in OFFERS, phone, each.id) for each in groups[phone].sessions}
        unread |= {
            (person, each.id)
            for person in message.people
            for each in context.sessions
            if series_key(each) == series and each.starts_at >= first.starts_at
        }
    return Announcements(wanted, current, covered, unread)


async def _open(
    db: AsyncSession, context: PlanningContext, purposes: Collection[Purpose]
) -> tuple[dict[int, SessionFacts], list[OpenMessage]]:
    """The context's sessions and the coming ones of their series, by id; the open messages about them."""
    series = {each.series_id for each in context.sessions if each.series_id is not None}
    siblings = {each.id: each for each in context.sessions}
    for each in await sessions_of_series(db, series, after=context.now) if series else ():
        siblings.setdefault(each.id, each)
    return siblings, await open_messages(db, siblings, purposes)


async def _audience(
    db: AsyncSession, siblings: Mapping[int, SessionFacts], purposes: Collection[Purpose]
) -> dict[Purpose, RecipientsBySession]:
    """Who may be told of those sessions that take place."""
    session_ids = [each.id for each in siblings.values() if not each.cancelled]
    learners: RecipientsBySession = {}
    offered: RecipientsBySession = {}
    if set(purposes) & set(SEATS):
        learners = await learners_to_text(db, session_ids)
    if set(purposes) & set(OFFERS):
        offered = await helpers_to_text(db, session_ids, states=("offered",))
    return {**dict.fromkeys(SEATS, learners), **dict.fromkeys(OFFERS, offered)}


def _remaining_groups(
    siblings: Iterable[SessionFacts],
    recipients: RecipientsBySession,
    series: SeriesKey,
    since: datetime,
    people: Collection[PersonKey],
) -> dict[str, RecipientGroup]:
    """By phone: the sessions of `series` from `since` on, for those of `people` who still belong there."""
    sessions = [
        each
        for each in siblings
        if series_key(each) == series and each.starts_at >= since and not each.cancelled
    ]
    left = {each.id: [one for one in recipients.get(each.id, ()) if one.key in people] for each in sessions}
    return {phone: group for (_series, phone), group in group_by_series(sessions, left).items()}


def _drafts(context: PlanningContext, purpose: Purpose, group: RecipientGroup) -> list[Draft]:
    """The message for a group; none where it would come too late."""
    window = context.immediate_window(group.sessions[0])
    if window is None:
        return []
    people = tuple(group.people)
    return [drafting.announcement(group.sessions, people, purpose, window=window, wordings=context.wordings)]
