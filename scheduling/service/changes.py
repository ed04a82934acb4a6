"""Changing one session that is planned."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit, formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.db import violated
from lopso.kernel.errors import Refused
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import HelperBusy, NotPossibleNow, RoomTaken
from scheduling.events import SessionsMoved, SessionsReworded
from scheduling.labels.sessions import booking_label
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.queries import sessions as queries
from scheduling.queries.session_values import values_of
from scheduling.rules.plan import SessionChange, SessionValues, apply_change
from scheduling.rules.recurrence import Slot
from scheduling.service.locking import lock_helpers
from scheduling.service.places import lock_place
from scheduling.service.sessions import lock_session, room_taken_sentence
from scheduling.service.waitlist import fill_free_seats


async def change_session(
    db: AsyncSession, session_id: int, change: SessionChange, *, by: Actor, now: datetime
) -> ClassSession:
    """Change one session; its helpers move along in time. Does not commit.

    Raises:
        SessionNotFound: no such session.
        RoomTaken, HelperBusy: the room or a helper is booked then; the sentence names the booking.
        NotPossibleNow: it began, was cancelled, or more people have a seat than there would be seats.
    """
    session = await lock_session(db, session_id)
    before = values_of(session)
    if await change_locked_session(db, session, apply_change(before, change), by=by, now=now):
        await publish_session_changes(db, [(session, before)], by=by, now=now)
    return session


async def change_locked_session(
    db: AsyncSession,
    session: ClassSession,
    after: SessionValues,
    *,
    rule_start: datetime | None = None,
    by: Actor,
    now: datetime,
) -> bool:
    """Bring a locked session to `after`; whether anything was different. Raises as `change_session`.

    Publishes nothing: `publish_session_changes` does, once for all that one act has changed.

    Args:
        rule_start: where the rule of its series now puts it; None: where it did before.
    """
    before = values_of(session)
    if after == before:
        return False
    check_changeable(session, now)
    if after.slot != before.slot and after.slot.starts_at <= now:
        raise NotPossibleNow(_("Giờ mới đã qua; hãy chọn giờ sắp tới."))
    if after.capacity < session.seats_taken:
        raise NotPossibleNow(
            _(
                "Đã có %(n)s người ghi danh, không giảm xuống %(seats)s chỗ được.",
                n=session.seats_taken,
                seats=after.capacity,
            )
        )
    moved = after.moves_from(before)
    if moved:
        await lock_place(db, session.ward_id, after.place)
    if after.slot != before.slot:
        await _hold_helpers(db, session.id)
    rule_start = rule_start or session.rule_start or before.slot.starts_at
    await _store(db, session, after, rule_start=rule_start, moved=moved, by=by)
    await db.refresh(session)
    audit.note(
        db,
        session,
        "session.moved" if moved else "session.edited",
        by=by,
        now=now,
        **_facts_changed(before, after),
    )
    return True


async def publish_session_changes(
    db: AsyncSession, done: Sequence[tuple[ClassSession, SessionValues]], *, by: Actor, now: datetime
) -> None:
    """Publish what moved or was renamed, and give new seats to those who wait.

    Args:
        done: the sessions that `apply` changed, with their facts before.
    """
    moved = [
        (session.id, before.slot.starts_at)
        for session, before in done
        if session.published_at is not None and values_of(session).moves_from(before)
    ]
    if moved:
        await publish(db, SessionsMoved(tuple(sorted(moved)), by, now))
    reworded: dict[str, list[int]] = {}
    for session, before in done:
        renamed = session.title != before.title and not values_of(session).moves_from(before)
        if session.published_at is not None and renamed:
            reworded.setdefault(session.ward_id, []).append(session.id)
    for ward_id, ids in reworded.items():
        await publish(db, SessionsReworded(ward_id, tuple(sorted(ids)), by, now))
    larger = [session.id for session, before in done if session.capacity > before.capacity]
    await fill_free_seats(db, larger, by=by, now=now)


def check_changeable(session: ClassSession, now: datetime) -> None:
    """Only sessions still to come can be changed.

    Raises:
        NotPossibleNow: it was cancelled, or it has begun.
    """
    if session.cancelled_at is not None:
        raise NotPossibleNow(_("Buổi này đã hủy nên không sửa được nữa."))
    if session.starts_at <= now:
        raise NotPossibleNow(_("Buổi này đã bắt đầu nên không sửa được nữa."))


async def _hold_helpers(db: AsyncSession, session_id: int) -> None:
    active = await db.scalars(
        select(Assignment.trainer_id).where(
            Assignment.session_id == session_id, Assignment.state.in_(ASSIGNMENT_ACTIVE)
        )
    )
    await lock_helpers(db, active.all())


async def _store(
    db: AsyncSession,
    session: ClassSession,
    after: SessionValues,
    *,
    rule_start: datetime,
    moved: bool,
    by: Actor,
) -> None:
    apart = session.series_id is not None and rule_start != after.slot.starts_at
    values: dict[str, Any] = {
        "rule_start": rule_start if apart else None,
        "starts_at": after.slot.starts_at,
        "ends_at": after.slot.ends_at,
        "room_id": after.place.room_id,
        "market_id": after.place.market_id,
        "place": after.place.words,
        "title": after.title,
        "capacity": after.capacity,
        "need_trainers": after.need_trainers,
        "need_helpers": after.need_helpers,
        "note": after.note,
        "version": ClassSession.version + int(moved),
    }
    try:
        async with db.begin_nested():
            await db.execute(
                update(ClassSession)
                .where(ClassSession.id == session.id)
                .values(**values)
                .execution_options(synchronize_session=False)
            )
    except IntegrityError as error:
        raise await _refusal(db, error, session.id, after, by) from error


async def _refusal(
    db: AsyncSession, error: IntegrityError, session_id: int, after: SessionValues, by: Actor
) -> Refused:
    constraint = violated(error)
    if constraint == "ex_class_session_room_once":
        return RoomTaken(await room_taken_sentence(db, after.place, after.slot, without=[session_id]))
    if constraint == "ex_assignment_helper_once":
        return HelperBusy(await helpers_busy_text(db, session_id, after.slot, by=by))
    if constraint == "ck_class_session_seats_within_capacity":
        return NotPossibleNow(_("Vừa có thêm người ghi danh; số chỗ mới không đủ."))
    raise error


async def helpers_busy_text(db: AsyncSession, session_id: int, slot: Slot, *, by: Actor) -> str:
    """The sentence for helpers who are elsewhere at `slot`; other wards' classes are not named."""
    elsewhere = await queries.helper_bookings(db, [session_id], since=slot.starts_at, until=slot.ends_at)
    return "; ".join(helper_busy_text(each, slot, by=by) for each in elsewhere.get(session_id, ())) + "."


def helper_busy_text(found: queries.HelperBooking, slot: Slot, *, by: Actor) -> str:
    """ "Trần Văn An bận “Dùng VNeID”, 8h00 – 10h00"."""
    if by.may(Permission.SEE_CALENDAR, found.ward_id):
        return _("%(name)s bận %(other)s", name=found.helper, other=booking_label(found.booking, slot.day))
    return _(
        "%(name)s bận một buổi ở nơi khác, %(when)s",
        name=found.helper,
        when=formatting.day_and_hours(found.booking.starts_at, found.booking.ends_at),
    )


def _facts_changed(before: SessionValues, after: SessionValues) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if after.slot != before.slot:
        facts["from"] = before.slot.starts_at.isoformat()
        facts["to"] = after.slot.starts_at.isoformat()
    if after.place != before.place:
        facts["place"] = [after.place.room_id, after.place.market_id, after.place.words]
    for name in ("title", "capacity", "need_trainers", "need_helpers", "note"):
        if getattr(after, name) != getattr(before, name):
            facts[name] = getattr(after, name)
    return facts
