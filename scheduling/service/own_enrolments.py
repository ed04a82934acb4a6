"""Learners cancel and restore their own enrolment.

Checks no permission: the caller has identified the learner.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, SessionAlreadyCancelled
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.learner_sessions import BUSY
from scheduling.rules.capacity import allocate_seats
from scheduling.service.enrolments import cancel_enrolments
from scheduling.service.locking import lock_sessions
from scheduling.service.seats import publish_enrolments


async def cancel_own_enrolment(
    db: AsyncSession, session_id: int, learner_id: int, *, by: Actor, now: datetime
) -> None:
    """Cancel as busy before the session begins; the first who waits moves up. Twice changes nothing.

    Raises:
        NotFound: the learner was never enrolled in this session, or it is a draft.
        SessionAlreadyCancelled.
        NotPossibleNow: it has begun.
    """
    _session, row = await _own_row(db, session_id, learner_id, now)
    if row.state != "cancelled":
        await cancel_enrolments(db, [session_id], learner_id, reason=BUSY, by=by, now=now)


async def restore_own_enrolment(
    db: AsyncSession, session_id: int, learner_id: int, *, by: Actor, now: datetime
) -> None:
    """Enrol again after cancelling: a free seat, else the end of the waiting list. Twice changes nothing.

    Raises:
        NotFound: the learner was never enrolled in this session.
        SessionAlreadyCancelled.
        NotPossibleNow: it has begun, or staff cancelled the enrolment.
    """
    session, row = await _own_row(db, session_id, learner_id, now)
    if row.state != "cancelled":
        return
    if row.cancel_reason != BUSY:
        raise NotPossibleNow(_("Phường, xã đã đổi danh sách của buổi này. Có việc gì xin gọi phường, xã."))
    queue = await db.scalar(
        select(func.count()).where(Enrolment.session_id == session_id, Enrolment.state == "waitlisted")
    )
    seating = allocate_seats([learner_id], free=session.capacity - session.seats_taken, queue=queue or 0)
    row.state = "enrolled" if seating.seated else "waitlisted"
    row.queued_at, row.cancelled_at, row.cancel_reason = now, None, ""
    await db.flush()
    audit.note(
        db,
        session,
        "enrolment.added",
        by=by,
        now=now,
        seated=list(seating.seated),
        waiting=list(seating.waiting),
    )
    await publish_enrolments(db, {session_id: seating.seated}, by=by, now=now)


async def _own_row(
    db: AsyncSession, session_id: int, learner_id: int, now: datetime
) -> tuple[ClassSession, Enrolment]:
    """The session, locked, and the learner's row in it."""
    sessions = await lock_sessions(db, [session_id])
    row = await db.scalar(
        select(Enrolment)
        .where(Enrolment.session_id == session_id, Enrolment.learner_id == learner_id)
        .execution_options(populate_existing=True)
    )
    if not sessions or row is None or sessions[0].published_at is None:
        raise NotFound
    [session] = sessions
    if session.cancelled_at is not None:
        raise SessionAlreadyCancelled(session_id)
    if session.starts_at <= now:
        raise NotPossibleNow(_("Buổi học đã bắt đầu. Có việc gì xin gọi phường, xã."))
    return session, row
