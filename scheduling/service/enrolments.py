"""Enrolling learners in sessions, and cancelling it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, SessionAlreadyCancelled, SessionAlreadyEnded
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.enrolments import OverlappingSeat, overlapping_seats
from scheduling.queries.learner_search import visible_learners
from scheduling.rules.capacity import SeatAllocation, allocate_seats
from scheduling.service.locking import lock_sessions
from scheduling.service.seats import enrolments_of, is_active, publish_enrolments, publish_seats
from scheduling.service.waitlist import promote, queues_of

LONGEST_REASON = 300  # characters


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

    Sessions are of one ward. Who enrols again after a cancellation joins the end of the waiting list. The
    number of statements grows neither with the learners nor with the sessions.

    Returns:
        One entry a learner and session, by session time, then in the order of `learner_ids`.

    Raises:
        NotPossibleNow: a learner is archived, or not one `by` may see.
    """
    wanted = list(dict.fromkeys(learner_ids))
    sessions = sorted(await lock_sessions(db, session_ids), key=lambda each: each.starts_at)
    ward_id = sessions[0].ward_id if sessions else ""
    learners = await _known(db, wanted, ward_id=ward_id, by=by)
    if set(learners) != set(wanted):
        raise NotPossibleNow(_("Có người không còn trong danh sách. Xin tải lại trang rồi chọn lại."))
    known = await enrolments_of(db, session_ids, wanted)
    queues = await queues_of(db, session_ids)
    changed: dict[tuple[int, int], Enrolment] = {}
    seated: dict[int, Sequence[int]] = {}
    for session in sessions:
        if _closed(session, now) is not None:
            continue
        coming = [learners[each] for each in wanted if not is_active(known.get((session.id, each)))]
        free = session.capacity - session.seats_taken
        seating = allocate_seats([each.id for each in coming], free=free, queue=len(queues[session.id]))
        changed |= _enrol(db, session, coming, known, seating, by=by, now=now)
        seated[session.id] = seating.seated
    await db.flush()
    await publish_enrolments(db, seated, by=by, now=now)
    await publish_seats(db, seated, waited=False, by=by, now=now)
    queues = await queues_of(db, session_ids)
    busy = await overlapping_seats(db, session_ids, wanted)
    rows = {**known, **changed}
    return [
        _result(
            session,
            learners[each],
            rows.get((session.id, each)),
            already=(session.id, each) not in changed,
            position=_position(queues[session.id], each),
            overlap=busy.get((each, session.id)),
            now=now,
        )
        for session in sessions
        for each in wanted
    ]


def _enrol(
    db: AsyncSession,
    session: ClassSession,
    learners: Sequence[Learner],
    known: Mapping[tuple[int, int], Enrolment],
    seating: SeatAllocation,
    *,
    by: Actor,
    now: datetime,
) -> dict[tuple[int, int], Enrolment]:
    """The rows of `learners` in `session`, new or active again, by session and learner; not flushed."""
    rows: dict[tuple[int, int], Enrolment] = {}
    for learner in learners:
        row = known.get((session.id, learner.id)) or _new(session, learner)
        row.state = "enrolled" if learner.id in seating.seated else "waitlisted"
        row.queued_at, row.enrolled_by = now, by.user_id
        row.cancelled_at, row.cancel_reason = None, ""
        db.add(row)
        rows[session.id, learner.id] = row
    if rows:
        seated, waiting = list(seating.seated), list(seating.waiting)
        audit.note(db, session, "enrolment.added", by=by, now=now, seated=seated, waiting=waiting)
    return rows


def _result(
    session: ClassSession,
    learner: Learner,
    row: Enrolment | None,
    *,
    already: bool,
    position: int | None,
    overlap: OverlappingSeat | None,
    now: datetime,
) -> EnrolmentResult:
    state = row.state if row is not None and is_active(row) else None
    return EnrolmentResult(
        learner_id=learner.id,
        name=full_name(learner),
        session_id=session.id,
        starts_at=session.starts_at,
        state=state,
        position=position,
        already=state is not None and already,
        overlap=overlap,
        refusal=_closed(session, now) if state is None else None,
    )


async def cancel_enrolments(
    db: AsyncSession,
    session_ids: Collection[int],
    learner_id: int,
    *,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> list[CancelledEnrolment]:
    """Cancel a learner's enrolments; the first on a waiting list moves up unless the session has begun.

    Sessions in which the learner is not enrolled are passed over.

    Raises:
        SessionAlreadyEnded: all of them have ended.
    """
    sessions = await lock_sessions(db, session_ids)
    open_ones = [session for session in sessions if session.ends_at > now]
    if sessions and not open_ones:
        raise SessionAlreadyEnded(sessions[0].id)
    rows = await enrolments_of(db, [session.id for session in open_ones], [learner_id])
    freed: dict[ClassSession, int] = {}
    for session in sorted(open_ones, key=lambda each: each.starts_at):
        row = rows.get((session.id, learner_id))
        if row is None or not is_active(row):
            continue
        freed[session] = int(row.state == "enrolled")
        row.state, row.cancelled_at = "cancelled", now
        row.cancel_reason = " ".join(reason.split())[:LONGEST_REASON]
        audit.note(db, session, "enrolment.cancelled", by=by, now=now, learner_id=learner_id)
    await db.flush()
    moved_up = await promote(db, freed, by=by, now=now)
    left = {session.id: [learner_id] for session, seats in freed.items() if seats}
    await publish_enrolments(db, moved_up, left, by=by, now=now)
    await publish_seats(db, moved_up, waited=True, by=by, now=now)
    return [CancelledEnrolment(session_id, tuple(learners)) for session_id, learners in moved_up.items()]


def full_name(learner: Learner) -> str:
    """Form of address and name of a learner."""
    return f"{learner.title} {learner.full_name}".strip()


def _new(session: ClassSession, learner: Learner) -> Enrolment:
    return Enrolment(
        ward_id=session.ward_id,
        session_id=session.id,
        learner_id=learner.id,
        learner_ward_id=learner.ward_id,
    )


def _position(queue: Sequence[int], learner_id: int) -> int | None:
    return queue.index(learner_id) + 1 if learner_id in queue else None


def check_open(session: ClassSession, now: datetime) -> None:
    """Learners are enrolled until a session ends.

    Raises:
        SessionAlreadyEnded, SessionAlreadyCancelled: it takes nobody any more.
    """
    if session.cancelled_at is not None:
        raise SessionAlreadyCancelled(session.id)
    if session.ends_at <= now:
        raise SessionAlreadyEnded(session.id)


def _closed(session: ClassSession, now: datetime) -> str | None:
    try:
        check_open(session, now)
    except Refused as refusal:
        return refusal.sentence
    return None


async def _known(db: AsyncSession, ids: Sequence[int], *, ward_id: str, by: Actor) -> Mapping[int, Learner]:
    statement = visible_learners(by, ward_id=ward_id).where(Learner.id.in_(ids))
    return {learner.id: learner for learner in await db.scalars(statement)}
