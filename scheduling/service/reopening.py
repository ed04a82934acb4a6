"""Opening cancelled sessions again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.db import violated
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, RoomTaken
from scheduling.events import SessionsReopened
from scheduling.labels.sessions import room_taken_label
from scheduling.models import Assignment, ClassSession
from scheduling.queries.places import with_place
from scheduling.queries.series import bookings_at
from scheduling.rules.plan import SessionPlace
from scheduling.rules.recurrence import Slot
from scheduling.service.locking import lock_helpers
from scheduling.service.offers import refusals_for
from scheduling.service.places import lock_place
from scheduling.service.waitlist import fill_free_seats

_ROOM_ONCE = "ex_class_session_room_once"


@dataclass(frozen=True, slots=True)
class Reopening:
    """What became of opening sessions again.

    Attributes:
        session_ids: ascending.
        left_out: why helpers of before are not in them again, a sentence each.
    """

    session_ids: tuple[int, ...]
    left_out: tuple[str, ...]


async def reopen_sessions(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> Reopening:
    """Undo the cancelling of sessions, by one act. Does not commit.

    Learners keep their seats, and whoever waits takes those that became free. Helpers are asked or agreed as
    before the cancelling, but for those who are elsewhere or away by now. Sessions that are not cancelled are
    passed over. They are of one ward; the number of statements grows with their places, not with the
    sessions.

    Raises:
        NotPossibleNow: one has ended; its place was closed; or none is cancelled.
        RoomTaken: something else is in a room by now; the sentence says what and when.
    """
    sessions = [each for each in await _lock(db, session_ids) if each.cancelled_at is not None]
    if not sessions:
        raise NotPossibleNow(_("Buổi này đã được mở lại từ trước."))
    if any(each.ends_at <= now for each in sessions):
        raise NotPossibleNow(_("Buổi này đã qua giờ nên không mở lại được nữa."))
    await _check_places(db, sessions)
    ended = await _ended_by_cancelling(db, sessions)
    await _reopen(db, sessions, by=by, now=now)
    left_out = await _restore_helpers(db, sessions, ended, by=by, now=now)
    public = tuple(each.id for each in sessions if each.published_at is not None)
    if public:
        await publish(db, SessionsReopened(public, by, now))
    ids = tuple(each.id for each in sessions)
    await fill_free_seats(db, ids, by=by, now=now)  # given up while they were cancelled
    return Reopening(ids, left_out)


async def _lock(db: AsyncSession, session_ids: Collection[int]) -> Sequence[ClassSession]:
    """In id order and with the strongest lock, as `lock_session` does."""
    found = await db.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_(session_ids))
        .order_by(ClassSession.id)
        .options(*with_place())
        .with_for_update(of=ClassSession)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def _check_places(db: AsyncSession, sessions: Sequence[ClassSession]) -> None:
    """Lock the places, rooms in id order, and check that nothing else is there; three statements a place."""
    slots: dict[SessionPlace, list[Slot]] = {}
    for session in sessions:
        place = SessionPlace(session.room_id, session.market_id)
        slots.setdefault(place, []).append(Slot(session.starts_at, session.ends_at))
    for place in sorted(slots, key=lambda each: (each.room_id or 0, each.market_id or 0)):
        try:
            await lock_place(db, sessions[0].ward_id, place)
        except NotFound as error:
            raise NotPossibleNow(
                _("Phòng hoặc chợ của buổi này đã đóng. Xin lên lịch một buổi mới ở nơi khác.")
            ) from error
        booked = await bookings_at(db, place.room_id, slots[place])
        if booked:
            slot = min(booked)
            raise RoomTaken(room_taken_label(slot, booked[slot]))


async def _ended_by_cancelling(db: AsyncSession, sessions: Sequence[ClassSession]) -> Sequence[Assignment]:
    """The assignments that the cancelling ended, helpers loaded and locked."""
    cancelled_at = {each.id: each.cancelled_at for each in sessions}
    rows = await db.scalars(
        select(Assignment)
        .where(Assignment.session_id.in_(cancelled_at), Assignment.state == "withdrawn")
        .options(joinedload(Assignment.trainer))
        .order_by(Assignment.session_id, Assignment.id)
        .execution_options(populate_existing=True)
    )
    ended = [row for row in rows if row.answered_at == cancelled_at[row.session_id]]
    await lock_helpers(db, {row.trainer_id for row in ended})
    return ended


async def _reopen(db: AsyncSession, sessions: Sequence[ClassSession], *, by: Actor, now: datetime) -> None:
    for session in sessions:
        audit.note(db, session, "session.reopened", by=by, now=now, reason=session.cancel_reason)
    try:
        async with db.begin_nested():
            for session in sessions:
                session.cancelled_at, session.cancel_reason = None, None
                session.version += 1
            await db.flush()
    except IntegrityError as error:
        if violated(error) != _ROOM_ONCE:
            raise
        slot = Slot(sessions[0].starts_at, sessions[0].ends_at)
        raise RoomTaken(room_taken_label(slot, ())) from error


async def _restore_helpers(
    db: AsyncSession,
    sessions: Sequence[ClassSession],
    ended: Sequence[Assignment],
    *,
    by: Actor,
    now: datetime,
) -> tuple[str, ...]:
    """Ask or book again those who could be asked now; why the others are not, a sentence each."""
    trainers = {row.trainer_id: row.trainer for row in ended}
    obstacles = await refusals_for(db, sessions, list(trainers.values()), by=by, now=now)
    left_out: list[str] = []
    for row in ended:
        obstacle = obstacles.get((row.trainer_id, row.session_id))
        if row.trainer.left_at is not None:
            left_out.append(_("%(name)s đã nghỉ, không còn dạy.", name=row.trainer.full_name))
        elif obstacle is not None:
            left_out.append(obstacle)
        else:
            row.state = "accepted" if row.accepted_at is not None else "offered"
            row.answered_at, row.accepted_at, row.reason = row.accepted_at, None, ""
    await db.flush()
    return tuple(dict.fromkeys(left_out))


async def try_reopening(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> Reopening | str:
    """What `reopen_sessions` would do, or the sentence with which it refuses. Changes nothing.

    Rolled back to a savepoint: rows read before have to be read again.
    """
    savepoint = await db.begin_nested()
    try:
        return await reopen_sessions(db, session_ids, by=by, now=now)
    except Refused as refusal:
        return refusal.sentence
    finally:
        await savepoint.rollback()
