"""The waiting list of a session: who moves up, and when."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, SessionAlreadyCancelled, SessionAlreadyEnded
from scheduling.models import ClassSession, Enrolment
from scheduling.service.locking import lock_sessions
from scheduling.service.seats import enrolments_of, is_active, publish_changes, publish_seats


async def admit_from_waitlist(
    db: AsyncSession, session_id: int, learner_id: int, *, by: Actor, now: datetime
) -> Enrolment:
    """Give somebody who waits a free seat, out of turn if need be.

    Already having one changes nothing.

    Raises:
        NotFound: the learner is not enrolled in this session.
        SessionAlreadyEnded, SessionAlreadyCancelled: it takes nobody any more.
        NotPossibleNow: no seat is free.
    """
    sessions = await lock_sessions(db, [session_id])
    row = (await enrolments_of(db, [session_id], [learner_id])).get((session_id, learner_id))
    if not sessions or row is None or not is_active(row):
        raise NotFound
    [session] = sessions
    if row.state == "enrolled":
        return row
    _check_open(session, now)
    if session.seats_taken >= session.capacity:
        raise NotPossibleNow(
            _(
                "Lớp đã đủ %(n)s chỗ. Khi có người nghỉ hoặc tăng số chỗ thì nhận thêm được.",
                n=session.capacity,
            )
        )
    row.state = "enrolled"
    await db.flush()
    audit.note(db, session, "enrolment.admitted", by=by, now=now, learner_id=learner_id)
    await publish_changes(db, session.id, enrolled=[learner_id], left=[], by=by, now=now)
    await publish_seats(db, {session.id: [learner_id]}, waited=True, by=by, now=now)
    return row


async def fill_free_seats(db: AsyncSession, session_id: int, *, by: Actor, now: datetime) -> tuple[int, ...]:
    """Let those who wait take the free seats, first come first; call it after raising a session's capacity.

    Returns:
        Ids of the learners who moved up.
    """
    promoted: list[int] = []
    for session in await lock_sessions(db, [session_id]):
        free = session.capacity - session.seats_taken
        promoted = await promote(db, session, freed=free, by=by, now=now)
        await publish_changes(db, session.id, enrolled=promoted, left=[], by=by, now=now)
    await publish_seats(db, {session_id: promoted}, waited=True, by=by, now=now)
    return tuple(promoted)


def _check_open(session: ClassSession, now: datetime) -> None:
    if session.cancelled_at is not None:
        raise SessionAlreadyCancelled(session.id)
    if session.ends_at <= now:
        raise SessionAlreadyEnded(session.id)


async def queues_of(db: AsyncSession, session_ids: Collection[int]) -> Mapping[int, Sequence[int]]:
    """Ids of those who wait, by session, first come first."""
    queues: dict[int, list[int]] = {session_id: [] for session_id in session_ids}
    statement = (
        select(Enrolment.session_id, Enrolment.learner_id)
        .where(Enrolment.session_id.in_(session_ids), Enrolment.state == "waitlisted")
        .order_by(Enrolment.queued_at, Enrolment.id)
    )
    for row in await db.execute(statement):
        queues[row.session_id].append(row.learner_id)
    return queues


async def promote(
    db: AsyncSession, session: ClassSession, *, freed: int, by: Actor, now: datetime
) -> list[int]:
    """Seat at most `freed` of those who wait in a locked session that has not begun."""
    if freed <= 0 or session.starts_at <= now or session.cancelled_at is not None:
        return []
    statement = (
        select(Enrolment)
        .where(Enrolment.session_id == session.id, Enrolment.state == "waitlisted")
        .order_by(Enrolment.queued_at, Enrolment.id)
        .limit(freed)
    )
    rows = (await db.scalars(statement)).all()
    for row in rows:
        row.state = "enrolled"
    await db.flush()
    promoted = [row.learner_id for row in rows]
    if promoted:
        audit.note(db, session, "enrolment.moved_up", by=by, now=now, learners=promoted)
    return promoted
