"""What every plan needs: the sessions, the policies of their wards, the wordings; and its audit entry."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.queries.policies import policies_for
from notifications.rules import drafting, timing
from notifications.rules.drafts import Draft
from notifications.rules.timing import Policy, Window
from notifications.service.ledger import LedgerChanges, withdraw
from notifications.service.open_messages import OpenMessage
from wordings.queries.sessions import lock_sessions
from wordings.queries.versions import active_wordings
from wordings.rules.facts import PersonKey, Recipient, SessionFacts, Wording

PeopleBySession: TypeAlias = Mapping[int, Set[PersonKey]]
"""Session id → people."""


@dataclass(frozen=True, slots=True)
class PlanningContext:
    """Sessions (rows locked), the policies of their wards by ward id, the wordings in use by code."""

    sessions: Sequence[SessionFacts]
    policies: Mapping[str, Policy]
    wordings: Mapping[str, Wording]
    now: datetime

    def reminders(self, learners: Mapping[int, Sequence[Recipient]]) -> list[Draft]:
        """The reminders still to be sent, of every session; `learners` by session id."""
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

    def immediate_window(self, session: SessionFacts) -> Window | None:
        """The window of a message sent now, or after the quiet hours; None: too late for `session`."""
        return timing.at_once(self.policies[session.ward_id], session.starts_at, self.now)

    def cancellation_window(self, session: SessionFacts) -> Window | None:
        """The window of a cancellation notice: in time to undo it before; None: too late for `session`."""
        return timing.cancellation(self.policies[session.ward_id], session.starts_at, self.now)


async def load_planning_context(
    db: AsyncSession, session_ids: Collection[int], now: datetime, *, cancelled: bool = False
) -> PlanningContext:
    """Lock those of these sessions that are published and still to come, cancelled ones or the others."""
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
    db: AsyncSession, current: Iterable[OpenMessage], left: PeopleBySession, now: datetime
) -> LedgerChanges:
    """Withdraw messages about one session that name nobody but people who left it. Does not commit."""
    empty = [
        each.id
        for each in current
        if not each.other_sessions and each.people and each.people <= left.get(each.session_id, set())
    ]
    await withdraw(db, empty, reason="left", now=now)
    return LedgerChanges(withdrawn=len(empty))


def note_changes(
    db: AsyncSession, sessions: Sequence[SessionFacts], changes: LedgerChanges, *, by: Actor, now: datetime
) -> None:
    """Note what was planned for these sessions in the audit trail, if anything was."""
    if changes:
        subject_id = sessions[0].id if len(sessions) == 1 else "*"
        subject = audit.Subject("class_session", subject_id, sessions[0].ward_id)
        ids = [session.id for session in sessions]
        audit.note(db, subject, "messages.planned", by=by, now=now, sessions=ids, **counted(changes))


def counted(changes: LedgerChanges) -> dict[str, int]:
    """How many messages were planned, changed and withdrawn, for an audit entry."""
    return {"planned": changes.planned, "changed": changes.changed, "withdrawn": changes.withdrawn}
