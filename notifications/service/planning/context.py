"""What every plan needs at hand, and the note that it leaves."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.queries.policies import policies_for
from notifications.queries.sessions import lock_sessions
from notifications.queries.wordings import active_wordings
from notifications.rules import drafting
from notifications.rules.drafts import Draft
from notifications.rules.facts import Recipient, SessionFacts, Wording
from notifications.rules.timing import Policy
from notifications.service.ledger import LedgerChanges, OpenMessage, withdraw


@dataclass(frozen=True, slots=True)
class PlanningContext:
    """Sessions (rows locked), their wards' policies, the wordings."""

    sessions: Sequence[SessionFacts]
    policies: Mapping[str, Policy]
    wordings: Mapping[str, Wording]
    now: datetime

    def reminders(self, learners: Mapping[int, Sequence[Recipient]]) -> list[Draft]:
        """The reminders still to come, of every session."""
        return [
            draft
            for session in self.sessions
            for draft in drafting.reminders(
                session,
                learners.get(session.id, ()),
                policy=self.policies[session.ward_id],
                wordings=self.wordings,
                now=self.now,
            )
        ]


async def load_planning_context(
    db: AsyncSession, session_ids: Collection[int], now: datetime, *, cancelled: bool = False
) -> PlanningContext:
    """Published sessions still to come, cancelled ones or the others."""
    sessions = [
        session
        for session in await lock_sessions(db, session_ids)
        if session.cancelled is cancelled and session.starts_at > now
    ]
    if not sessions:
        return PlanningContext((), {}, {}, now)
    policies = await policies_for(db, {session.ward_id for session in sessions})
    return PlanningContext(sessions, policies, await active_wordings(db), now)


async def withdraw_without_recipients(
    db: AsyncSession,
    current: Iterable[OpenMessage],
    left: Collection[tuple[int | None, int | None]],
    now: datetime,
) -> LedgerChanges:
    """Withdraw texts that speak of nobody but people who left."""
    empty = [each.id for each in current if each.people and each.people <= set(left)]
    await withdraw(db, empty, reason="left", now=now)
    return LedgerChanges(withdrawn=len(empty))


def note_changes(
    db: AsyncSession, sessions: Sequence[SessionFacts], changes: LedgerChanges, *, by: Actor, now: datetime
) -> None:
    """An audit row about what was planned for these sessions, if anything was."""
    if changes:
        audit.record(
            db,
            by=by,
            now=now,
            action="messages.planned",
            ward_id=sessions[0].ward_id,
            subject="class_session",
            subject_id=sessions[0].id if len(sessions) == 1 else "*",
            facts={"sessions": [session.id for session in sessions], **counted(changes)},
        )


def counted(changes: LedgerChanges) -> dict[str, int]:
    """How many texts were planned, changed and withdrawn, for an audit row."""
    return {"planned": changes.planned, "changed": changes.changed, "withdrawn": changes.withdrawn}
