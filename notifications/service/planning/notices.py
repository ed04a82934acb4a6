"""Rewrite open notices when their readers change.

Reminders are planned from the calendar at any time. A notice tells of a change once, so that it is rebuilt
from what it said: those of its readers who are left, by the names they have now.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message, MessageSession
from notifications.rules import drafting
from notifications.rules.drafts import Draft
from notifications.rules.timing import Window
from notifications.service.ledger import LedgerChanges, reconcile
from notifications.service.open_messages import OPEN_STATES, OpenMessage, open_messages
from notifications.service.planning.announcements import refresh_announcements
from notifications.service.planning.context import PlanningContext, load_planning_context, note_changes
from notifications.service.planning.recipient_groups import RecipientsBySession
from notifications.service.planning.results import redraft_results
from scheduling.models import ClassSession
from wordings.queries.recipients import helpers_to_text, learners_by_id
from wordings.rules.facts import OFFERS, SEATS, Purpose, Recipient, SessionFacts

_NOTICES: tuple[Purpose, ...] = (
    "session_moved",
    "session_cancelled",
    "assignment_changed",
    "assignment_withdrawn",
    "helper_moved",
    "helper_cancelled",
    "session_reopened",
    "helper_reopened",
)
CANCELLATIONS: tuple[Purpose, ...] = ("session_cancelled", "helper_cancelled")
REOPENINGS: tuple[Purpose, ...] = ("session_reopened", "helper_reopened")

# Cancelling a session ends the assignments of its helpers.
_TO_REMOVED_HELPERS = ("assignment_withdrawn", "helper_cancelled")


@dataclass(frozen=True, slots=True)
class _Readers:
    """Who may be told, by the names they have now: learners by id, helpers by session."""

    learners: Mapping[int, Recipient]
    helping: RecipientsBySession
    removed: RecipientsBySession

    def left_of(self, message: OpenMessage, sessions: Sequence[SessionFacts]) -> list[Recipient]:
        """Whom `message` names and may still name."""
        learners = [
            learner
            for learner_id, _trainer_id in sorted(message.people, key=str)
            if (learner := self.learners.get(learner_id or 0)) is not None
        ]
        by_session = self.removed if message.key.purpose in _TO_REMOVED_HELPERS else self.helping
        helpers = dict.fromkeys(
            one for session in sessions for one in by_session.get(session.id, ()) if one.key in message.people
        )
        return [each for each in (*learners, *helpers) if each.phone == message.key.phone]


async def redraft_notices(db: AsyncSession, phone: str, *, by: Actor, now: datetime) -> LedgerChanges:
    """Rewrite open notices to one number for those readers who still want texts, by the names they have now.

    Notices about sessions, and messages about results. Those that would name nobody are left to the caller,
    who suppresses them.
    """
    of_sessions = await _redraft_of_sessions(db, phone, by=by, now=now)
    return of_sessions + await redraft_results(db, phone, by=by, now=now)


async def _redraft_of_sessions(db: AsyncSession, phone: str, *, by: Actor, now: datetime) -> LedgerChanges:
    """A fixed number of statements."""
    session_ids = await _sessions_with_notices(db, phone)
    changes = LedgerChanges()
    if not session_ids:
        return changes
    for cancelled in (False, True):
        context = await load_planning_context(db, session_ids, now, cancelled=cancelled)
        if not context.sessions:
            continue
        found = await _redraft(db, context, phone, cancelled=cancelled)
        if not cancelled:
            found += await _refresh_announcements(db, context, phone)
        note_changes(db, context.sessions, found, by=by, now=now)
        changes += found
    return changes


async def rest_of_notices(
    db: AsyncSession,
    current: Collection[OpenMessage],
    purposes: Collection[Purpose],
    *,
    without: Collection[int],
    now: datetime,
) -> list[Draft]:
    """Open notices of several sessions, rewritten for those that are not in `without`.

    Args:
        purposes: of cancellations, or of reopenings.
        without: ids of sessions of which they are no longer true.
    """
    notices = [each for each in current if each.key.purpose in purposes]
    ids = sorted({each for message in notices for each in message.session_versions} - set(without))
    if not ids:
        return []
    cancelled = not set(purposes).isdisjoint(CANCELLATIONS)
    context = await load_planning_context(db, ids, now, cancelled=cancelled)
    known = {each.id: each for each in context.sessions}
    readers, reasons = await _readers(db, ids, notices), await _reasons(db, ids)
    drafts: list[Draft] = []
    for message in notices:
        sessions = [known[each] for each in message.session_versions if each in known]
        sessions.sort(key=lambda session: (session.starts_at, session.id))
        people = readers.left_of(message, sessions)
        if sessions and people:
            reason = reasons.get(sessions[0].id, "")
            drafts.append(_redrafted_one(context, message, sessions, people, reason))
    return drafts


async def _sessions_with_notices(db: AsyncSession, phone: str) -> list[int]:
    """Ids of the sessions of which open notices and announcements to this number speak, ascending."""
    open_ones = select(Message.id).where(
        Message.to_phone == phone,
        Message.state.in_(OPEN_STATES),
        Message.purpose.in_((*_NOTICES, *SEATS, *OFFERS)),
    )
    found = await db.scalars(
        union(
            select(Message.session_id).where(Message.id.in_(open_ones), Message.session_id.is_not(None)),
            select(MessageSession.session_id).where(MessageSession.message_id.in_(open_ones)),
        )
    )
    return sorted(each for each in found if each is not None)


async def _redraft(
    db: AsyncSession, context: PlanningContext, phone: str, *, cancelled: bool
) -> LedgerChanges:
    ids = [each.id for each in context.sessions]
    current = [each for each in await open_messages(db, ids, _NOTICES) if each.key.phone == phone]
    reasons = await _reasons(db, ids) if cancelled else {}
    redrafted = _redrafted(context, current, await _readers(db, ids, current), reasons)
    kept = [each for each in current if each.id in redrafted]
    return await reconcile(db, redrafted.values(), kept, reason="plan_changed", now=context.now)


async def _refresh_announcements(db: AsyncSession, context: PlanningContext, phone: str) -> LedgerChanges:
    unread = await refresh_announcements(db, context)
    wanted = [each for each in unread.wanted if each.phone == phone]
    current = [each for each in unread.current if each.key.phone == phone]
    return await reconcile(db, wanted, current, reason="plan_changed", now=context.now)


async def _readers(
    db: AsyncSession, session_ids: Collection[int], messages: Collection[OpenMessage]
) -> _Readers:
    learners = {learner_id for each in messages for learner_id, _trainer_id in each.people if learner_id}
    return _Readers(
        await learners_by_id(db, learners),
        await helpers_to_text(db, session_ids),
        await helpers_to_text(db, session_ids, states=("withdrawn", "replaced")),
    )


def _redrafted(
    context: PlanningContext,
    current: Sequence[OpenMessage],
    readers: _Readers,
    reasons: Mapping[int, str],
) -> dict[int, Draft]:
    """By id the drafts of those messages whose sessions all are as they say."""
    known = {each.id: each for each in context.sessions}
    redrafted: dict[int, Draft] = {}
    for message in current:
        versions = message.session_versions
        sessions = [
            known[session_id]
            for session_id, version in versions.items()
            if session_id in known and known[session_id].version == version
        ]
        sessions.sort(key=lambda session: (session.starts_at, session.id))
        people = readers.left_of(message, sessions)
        if people and len(sessions) == len(versions):
            reason = reasons.get(message.session_id, "")
            redrafted[message.id] = _redrafted_one(context, message, sessions, people, reason)
    return redrafted


def _redrafted_one(
    context: PlanningContext,
    message: OpenMessage,
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    reason: str,
) -> Draft:
    window, wordings = Window(message.due_at, message.useless_after), context.wordings
    match message.key.purpose:
        case "session_cancelled" | "helper_cancelled" as purpose:
            return drafting.cancellation_notice(
                sessions, people, purpose, reason=reason, window=window, wordings=wordings
            )
        case "session_reopened" | "helper_reopened" as purpose:
            return drafting.reopening_notice(sessions, people, purpose, window=window, wordings=wordings)
        case "assignment_withdrawn":
            return drafting.removal_notice(sessions, people, window=window, wordings=wordings)
        case "assignment_changed":
            role = people[0].role
            return drafting.role_change_notice(sessions[0], people, role, window=window, wordings=wordings)
        case purpose:
            old_starts = {each.id: message.old_starts.get(each.id, each.starts_at) for each in sessions}
            return drafting.move_notice(
                sessions, people, purpose, moved_from=old_starts, window=window, wordings=wordings
            )


async def _reasons(db: AsyncSession, session_ids: Collection[int]) -> dict[int, str]:
    """Session id → why it was cancelled."""
    rows = await db.execute(
        select(ClassSession.id, ClassSession.cancel_reason).where(ClassSession.id.in_(session_ids))
    )
    return {session_id: reason or "" for session_id, reason in rows}
