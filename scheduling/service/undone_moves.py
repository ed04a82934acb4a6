"""Undoing a learner's move to another class."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow
from scheduling.models import ClassSession, Enrolment
from scheduling.service.enrolment_moves import MOVED
from scheduling.service.enrolments import CancelledEnrolment, cancel_enrolments
from scheduling.service.locking import lock_sessions
from scheduling.service.restored_enrolments import RestoredEnrolment, restore_enrolments

MOVE_UNDONE = "đổi nhầm, đã hoàn tác"
"""Why a seat in the other class was given up; the words staff read among those who gave up."""


@dataclass(frozen=True, slots=True)
class UndoneMove:
    """What became of undoing a move: the old sessions, and the seats given up in the other class."""

    restored: Sequence[RestoredEnrolment]
    left: Sequence[CancelledEnrolment]

    @property
    def seat_lost(self) -> bool:
        """Whether somebody else has an old seat by now, so that the learner waits for it."""
        return any(each.position is not None for each in self.restored)


@dataclass(frozen=True, slots=True)
class MovedEnrolments:
    """Ids of the sessions that a learner left and joined by one act, ascending."""

    left: Sequence[int]
    joined: Sequence[int]


async def moved_at(db: AsyncSession, learner_id: int, instant: datetime) -> MovedEnrolments:
    """What one move changed, as far as it still stands; two statements."""
    mine = select(Enrolment.session_id).where(Enrolment.learner_id == learner_id)
    left = await db.scalars(
        mine.where(
            Enrolment.state == "cancelled",
            Enrolment.cancelled_at == instant,
            Enrolment.cancel_reason == MOVED,
        ).order_by(Enrolment.session_id)
    )
    joined = await db.scalars(
        mine.where(Enrolment.state != "cancelled", Enrolment.queued_at == instant).order_by(
            Enrolment.session_id
        )
    )
    return MovedEnrolments(left.all(), joined.all())


async def undo_move(
    db: AsyncSession, learner_id: int, *, instant: datetime, by: Actor, now: datetime
) -> UndoneMove:
    """Undo what `move_enrolments` did at `instant`. Does not commit.

    The old seat is the learner's again where it is free, else the old place on the waiting list. The first
    who waits for the seat in the other class moves up.

    Raises:
        NotFound: no move was made then, or it was undone already.
        NotPossibleNow: the sessions of before have ended or were cancelled, or the learner sat in the other
            class already.
    """
    moved = await moved_at(db, learner_id, instant)
    if not moved.left:
        raise NotFound
    # Locked together, in one order, as the move was.
    sessions = {each.id: each for each in await lock_sessions(db, {*moved.left, *moved.joined})}
    moved = await moved_at(db, learner_id, instant)
    if not moved.left:
        raise NotFound
    _check_not_begun([sessions[each] for each in moved.joined if each in sessions], now)
    # The seats there first: what was planned about them is withdrawn before anybody asks what was read.
    left = await cancel_enrolments(db, moved.joined, learner_id, reason=MOVE_UNDONE, by=by, now=now)
    restored = await restore_enrolments(
        db, learner_id, cancelled_at=instant, instead_of=moved.joined, by=by, now=now
    )
    return UndoneMove(restored, left)


async def try_undoing_move(
    db: AsyncSession, learner_id: int, *, instant: datetime, by: Actor, now: datetime
) -> UndoneMove:
    """What `undo_move` would do. Changes nothing, raises as it does.

    Rolled back to a savepoint: rows read before have to be read again.
    """
    savepoint = await db.begin_nested()
    try:
        return await undo_move(db, learner_id, instant=instant, by=by, now=now)
    finally:
        await savepoint.rollback()


def _check_not_begun(joined: Sequence[ClassSession], now: datetime) -> None:
    if any(each.starts_at <= now for each in joined):
        raise NotPossibleNow(_("Lớp mới đã bắt đầu nên không hoàn tác được nữa. Xin đổi buổi lần nữa."))
