"""Giving learners a seat, and taking it back: no seat is given twice, nobody passes the queue unseen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, SessionAlreadyCancelled, SessionAlreadyEnded
from scheduling.events import EnrolmentsChanged, SeatsGiven
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.enrolments import OverlappingSeat, overlapping_seats, visible_learners
from scheduling.rules.capacity import allocate_seats
from scheduling.service.locking import lock_sessions

LONGEST_REASON = 300  # characters

_Rows = Mapping[tuple[int, int], Enrolment]
"""Enrolments by (session id, learner id)."""


@dataclass(frozen=True, slots=True)
class EnrolmentResult:
    """What became of enrolling one learner in one session.

    Attributes:
        state: "enrolled" or "waitlisted"; None when the session takes nobody any more.
        position: place on the waiting list, from 1.
        already: it was so before; nothing was changed.
        overlap: a seat in another session at the same time; people are warned, not stopped.
        refusal: why the session takes nobody.
    """

    learner_id: int
    name: str
    session_id: int
    starts_at: datetime
    state: str | None
    position: int | None = None
    already: bool = False
    overlap: OverlappingSeat | None = None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class CancelledEnrolment:
    """One session left by a learner, and the learners who moved up from its waiting list."""

    session_id: int
    promoted: tuple[int, ...]


async def enrol(
    db: AsyncSession,
    session_ids: Collection[int],
    learner_ids: Sequence[int],
    *,
    by: Actor,
    now: datetime,
) -> list[EnrolmentResult]:
    """Give every learner a seat in every session, or a place on its waiting list when it is full.

    Sessions are of one ward. Who comes back after giving up stands at the end of the queue. The number of
    statements does not grow with the number of learners.

    Returns:
        One entry a learner and session, by session time, then in the order of `learner_ids`.

    Raises:
        NotPossibleNow: a learner is not on the books, or not one `by` may see.
    """
    wanted = list(dict.fromkeys(learner_ids))
    sessions = sorted(await lock_sessions(db, session_ids), key=lambda each: each.starts_at)
    ward_id = sessions[0].ward_id if sessions else ""
    learners = await _known(db, wanted, ward_id=ward_id, by=by)
    if set(learners) != set(wanted):
        raise NotPossibleNow(_("Có người không còn trong danh sách. Xin tải lại trang rồi chọn lại."))
    known = await _rows(db, session_ids, wanted)
    queues = await _queues(db, session_ids)
    changed: dict[tuple[int, int], Enrolment] = {}
    seated: dict[int, Sequence[int]] = {}
    for session in sessions:
        if _closed(session, now) is not None:
            continue
        coming = [each for each in wanted if not _is_active(known.get((session.id, each)))]
        seating = allocate_seats(
            coming, free=session.capacity - session.seats_taken, queue=len(queues[session.id])
        )
        for learner_id in coming:
            state = "enrolled" if learner_id in seating.seated else "waitlisted"
            row = known.get((session.id, learner_id)) or _new(session, learners[learner_id])
            row.state, row.queued_at, row.enrolled_by = state, now, by.user_id
            row.cancelled_at, row.cancel_reason = None, ""
            db.add(row)
            changed[session.id, learner_id] = row
        await db.flush()
        await _report(db, session, seated=seating.seated, waiting=seating.waiting, by=by, now=now)
        seated[session.id] = seating.seated
    await _publish_seats(db, seated, waited=False, by=by, now=now)
    queues = await _queues(db, session_ids)
    busy = await overlapping_seats(db, session_ids, wanted)
    rows = {**known, **changed}

    def outcome(session: ClassSession, learner_id: int) -> EnrolmentResult:
        key = (session.id, learner_id)
        row = rows.get(key)
        state = row.state if row is not None and _is_active(row) else None
        return EnrolmentResult(
            learner_id=learner_id,
            name=full_name(learners[learner_id]),
            session_id=session.id,
            starts_at=session.starts_at,
            state=state,
            position=_position(queues[session.id], learner_id),
            already=state is not None and key not in changed,
            overlap=busy.get((learner_id, session.id)),
            refusal=_closed(session, now) if state is None else None,
        )

    return [outcome(session, each) for session in sessions for each in wanted]


async def cancel_enrolments(
    db: AsyncSession,
    session_ids: Collection[int],
    learner_id: int,
    *,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> list[CancelledEnrolment]:
    """Take a learner off sessions, seat or queue; whoever waits first moves up while a session has not begun.

    Sessions in which the learner does not stand are passed over.

    Raises:
        SessionAlreadyEnded: all of them have ended.
    """
    sessions = await lock_sessions(db, session_ids)
    open_ones = [session for session in sessions if session.ends_at > now]
    if sessions and not open_ones:
        raise SessionAlreadyEnded(sessions[0].id)
    rows = await _rows(db, [session.id for session in open_ones], [learner_id])
    given_up: list[CancelledEnrolment] = []
    for session in sorted(open_ones, key=lambda each: each.starts_at):
        row = rows.get((session.id, learner_id))
        if row is None or not _is_active(row):
            continue
        left = [learner_id] if row.state == "enrolled" else []
        row.state, row.cancelled_at = "cancelled", now
        row.cancel_reason = " ".join(reason.split())[:LONGEST_REASON]
        await db.flush()
        audit.note(db, session, "enrolment.cancelled", by=by, now=now, learner_id=learner_id)
        promoted = await _promote(db, session, freed=len(left), by=by, now=now)
        await _publish_changes(db, session.id, enrolled=promoted, left=left, by=by, now=now)
        given_up.append(CancelledEnrolment(session.id, tuple(promoted)))
    moved_up = {each.session_id: each.promoted for each in given_up}
    await _publish_seats(db, moved_up, waited=True, by=by, now=now)
    return given_up


async def admit_from_waitlist(
    db: AsyncSession, session_id: int, learner_id: int, *, by: Actor, now: datetime
) -> Enrolment:
    """Give somebody who waits a free seat, out of turn if need be: the coordinator knows why.

    Already having one changes nothing.

    Raises:
        NotFound: the learner does not stand in this session.
        SessionAlreadyEnded, SessionAlreadyCancelled: it takes nobody any more.
        NotPossibleNow: no seat is free.
    """
    sessions = await lock_sessions(db, [session_id])
    row = (await _rows(db, [session_id], [learner_id])).get((session_id, learner_id))
    if not sessions or row is None or not _is_active(row):
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
    await _publish_changes(db, session.id, enrolled=[learner_id], left=[], by=by, now=now)
    await _publish_seats(db, {session.id: [learner_id]}, waited=True, by=by, now=now)
    return row


async def fill_free_seats(db: AsyncSession, session_id: int, *, by: Actor, now: datetime) -> tuple[int, ...]:
    """Let those who wait take the free seats, first come first; call it after raising a session's capacity.

    Returns:
        Ids of the learners who moved up.
    """
    promoted: list[int] = []
    for session in await lock_sessions(db, [session_id]):
        free = session.capacity - session.seats_taken
        promoted = await _promote(db, session, freed=free, by=by, now=now)
        await _publish_changes(db, session.id, enrolled=promoted, left=[], by=by, now=now)
    await _publish_seats(db, {session_id: promoted}, waited=True, by=by, now=now)
    return tuple(promoted)


def full_name(learner: Learner) -> str:
    """How a learner is spoken of: form of address and name."""
    return f"{learner.title} {learner.full_name}".strip()


def _new(session: ClassSession, learner: Learner) -> Enrolment:
    return Enrolment(
        ward_id=session.ward_id,
        session_id=session.id,
        learner_id=learner.id,
        learner_ward_id=learner.ward_id,
    )


def _is_active(row: Enrolment | None) -> bool:
    return row is not None and row.state != "cancelled"


def _position(queue: Sequence[int], learner_id: int) -> int | None:
    return queue.index(learner_id) + 1 if learner_id in queue else None


def _closed(session: ClassSession, now: datetime) -> str | None:
    if session.cancelled_at is not None:
        return SessionAlreadyCancelled(session.id).sentence
    return SessionAlreadyEnded(session.id).sentence if session.ends_at <= now else None


def _check_open(session: ClassSession, now: datetime) -> None:
    if session.cancelled_at is not None:
        raise SessionAlreadyCancelled(session.id)
    if session.ends_at <= now:
        raise SessionAlreadyEnded(session.id)


async def _known(db: AsyncSession, ids: Sequence[int], *, ward_id: str, by: Actor) -> Mapping[int, Learner]:
    statement = visible_learners(by, ward_id=ward_id).where(Learner.id.in_(ids))
    return {learner.id: learner for learner in await db.scalars(statement)}


async def _rows(db: AsyncSession, session_ids: Collection[int], learner_ids: Collection[int]) -> _Rows:
    statement = (
        select(Enrolment)
        .where(Enrolment.session_id.in_(session_ids), Enrolment.learner_id.in_(learner_ids))
        .execution_options(populate_existing=True)
    )
    return {(row.session_id, row.learner_id): row for row in await db.scalars(statement)}


async def _queues(db: AsyncSession, session_ids: Collection[int]) -> Mapping[int, Sequence[int]]:
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


async def _promote(
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


async def _report(
    db: AsyncSession,
    session: ClassSession,
    *,
    seated: Sequence[int],
    waiting: Sequence[int],
    by: Actor,
    now: datetime,
) -> None:
    if seated or waiting:
        audit.note(db, session, "enrolment.added", by=by, now=now, seated=list(seated), waiting=list(waiting))
    await _publish_changes(db, session.id, enrolled=seated, left=[], by=by, now=now)


async def _publish_changes(
    db: AsyncSession,
    session_id: int,
    *,
    enrolled: Sequence[int],
    left: Sequence[int],
    by: Actor,
    now: datetime,
) -> None:
    if not enrolled and not left:
        return
    fact = EnrolmentsChanged(
        session_id, enrolled=tuple(sorted(enrolled)), left=tuple(sorted(left)), by=by, at=now
    )
    await publish(db, fact)


async def _publish_seats(
    db: AsyncSession, seats: Mapping[int, Sequence[int]], *, waited: bool, by: Actor, now: datetime
) -> None:
    given = tuple(
        (session_id, tuple(sorted(seats[session_id]))) for session_id in sorted(seats) if seats[session_id]
    )
    if given:
        await publish(db, SeatsGiven(given, waited, by, now))
