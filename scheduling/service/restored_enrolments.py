"""Undoing the cancelling of a learner's enrolments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow
from scheduling.events import EnrolmentsRestored
from scheduling.models import ClassSession, Enrolment
from scheduling.service.locking import lock_sessions
from scheduling.service.seats import enrolments_of, publish_enrolments


@dataclass(frozen=True, slots=True)
class RestoredEnrolment:
    """A learner is in a session again: with a seat, or at `position` of the waiting list, from 1."""

    session_id: int
    position: int | None


async def cancelled_together(db: AsyncSession, learner_id: int, cancelled_at: datetime) -> Sequence[int]:
    """Sessions that a learner left by one act; one statement."""
    found = await db.scalars(
        select(Enrolment.session_id)
        .where(
            Enrolment.learner_id == learner_id,
            Enrolment.state == "cancelled",
            Enrolment.cancelled_at == cancelled_at,
        )
        .order_by(Enrolment.session_id)
    )
    return found.all()


async def restore_enrolments(
    db: AsyncSession,
    learner_id: int,
    *,
    cancelled_at: datetime,
    instead_of: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> list[RestoredEnrolment]:
    """Undo what `cancel_enrolments` did at `cancelled_at`. Does not commit.

    The learner keeps the place in the order of enrolling: a free seat that nobody waits for longer, else
    that place on the waiting list. Whoever moved up meanwhile keeps the seat. Who left was told nothing, so
    only who never read of the seat, or read of one elsewhere, is told.

    Args:
        instead_of: sessions in which the learner had a seat meanwhile.

    Raises:
        NotFound: nothing was cancelled then, or it was undone already.
        NotPossibleNow: all the sessions have ended or were cancelled.
    """
    ids = await cancelled_together(db, learner_id, cancelled_at)
    if not ids:
        raise NotFound
    sessions = [
        each for each in await lock_sessions(db, ids) if each.cancelled_at is None and each.ends_at > now
    ]
    if not sessions:
        raise NotPossibleNow(_("Buổi học đã qua hoặc đã hủy nên không ghi lại được."))
    rows = await enrolments_of(db, [each.id for each in sessions], [learner_id])
    ahead = await _waiting_ahead(db, [row.id for row in rows.values()])
    restored: list[RestoredEnrolment] = []
    for session in sessions:
        row = rows[session.id, learner_id]
        if row.cancelled_at == cancelled_at:  # else somebody else was faster
            restored.append(_restore(db, session, row, ahead[row.id], by=by, now=now))
    await db.flush()
    seated = {each.session_id: [learner_id] for each in restored if each.position is None}
    await publish_enrolments(db, seated, by=by, now=now)
    if seated:
        again, meanwhile = tuple(sorted(seated)), tuple(sorted(instead_of))
        await publish(db, EnrolmentsRestored(learner_id, again, cancelled_at, meanwhile, by, now))
    return restored


def _restore(
    db: AsyncSession, session: ClassSession, row: Enrolment, ahead: int, *, by: Actor, now: datetime
) -> RestoredEnrolment:
    seat = session.capacity - session.seats_taken > ahead
    row.state, row.cancelled_at, row.cancel_reason = "enrolled" if seat else "waitlisted", None, ""
    audit.note(db, session, "enrolment.restored", by=by, now=now, learner_id=row.learner_id, state=row.state)
    return RestoredEnrolment(session.id, None if seat else ahead + 1)


async def _waiting_ahead(db: AsyncSession, enrolment_ids: Sequence[int]) -> Mapping[int, int]:
    """How many wait before each of these enrolments, by its id; one statement."""
    other = aliased(Enrolment)
    rows = await db.execute(
        select(Enrolment.id, func.count(other.id))
        .outerjoin(
            other,
            (other.session_id == Enrolment.session_id)
            & (other.state == "waitlisted")
            & (func.row(other.queued_at, other.id) < func.row(Enrolment.queued_at, Enrolment.id)),
        )
        .where(Enrolment.id.in_(enrolment_ids))
        .group_by(Enrolment.id)
    )
    return {row[0]: row[1] for row in rows}
