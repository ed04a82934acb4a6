"""Move notices: one message for each phone about all that one action has moved in a series.

An open notice follows what happens next to any of its sessions: it is rewritten for those of which its
readers still have to hear, each with the start that they still expect.
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
from notifications.rules import drafting, timing
from notifications.rules.drafts import Draft
from notifications.rules.timing import Window
from notifications.service.open_messages import OpenMessage
from notifications.service.planning.announcements import Coverage
from notifications.service.planning.context import PlanningContext
from notifications.service.planning.recipient_groups import RecipientsBySession, SeriesKey, series_key
from scheduling.models import ClassSession
from wordings.queries.recipients import helpers_to_text, learners_to_text
from wordings.queries.sessions import sessions_by_id
from wordings.rules.facts import SEATS, Purpose, SessionFacts

MOVES: tuple[Purpose, ...] = ("session_moved", "helper_moved")

_NEVER_SENT = ("planned", "claimed", "expired", "withdrawn", "suppressed", "failed")


@dataclass(frozen=True, slots=True)
class _SessionMove:
    """That one session has moved, as one phone should hear of it; `moved_from` is the start it expects."""

    session: SessionFacts
    moved_from: datetime
    due_at: datetime

    @property
    def grouping_key(self) -> tuple[SeriesKey, int, time, time]:
        """Moves by as many days, from one hour to another, go in one message."""
        old, new = clock.local(self.moved_from), clock.local(self.session.starts_at)
        return series_key(self.session), (new.date() - old.date()).days, old.time(), new.time()


@dataclass(frozen=True, slots=True)
class _Moves:
    """What move notices are made of.

    Attributes:
        sessions: those that take place, by id.
        moved_from: the former start of those that have just moved, by id.
        announced: ids of those of which somebody may already have heard.
        current: open move notices.
    """

    context: PlanningContext
    sessions: Mapping[int, SessionFacts]
    moved_from: Mapping[int, datetime]
    announced: Collection[int]
    current: Sequence[OpenMessage]

    def by_phone(self, purpose: Purpose, recipients: RecipientsBySession) -> dict[str, list[_SessionMove]]:
        """The moves of which each phone has to hear, sessions earliest first."""
        expected, due = self._open_moves(purpose)
        found: dict[str, list[_SessionMove]] = {}
        for session in sorted(self.sessions.values(), key=lambda each: (each.starts_at, each.id)):
            for phone in dict.fromkeys(each.phone for each in recipients.get(session.id, ())):
                old, due_at = expected.get((phone, session.id)), due.get((phone, session.id))
                if session.id in self.moved_from:
                    old = old or self.moved_from[session.id]
                    due_at = self._due(session, old, purpose)
                if old is not None and due_at is not None and due_at < session.starts_at:
                    found.setdefault(phone, []).append(_SessionMove(session, old, due_at))
        return found

    def _open_moves(
        self, purpose: Purpose
    ) -> tuple[dict[tuple[str, int], datetime], dict[tuple[str, int], datetime]]:
        """By phone and session id: the start that readers of open notices expect; when the notice is due."""
        expected: dict[tuple[str, int], datetime] = {}
        due: dict[tuple[str, int], datetime] = {}
        for message in self.current:
            if message.key.purpose == purpose:
                for session_id, old in message.old_starts.items():
                    expected.setdefault((message.key.phone, session_id), old)
                    due[message.key.phone, session_id] = message.due_at
        return expected, due

    def _due(self, session: SessionFacts, old: datetime, purpose: Purpose) -> datetime | None:
        policy = self.context.policies[session.ward_id].of(session.kind)
        # Helpers have the session in their calendar: they hear of every change at once.
        announced = purpose == "helper_moved" or session.id in self.announced
        window = timing.moved(policy, old, session.starts_at, announced=announced, now=self.context.now)
        return window.due_at if window else None


async def move_notices(
    db: AsyncSession,
    context: PlanningContext,
    current: Iterable[OpenMessage],
    *,
    moved_from: Mapping[int, datetime] = MappingProxyType({}),
    covered: Collection[Coverage] = (),
) -> list[Draft]:
    """Move notices as they should be now; five statements.

    Args:
        current: open messages about the context's sessions; those about moves count.
        moved_from: the former start of sessions of the context that have just moved, by their id.
        covered: what announcements tell of the new times, as in `Announcements.covered`.
    """
    current = [each for each in current if each.key.purpose in MOVES]
    if not current and not moved_from:
        return []
    sessions = await _sessions(db, context, current)
    audience: dict[Purpose, RecipientsBySession] = {
        "session_moved": await learners_to_text(db, sessions),
        "helper_moved": await helpers_to_text(db, sessions),
    }
    announced = await _announced_sessions(db, [sessions[each] for each in moved_from if each in sessions])
    moves = _Moves(context, sessions, moved_from, announced, current)
    wanted: list[Draft] = []
    for purpose, recipients in audience.items():
        for phone, found in moves.by_phone(purpose, recipients).items():
            to_tell = [
                each for each in found if (purpose == "helper_moved", phone, each.session.id) not in covered
            ]
            wanted += _drafts(context, purpose, phone, to_tell, recipients)
    return wanted


async def _sessions(
    db: AsyncSession, context: PlanningContext, current: Iterable[OpenMessage]
) -> dict[int, SessionFacts]:
    """By id the sessions that take place: the context's, and others of which open notices speak."""
    known = {each.id for each in context.sessions}
    sessions = {each.id: each for each in context.sessions if not each.cancelled}
    if further := {session_id for message in current for session_id in message.old_starts} - known:
        sessions |= {each.id: each for each in await sessions_by_id(db, further, after=context.now)}
    return sessions


def _drafts(
    context: PlanningContext,
    purpose: Purpose,
    phone: str,
    moves: Sequence[_SessionMove],
    recipients: RecipientsBySession,
) -> list[Draft]:
    """One message for each group of moves."""
    drafts: list[Draft] = []
    ordered = sorted(moves, key=lambda each: each.grouping_key)
    for _key, found in groupby(ordered, key=lambda each: each.grouping_key):
        group = sorted(found, key=lambda each: (each.session.starts_at, each.session.id))
        sessions = [each.session for each in group]
        people = {one: None for each in sessions for one in recipients[each.id] if one.phone == phone}
        drafts.append(
            drafting.move_notice(
                sessions,
                tuple(people),
                purpose,
                moved_from={each.session.id: each.moved_from for each in group},
                window=Window(min(each.due_at for each in group), sessions[0].starts_at),
                wordings=context.wordings,
            )
        )
    return drafts


async def _announced_sessions(db: AsyncSession, sessions: Collection[SessionFacts]) -> set[int]:
    """Ids of those `sessions` of which a message, or one about a seat in their series, may have arrived."""
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
    found: set[int | None] = set()
    for series_id, session_id, purpose, other_id in rows:
        found |= {session_id, other_id}
        if purpose in SEATS and series_id is not None:
            found |= {each.id for each in sessions if each.series_id == series_id}
    return {each for each in ids if each in found}
