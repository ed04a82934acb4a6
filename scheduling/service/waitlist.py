"""The waiting list of a session: who moves up, and when."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, SessionAlreadyCancelled, SessionAlreadyEnded
from scheduling.models import ClassSession, Enrolment
from scheduling.service.locking import lock_sessions
from scheduling.service.seats import enrolments_of, is_active, publish_enrolments, publish_seats


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
    seats = {session.id: [learner_id]}
    await publish_enrolments(db, seats, by=by, now=now)
    await publish_seats(db, seats, waited=True, by=by, now=now)
    return row


async def fill_free_seats(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> Mapping[int, Sequence[int]]:
    """Let those who wait take the free seats, first come first; call it when sessions have more of them.

    Returns:
        Ids of the learners who moved up, by session id.
    """
    sessions = await lock_sessions(db, session_ids)
    free = {session: session.capacity - session.seats_taken for session in sessions}
    moved_up = await promote(db, free, by=by, now=now)
    await publish_enrolments(db, moved_up, by=by, now=now)
    await publish_seats(db, moved_up, waited=True, by=by, now=now)
    return moved_up


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
    db: AsyncSession, freed: Mapping[ClassSession, int], *, by: Actor, now: datetime
) -> dict[int, list[int]]:
    """Seat those who wait in locked sessions that have not begun, at most so many in each; two statements.

    Returns:
        Ids of the learners who moved up, first come first, by the id of each session in `freed`.
    """
    moved_up: dict[int, list[int]] = {session.id: [] for session in freed}
    open_ones = {
        session.id: number
        for session, number in freed.items()
        if number > 0 and session.starts_at > now and session.cancelled_at is None
    }
    if not open_ones:
        return moved_up
    turn = func.row_number().over(
        partition_by=Enrolment.session_id, order_by=(Enrolment.queued_at, Enrolment.id)
    )
    waiting = (
        select(Enrolment.id, turn.label("turn"))
        .where(Enrolment.session_id.in_(open_ones), Enrolment.state == "waitlisted")
        .subquery()
    )
    rows = await db.execute(
        select(Enrolment, waiting.c.turn)
        .join(waiting, waiting.c.id == Enrolment.id)
        .where(waiting.c.turn <= max(open_ones.values()))
        .order_by(Enrolment.session_id, waiting.c.turn)
    )
    for row, place in rows:
        if place <= open_ones[row.session_id]:
            row.state = "enrolled"
            moved_up[row.session_id].append(row.learner_id)
    await db.flush()
    for session in freed:
        if moved_up[session.id]:
            learners = moved_up[session.id]
            audit.note(db, session, "enrolment.moved_up", by=by, now=now, learners=learners)
    return moved_up
