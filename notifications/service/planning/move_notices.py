"""News of moves: one text for each phone about all that one act has moved in a series.

A text that has not gone yet follows what happens next to any of its sessions: it is written anew with those
of which its readers still have to hear, each with the start they still believe in.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby
from types import MappingProxyType

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from notifications.models import Message, MessageSession
from notifications.queries.recipients import helpers_to_text, learners_to_text
from notifications.queries.sessions import sessions_by_id
from notifications.rules import drafting, timing
from notifications.rules.drafts import Draft
from notifications.rules.facts import SEATS, Purpose, SessionFacts
from notifications.rules.timing import Window
from notifications.service.ledger import OpenMessage
from notifications.service.planning.announcements import RecipientsBySession, SeriesKey, series_key
from notifications.service.planning.context import PlanningContext
from scheduling.models import ClassSession

MOVES: tuple[Purpose, ...] = ("session_moved", "helper_moved")

_NEVER_SENT = ("planned", "claimed", "expired", "withdrawn", "suppressed", "failed")


@dataclass(frozen=True, slots=True)
class _MoveNotice:
    """That one session has moved, as one phone should hear it."""

    session: SessionFacts
    moved_from: datetime
    due_at: datetime

    @property
    def grouping_key(self) -> tuple[SeriesKey, int, time, time]:
        """What tells of the same change is told in one text; another day is news of its own."""
        old, new = clock.local(self.moved_from), clock.local(self.session.starts_at)
        alone = self.session.id if old.date() != new.date() else 0
        return series_key(self.session), alone, old.time(), new.time()


async def move_notices(
    db: AsyncSession,
    context: PlanningContext,
    current: Iterable[OpenMessage],
    *,
    moved_from: Mapping[int, datetime] = MappingProxyType({}),
    covered: Collection[tuple[bool, str, int]] = (),
) -> list[Draft]:
    """The texts about moves as they should stand now; five statements.

    Args:
        standing: open texts about the sessions of `context`; those about moves count.
        moved_from: the former start of sessions of `context` that have just moved, by their id.
        spoken_of: whom another text tells of the new time, as in `Announcements.covered`.
    """
    texts = [each for each in current if each.key[1] in MOVES]
    if not texts and not moved_from:
        return []
    sessions = {each.id: each for each in context.sessions if not each.cancelled}
    known = {each.id for each in context.sessions}
    beyond = {session_id for text in texts for session_id, _old in _old_starts_in(text)} - known
    if beyond:
        sessions |= {each.id: each for each in await sessions_by_id(db, beyond, after=context.now)}
    audience: dict[str, RecipientsBySession] = {
        "session_moved": await learners_to_text(db, sessions),
        "helper_moved": await helpers_to_text(db, sessions),
    }
    announced = await _announced_sessions(db, [sessions[each] for each in moved_from if each in sessions])
    wanted: list[Draft] = []
    for purpose in MOVES:
        for phone, news in _by_phone(
            context, purpose, texts, sessions, moved_from, announced, audience
        ).items():
            fresh = [
                each for each in news if (purpose == "helper_moved", phone, each.session.id) not in covered
            ]
            wanted += _drafts(context, purpose, phone, fresh, audience[purpose])
    return wanted


def _by_phone(
    context: PlanningContext,
    purpose: Purpose,
    texts: Sequence[OpenMessage],
    sessions: Mapping[int, SessionFacts],
    moved_from: Mapping[int, datetime],
    announced: Collection[int],
    audience: Mapping[str, RecipientsBySession],
) -> dict[str, list[_MoveNotice]]:
    # A text about an earlier move that nobody has read yet speaks of the time people still believe in.
    believed: dict[tuple[str, int], datetime] = {}
    due: dict[tuple[str, int], datetime] = {}
    for text in texts:
        if text.key[1] == purpose:
            for session_id, old in _old_starts_in(text):
                believed.setdefault((text.key[2], session_id), old)
                due[text.key[2], session_id] = text.due_at
    news: dict[str, list[_MoveNotice]] = {}
    for session in sorted(sessions.values(), key=lambda each: (each.starts_at, each.id)):
        policy = context.policies[session.ward_id].of(session.kind)
        for phone in dict.fromkeys(each.phone for each in audience[purpose].get(session.id, ())):
            old, due_at = believed.get((phone, session.id)), due.get((phone, session.id))
            if session.id in moved_from:
                old = old or moved_from[session.id]
                # Helpers have the class in their calendar: they hear of every change at once.
                already_announced = purpose == "helper_moved" or session.id in announced
                window = timing.moved(
                    policy, old, session.starts_at, announced=already_announced, now=context.now
                )
                due_at = window.due_at if window else None
            if old is not None and due_at is not None and due_at < session.starts_at:
                news.setdefault(phone, []).append(_MoveNotice(session, old, due_at))
    return news


def _drafts(
    context: PlanningContext,
    purpose: Purpose,
    phone: str,
    news: Sequence[_MoveNotice],
    people: RecipientsBySession,
) -> list[Draft]:
    drafts: list[Draft] = []
    for _key, found in groupby(
        sorted(news, key=lambda each: each.grouping_key), key=lambda each: each.grouping_key
    ):
        group = sorted(found, key=lambda each: (each.session.starts_at, each.session.id))
        sessions = [each.session for each in group]
        named = {one: None for each in sessions for one in people[each.id] if one.phone == phone}
        drafts.append(
            drafting.move_notice(
                sessions,
                tuple(named),
                purpose,
                moved_from={each.session.id: each.moved_from for each in group},
                window=Window(min(each.due_at for each in group), sessions[0].starts_at),
                wordings=context.wordings,
            )
        )
    return drafts


def _old_starts_in(text: OpenMessage) -> list[tuple[int, datetime]]:
    """The sessions of which a text about moves speaks, with the start that its reader believes in."""
    starts = [
        (text.key[0], text.moved_from),
        *((each.session_id, each.moved_from) for each in text.other_sessions),
    ]
    return [(int(session_id), old) for session_id, old in starts if old is not None]


async def _announced_sessions(db: AsyncSession, sessions: Collection[SessionFacts]) -> set[int]:
    """Those of `sessions` of which a text, or one about a seat in their series, went or may have gone."""
    ids = {each.id for each in sessions}
    series = {each.series_id for each in sessions if each.series_id is not None}
    if not ids:
        return set()
    rows = await db.execute(
        select(ClassSession.series_id, Message.session_id, Message.purpose, MessageSession.session_id)
        .join(Message, Message.session_id == ClassSession.id)
        .outerjoin(MessageSession, MessageSession.message_id == Message.id)
        .where(
            or_(
                ClassSession.id.in_(ids),
                ClassSession.series_id.in_(series) & Message.purpose.in_((*SEATS, *MOVES)),
            ),
            Message.state.not_in(_NEVER_SENT),
        )
        .distinct()
    )
    announced_ids: set[int | None] = set()
    for series_id, session_id, purpose, other_id in rows:
        announced_ids |= {session_id, other_id}
        if purpose in SEATS and series_id is not None:
            announced_ids |= {each.id for each in sessions if each.series_id == series_id}
    return {each for each in ids if each in announced_ids}
