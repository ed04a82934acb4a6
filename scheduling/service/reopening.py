"""Undoing the cancelling of sessions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.db import violated
from lopso.kernel.errors import NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, RoomTaken
from scheduling.events import SessionsReopened
from scheduling.labels.sessions import room_taken_label
from scheduling.models import ClassSession
from scheduling.queries.places import with_place
from scheduling.queries.series import bookings_at
from scheduling.queries.series_scope import families_of
from scheduling.rules.plan import SessionPlace
from scheduling.rules.recurrence import Slot
from scheduling.service.locking import lock_series
from scheduling.service.places import lock_place
from scheduling.service.series_end import restore_ends
from scheduling.service.waitlist import fill_free_seats

_ROOM_ONCE = "ex_class_session_room_once"


async def uncancel_sessions(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> Mapping[ClassSession, datetime]:
    """Undo the cancelling of sessions by one act; when each was cancelled. Does not commit.

    Sessions that are not cancelled are passed over. They are of one ward; the number of statements grows with
    their places, not with the sessions. Publishes nothing: `publish_reopening` does, once the helpers are
    in the sessions again.

    Raises:
        NotPossibleNow: one has ended; its place was closed; or none is cancelled.
        RoomTaken: something else is in a room by now; the sentence says what and when.
    """
    await lock_series(db, families_of(session_ids))
    locked = await _lock(db, session_ids)
    sessions = {each: each.cancelled_at for each in locked if each.cancelled_at is not None}
    if not sessions:
        raise NotPossibleNow(_("Buổi này đã được mở lại từ trước."))
    if any(each.ends_at <= now for each in sessions):
        raise NotPossibleNow(_("Buổi này đã qua giờ nên không mở lại được nữa."))
    await _check_places(db, list(sessions))
    await _write(db, list(sessions), by=by, now=now)
    await restore_ends(db, sessions)
    return sessions


async def publish_reopening(
    db: AsyncSession, sessions: Collection[ClassSession], *, by: Actor, now: datetime
) -> None:
    """Publish once that sessions take place again, and give seats that became free to those who wait."""
    public = tuple(each.id for each in sessions if each.published_at is not None)
    if public:
        await publish(db, SessionsReopened(public, by, now))
    await fill_free_seats(db, [each.id for each in sessions], by=by, now=now)  # given up meanwhile


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


async def _write(db: AsyncSession, sessions: Sequence[ClassSession], *, by: Actor, now: datetime) -> None:
    for session in sessions:
        audit.note(db, session, "session.reopened", by=by, now=now, reason=session.cancel_reason)
    try:
        async with db.begin_nested():
            for session in sessions:
                session.cancelled_at, session.cancel_reason, session.closure_id = None, None, None
                session.version += 1
            await db.flush()
    except IntegrityError as error:
        if violated(error) != _ROOM_ONCE:
            raise
        slot = Slot(sessions[0].starts_at, sessions[0].ends_at)
        raise RoomTaken(room_taken_label(slot, ())) from error
