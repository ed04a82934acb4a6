"""News that waits to go is written anew when what is known of its readers changes.

Reminders are planned from the calendar at any time; news is told once, so that its words are made again from
what it said: who of its readers is left, and how they are called now.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message, MessageSession
from notifications.queries.recipients import helpers_to_text, learners_by_id
from notifications.rules import drafting
from notifications.rules.drafts import Draft
from notifications.rules.facts import OFFERS, SEATS, Purpose, Recipient, SessionFacts, Wording
from notifications.rules.timing import Window
from notifications.service.ledger import OPEN_STATES, LedgerChanges, OpenMessage, open_messages, reconcile
from notifications.service.planning.announcements import RecipientsBySession, refresh_announcements
from notifications.service.planning.context import PlanningContext, load_planning_context, note_changes
from notifications.service.planning.results import redraft_results
from scheduling.models import ClassSession

_NEWS: tuple[Purpose, ...] = (
    "session_moved",
    "session_cancelled",
    "assignment_changed",
    "assignment_withdrawn",
    "helper_moved",
    "helper_cancelled",
)

# Calling a session off frees its helpers.
_TO_TAKEN_OFF = ("assignment_withdrawn", "helper_cancelled")


@dataclass(frozen=True, slots=True)
class _Readers:
    """Who may be told, as they are called now: learners by id, helpers by session."""

    learners: Mapping[int, Recipient]
    helping: RecipientsBySession
    removed: RecipientsBySession

    def left_of(self, text: OpenMessage, sessions: Sequence[SessionFacts]) -> list[Recipient]:
        """Whom `text` named and may still name."""
        learners = [
            reader
            for learner_id, _trainer_id in sorted(text.people, key=str)
            if (reader := self.learners.get(learner_id or 0)) is not None
        ]
        helpers = self.removed if text.key[1] in _TO_TAKEN_OFF else self.helping
        named = dict.fromkeys(
            one
            for session in sessions
            for one in helpers.get(session.id, ())
            if (None, one.trainer_id) in text.people
        )
        return [each for each in (*learners, *named) if each.phone == text.key[2]]


async def redraft_notices(db: AsyncSession, phone: str, *, by: Actor, now: datetime) -> LedgerChanges:
    """Open news for one number names those of its readers who still want texts, as they are called now.

    Of sessions, and of what somebody has learned. Texts that would name nobody are left to whoever suppresses
    them.
    """
    of_sessions = await _redraft_of_sessions(db, phone, by=by, now=now)
    return of_sessions + await redraft_results(db, phone, by=by, now=now)


async def _redraft_of_sessions(db: AsyncSession, phone: str, *, by: Actor, now: datetime) -> LedgerChanges:
    """A fixed number of statements."""
    waiting = select(Message.id).where(
        Message.to_phone == phone,
        Message.state.in_(OPEN_STATES),
        Message.purpose.in_((*_NEWS, *SEATS, *OFFERS)),
    )
    covered = await db.scalars(
        union(
            select(Message.session_id).where(Message.id.in_(waiting), Message.session_id.is_not(None)),
            select(MessageSession.session_id).where(MessageSession.message_id.in_(waiting)),
        )
    )
    session_ids = sorted(each for each in covered if each is not None)
    if not session_ids:
        return LedgerChanges()
    changes = LedgerChanges()
    for cancelled in (False, True):
        context = await load_planning_context(db, session_ids, now, cancelled=cancelled)
        if not context.sessions:
            continue
        ids = [each.id for each in context.sessions]
        current = [each for each in await open_messages(db, ids, _NEWS) if each.key[2] == phone]
        reasons = await _reasons(db, ids) if cancelled else {}
        redrafted = _redrafted(context, current, await _readers(db, ids, current), reasons)
        kept = [each for each in current if each.id in redrafted]
        changes += await reconcile(db, redrafted.values(), kept, reason="plan_changed", now=now)
        if not cancelled:
            unread = await refresh_announcements(db, context)
            wanted = [each for each in unread.wanted if each.phone == phone]
            mine = [each for each in unread.current if each.key[2] == phone]
            changes += await reconcile(db, wanted, mine, reason="plan_changed", now=now)
        note_changes(db, context.sessions, changes, by=by, now=now)
    return changes


async def _readers(
    db: AsyncSession, session_ids: Collection[int], texts: Collection[OpenMessage]
) -> _Readers:
    learners = {learner_id for each in texts for learner_id, _trainer_id in each.people if learner_id}
    return _Readers(
        await learners_by_id(db, learners),
        await helpers_to_text(db, session_ids),
        await helpers_to_text(db, session_ids, states=("withdrawn", "replaced")),
    )


def _redrafted(
    context: PlanningContext, current: Sequence[OpenMessage], readers: _Readers, reasons: Mapping[int, str]
) -> dict[int, Draft]:
    """Those texts anew, by their id, whose sessions are as they say."""
    here = {each.id: each for each in context.sessions}
    redrafted: dict[int, Draft] = {}
    for each in current:
        versions = {int(each.key[0]): each.session_version} | {
            other.session_id: other.session_version for other in each.other_sessions
        }
        sessions = [
            here[session_id]
            for session_id in versions
            if session_id in here and here[session_id].version == versions[session_id]
        ]
        sessions.sort(key=lambda session: (session.starts_at, session.id))
        people = readers.left_of(each, sessions)
        if people and len(sessions) == len(versions):
            reason = reasons.get(int(each.key[0]), "")
            redrafted[each.id] = _again(each, sessions, people, reason, context.wordings)
    return redrafted


def _again(
    text: OpenMessage,
    sessions: Sequence[SessionFacts],
    people: Sequence[Recipient],
    reason: str,
    wordings: Mapping[str, Wording],
) -> Draft:
    window = Window(text.due_at, text.useless_after)
    match text.key[1]:
        case "session_cancelled" | "helper_cancelled" as purpose:
            return drafting.cancellation_notice(
                sessions, people, purpose, reason=reason, window=window, wordings=wordings
            )
        case "assignment_withdrawn":
            return drafting.removal_notice(sessions, people, window=window, wordings=wordings)
        case "assignment_changed":
            return drafting.role_change_notice(
                sessions[0], people, people[0].role, window=window, wordings=wordings
            )
        case moved:
            told = {int(text.key[0]): text.moved_from} | {
                other.session_id: other.moved_from for other in text.other_sessions
            }
            return drafting.move_notice(
                sessions,
                people,
                "helper_moved" if moved == "helper_moved" else "session_moved",
                moved_from={each.id: told[each.id] or each.starts_at for each in sessions},
                window=window,
                wordings=wordings,
            )


async def _reasons(db: AsyncSession, session_ids: Collection[int]) -> dict[int, str]:
    rows = await db.execute(
        select(ClassSession.id, ClassSession.cancel_reason).where(ClassSession.id.in_(session_ids))
    )
    return {session_id: reason or "" for session_id, reason in rows}
