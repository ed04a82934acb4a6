"""Undoing one act of enrolling, whole."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from scheduling.models import ClassSession, Enrolment
from scheduling.service.locking import lock_sessions
from scheduling.service.seats import publish_enrolments, publish_seats
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
    db: AsyncSession,
    session_ids: Collection[int],
    *,
    enrolled_at: datetime,
    by: Actor,
    now: datetime,
    learner_id: int | None = None,
) -> UndoneEnrolments:
    """Remove the enrolments that `by` made in these sessions at `enrolled_at`. Does not commit.

    With `learner_id` only those of one learner.

    They were a mistake, so nobody counts as having given up a seat: the rows go, the audit trail keeps them.
    The first who wait move up into the seats. Whoever left since is not touched. Undoing twice changes
    nothing.
    """
    sessions = await lock_sessions(db, session_ids)
    coming = [each for each in sessions if each.starts_at > now]
    made = await _remove(db, [each.id for each in coming], enrolled_at, by, learner_id)
    freed: dict[ClassSession, int] = {}
    left: dict[int, Sequence[int]] = {}
    for session in coming:
        rows = [row for row in made if row.session_id == session.id]
        if not rows:
            continue
        learners = [row.learner_id for row in rows]
        audit.note(db, session, "enrolment.undone", by=by, now=now, learners=learners)
        left[session.id] = [row.learner_id for row in rows if row.state == "enrolled"]
        freed[session] = len(left[session.id])
    promoted = await promote(db, freed, by=by, now=now)
    await publish_enrolments(db, promoted, left, by=by, now=now)
    await publish_seats(db, promoted, waited=True, by=by, now=now)
    removed = dict.fromkeys(row.learner_id for row in made)
    moved_up = dict.fromkeys(each for ids in promoted.values() for each in ids)
    return UndoneEnrolments(list(removed), list(moved_up), len(sessions) - len(coming))


async def _remove(
    db: AsyncSession, session_ids: Collection[int], enrolled_at: datetime, by: Actor, learner_id: int | None
) -> Sequence[Row[int, int, str]]:
    """Delete active enrolments that `by` made in locked sessions at this instant; one statement.

    Args:
        learner_id: only those of this learner.

    Returns:
        Session, learner and state of each.
    """
    removed = await db.execute(
        delete(Enrolment)
        .where(
            Enrolment.session_id.in_(session_ids),
            Enrolment.queued_at == enrolled_at,
            Enrolment.enrolled_by == by.user_id,
            Enrolment.state != "cancelled",
            *([] if learner_id is None else [Enrolment.learner_id == learner_id]),
        )
        .returning(Enrolment.session_id, Enrolment.learner_id, Enrolment.state)
    )
    return removed.all()
