"""Undoing one act of enrolling, whole."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from scheduling.models import ClassSession, Enrolment
from scheduling.service.locking import lock_sessions
from scheduling.service.seats import publish_changes, publish_seats
from scheduling.service.waitlist import promote


@dataclass(frozen=True, slots=True)
class UndoneEnrolments:
    """What undoing an act of enrolling changed.

    Attributes:
        removed: ids of the learners taken off, each once.
        promoted: ids of the learners who moved up into the seats.
        begun: how many sessions of the act had begun and stay as they are.
    """

    removed: Sequence[int]
    promoted: Sequence[int]
    begun: int


async def undo_enrolments(
    db: AsyncSession, session_ids: Collection[int], *, enrolled_at: datetime, by: Actor, now: datetime
) -> UndoneEnrolments:
    """Remove the enrolments that `by` made in these sessions at `enrolled_at`. Does not commit.

    They were a mistake, so nobody counts as having given up a seat: the rows go, the audit trail keeps them.
    The first who wait move up into the seats. Whoever left since is not touched. Undoing twice changes
    nothing.
    """
    sessions = await lock_sessions(db, session_ids)
    coming = [each for each in sessions if each.starts_at > now]
    removed: dict[int, None] = {}
    promoted: dict[int, Sequence[int]] = {}
    for session in coming:
        rows = await _made(db, session, enrolled_at, by)
        if not rows:
            continue
        left = [row.learner_id for row in rows if row.state == "enrolled"]
        learner_ids = [row.learner_id for row in rows]
        await db.execute(delete(Enrolment).where(Enrolment.id.in_([row.id for row in rows])))
        audit.note(db, session, "enrolment.undone", by=by, now=now, learners=learner_ids)
        promoted[session.id] = await promote(db, session, freed=len(left), by=by, now=now)
        await publish_changes(db, session.id, enrolled=promoted[session.id], left=left, by=by, now=now)
        removed |= dict.fromkeys(learner_ids)
    await publish_seats(db, promoted, waited=True, by=by, now=now)
    moved_up = dict.fromkeys(each for ids in promoted.values() for each in ids)
    return UndoneEnrolments(list(removed), list(moved_up), len(sessions) - len(coming))


async def _made(
    db: AsyncSession, session: ClassSession, enrolled_at: datetime, by: Actor
) -> Sequence[Enrolment]:
    """Active enrolments that `by` made in a locked session at this instant; one statement."""
    statement = select(Enrolment).where(
        Enrolment.session_id == session.id,
        Enrolment.queued_at == enrolled_at,
        Enrolment.enrolled_by == by.user_id,
        Enrolment.state != "cancelled",
    )
    return (await db.scalars(statement.execution_options(populate_existing=True))).all()
