"""Walk-ins: found among the ward's learners or registered, and marked present."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.models import AttendanceMark
from attendance.queries import RollSession
from attendance.service.marks import Mark, check_open, record_marks
from learners.rules import LearnerDetails
from learners.service import learners
from lopso.kernel.access import Actor
from lopso.kernel.errors import Refused


def walk_in_id(form_id: UUID) -> UUID:
    """Client id of a walk-in's mark: the same form sent twice is one learner and one mark."""
    return uuid5(form_id, "walk-in")


async def mark_known(
    db: AsyncSession, session: RollSession, learner_id: int, *, form_id: UUID, by: Actor, now: datetime
) -> int:
    """Mark a known learner present and return their id. Does not commit.

    Raises:
        Refused: no such learner in the session's ward.
        OfferNotAnswered, RollNotOpen, RollOfCancelledSession, RollClosedToHelpers: see `check_open`.
    """
    mark = Mark(learner_id, "present", walk_in_id(form_id))
    saved = await record_marks(db, session, [mark], by=by, now=now)
    for sentence in saved.refused.values():
        raise Refused(sentence)
    return learner_id


async def mark_new(
    db: AsyncSession,
    session: RollSession,
    details: LearnerDetails,
    *,
    form_id: UUID,
    by: Actor,
    now: datetime,
) -> int:
    """Register a learner, mark them present and return their id. Does not commit.

    The caller has offered known learners of that name or phone first.

    Raises:
        OfferNotAnswered, RollNotOpen, RollOfCancelledSession, RollClosedToHelpers: see `check_open`.
    """
    check_open(session, now=now, happened_at=now, offline=False)
    # The same form twice at once: the second waits here, then finds the first one's mark.
    await db.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"walk-in {form_id}"))))
    before = await db.scalar(
        select(AttendanceMark.learner_id).where(AttendanceMark.client_id == walk_in_id(form_id))
    )
    if before is not None:
        return before
    learner = await learners.register(db, session.ward_id, details, by=by, now=now, another=True)
    return await mark_known(db, session, learner.id, form_id=form_id, by=by, now=now)
