"""Moving a learner to another class: all of it, or nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, SessionAlreadyCancelled, SessionAlreadyEnded
from scheduling.models import ClassSession
from scheduling.service.enrolments import CancelledEnrolment, cancel_enrolments, enrol
from scheduling.service.locking import lock_sessions
from scheduling.service.seats import enrolments_of, is_active
from scheduling.service.waitlist import queues_of

MOVED = "chuyển sang lớp khác"
"""Why a seat was given up for one in another class; the words staff read among those who gave up."""


@dataclass(frozen=True, slots=True)
class EnrolmentMove:
    """What became of a move: the sessions left, with who moved up there, and the sessions joined."""

    left: Sequence[CancelledEnrolment]
    joined: Sequence[int]


async def move_enrolments(
    db: AsyncSession,
    learner_id: int,
    *,
    leave: Collection[int],
    join: Collection[int],
    by: Actor,
    now: datetime,
) -> EnrolmentMove:
    """Give a learner seats in the sessions `join` for those in `leave`. Does not commit.

    The first who waits moves up in a session that is left. A seat is taken only where nobody waits for it.

    Raises:
        NotPossibleNow: a session of `join` has no free seat, or the learner is in none of `leave`; nothing
            is changed.
        SessionAlreadyEnded, SessionAlreadyCancelled: a session of `join` takes nobody any more.
    """
    # Locked together, in one order: two moves crosswise would otherwise wait for each other.
    sessions = {each.id: each for each in await lock_sessions(db, {*leave, *join})}
    rows = await enrolments_of(db, list(sessions), [learner_id])
    if not any(is_active(rows.get((session_id, learner_id))) for session_id in leave):
        raise NotPossibleNow(_("Người này không còn trong buổi cũ. Xin tải lại trang rồi chọn lại."))
    wanted = [sessions[each] for each in join if not is_active(rows.get((each, learner_id)))]
    await _check_seats(db, wanted, now)
    left = await cancel_enrolments(db, leave, learner_id, reason=MOVED, by=by, now=now)
    done = await enrol(db, join, [learner_id], by=by, now=now)
    return EnrolmentMove(left, [each.session_id for each in done if each.state == "enrolled"])


async def _check_seats(db: AsyncSession, sessions: Sequence[ClassSession], now: datetime) -> None:
    queues = await queues_of(db, [each.id for each in sessions])
    for session in sessions:
        if session.cancelled_at is not None:
            raise SessionAlreadyCancelled(session.id)
        if session.ends_at <= now:
            raise SessionAlreadyEnded(session.id)
    full = [each for each in sessions if each.capacity - each.seats_taken <= len(queues[each.id])]
    if full:
        dates = ", ".join(
            formatting.day_and_hours(each.starts_at, each.ends_at)
            for each in sorted(full, key=lambda each: each.starts_at)
        )
        raise NotPossibleNow(_("Đã hết chỗ: %(dates)s. Chưa đổi gì, người học vẫn giữ chỗ cũ.", dates=dates))
