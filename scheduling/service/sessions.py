"""Planning, changing, publishing and cancelling sessions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, RoomTaken, SessionNotFound
from scheduling.events import SessionsCancelled, SessionsPublished
from scheduling.labels.sessions import room_taken_label
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.queries import sessions as queries
from scheduling.rules.plan import SessionPlace, SessionTemplate
from scheduling.rules.recurrence import Slot
from scheduling.service.courses import check_course_open
from scheduling.service.places import lock_place


async def plan_session(
    db: AsyncSession, ward_id: str, details: SessionTemplate, slot: Slot, *, by: Actor, now: datetime
) -> ClassSession:
    """Plan one session, as a draft. Does not commit.

    Raises:
        RoomTaken: something else is in the room; the sentence says what and when.
        NotFound: room, market or course are not this ward's, or closed.
    """
    await check_course_open(db, ward_id, details.course_id)
    await lock_place(db, ward_id, details.place)
    made = await insert_free(db, ward_id, details, [slot], series_id=None, by=by, now=now)
    if not made:
        raise RoomTaken(await room_taken_sentence(db, details.place, slot))
    session = await db.get_one(ClassSession, made[slot])
    audit.note(db, session, "session.planned", by=by, now=now, start=slot.starts_at.isoformat())
    return session


async def insert_free(
    db: AsyncSession,
    ward_id: str,
    details: SessionTemplate,
    slots: Sequence[Slot],
    *,
    series_id: int | None,
    by: Actor,
    now: datetime,
) -> dict[Slot, int]:
    """Insert the sessions whose room is free and pass over the others; one statement. Ids by slot."""
    rows: list[dict[str, Any]] = [
        {
            "ward_id": ward_id,
            "series_id": series_id,
            "course_id": details.course_id,
            "kind": details.kind,
            "title": details.title,
            "room_id": details.place.room_id,
            "market_id": details.place.market_id,
            "place": details.place.words,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "original_start": slot.starts_at,
            "capacity": details.capacity,
            "need_trainers": details.need_trainers,
            "need_helpers": details.need_helpers,
            "note": details.note,
            "created_at": now,
            "created_by": by.user_id,
        }
        for slot in sorted(slots)
    ]
    inserted = await db.execute(
        insert(ClassSession)
        .values(rows)
        .on_conflict_do_nothing(constraint="ex_class_session_room_once")
        .returning(ClassSession.id, ClassSession.starts_at, ClassSession.ends_at)
    )
    return {Slot(starts_at, ends_at): session_id for session_id, starts_at, ends_at in inserted}


async def room_taken_sentence(
    db: AsyncSession, place: SessionPlace, slot: Slot, *, without: Collection[int] = ()
) -> str:
    """The sentence for a room that is not free: what is there, and when."""
    there = (
        await queries.room_bookings(
            db, place.room_id, since=slot.starts_at, until=slot.ends_at, without=without
        )
        if place.room_id is not None
        else ()
    )
    return room_taken_label(slot, there)


async def publish_sessions(
    db: AsyncSession, session_ids: Collection[int], *, by: Actor, now: datetime
) -> tuple[int, ...]:
    """Publish drafts; ids of those that were drafts, ascending. Does not commit.

    Cancelled and published ones are passed over.
    """
    drafts = await db.scalars(
        select(ClassSession)
        .where(
            ClassSession.id.in_(session_ids),
            ClassSession.published_at.is_(None),
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    published: list[int] = []
    for session in drafts:
        session.published_at = now
        published.append(session.id)
        audit.note(db, session, "session.published", by=by, now=now)
    if published:
        await db.flush()
        await publish(db, SessionsPublished(tuple(published), by, now))
    return tuple(published)


async def cancel_session(
    db: AsyncSession, session_id: int, *, reason: str, by: Actor, now: datetime
) -> ClassSession:
    """Cancel one session; its room and its helpers are free again. Twice changes nothing. Does not commit.

    Raises:
        SessionNotFound: no such session.
        InvalidInput: without a reason; people are told it.
        NotPossibleNow: it has ended. One under way is called off; its marks stay.
    """
    session = await lock_session(db, session_id)
    if session.cancelled_at is None:
        await cancel_locked(db, [session], reason=reason, by=by, now=now)
    return session


async def cancel_locked(
    db: AsyncSession,
    sessions: Sequence[ClassSession],
    *,
    reason: str,
    closure_id: int | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Cancel locked sessions by one act and publish it once. Raises as `cancel_session`."""
    if any(session.ends_at <= now for session in sessions):
        raise NotPossibleNow(_("Buổi này đã kết thúc nên không hủy được nữa."))
    reason = checked_reason(reason)
    for session in sessions:
        session.cancelled_at, session.cancel_reason = now, reason
        session.closure_id = closure_id
        session.version += 1
    await db.flush()
    for session in sessions:
        audit.note(db, session, "session.cancelled", by=by, now=now, reason=reason)
    public = sorted(session.id for session in sessions if session.published_at is not None)
    if public:
        await publish(db, SessionsCancelled(tuple(public), reason, by, now))
    # After the event is published: its listeners notify the helpers who are assigned until now.
    ids = [session.id for session in sessions]
    await db.execute(
        update(Assignment)
        .where(Assignment.session_id.in_(ids), Assignment.state.in_(ASSIGNMENT_ACTIVE))
        .values(
            state="withdrawn",
            accepted_at=case((Assignment.state == "accepted", Assignment.answered_at)),
            answered_at=now,
            reason=reason,
        )
    )


def checked_reason(reason: str) -> str:
    """Why something is cancelled, single-spaced.

    Raises:
        InvalidInput: there is none; people are told it; or it is too long.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput({"reason": _("Xin ghi lý do; người học và người hướng dẫn sẽ đọc lý do này.")})
    if len(reason) > 200:
        raise InvalidInput({"reason": _("Lý do dài quá 200 chữ.")})
    return reason


async def delete_draft(db: AsyncSession, session_id: int, *, by: Actor, now: datetime) -> ClassSession:
    """Delete a draft without people. Does not commit.

    Raises:
        SessionNotFound: no such session.
        NotPossibleNow: it was published, or people are asked or enrolled: such a session is cancelled.
    """
    session = await lock_session(db, session_id)
    history = _("Buổi này đã công bố hoặc đã có người; hãy hủy buổi thay vì xóa.")
    if session.published_at is not None or session.cancelled_at is not None:
        raise NotPossibleNow(history)
    try:
        async with db.begin_nested():
            await db.execute(
                delete(ClassSession)
                .where(ClassSession.id == session_id)
                .execution_options(synchronize_session=False)
            )
    except IntegrityError as error:
        raise NotPossibleNow(history) from error
    audit.note(db, session, "session.deleted", by=by, now=now, start=session.starts_at.isoformat())
    db.expunge(session)
    return session


async def lock_session(db: AsyncSession, session_id: int) -> ClassSession:
    """A session that only this transaction changes, its time included.

    The strongest lock from the start: a new time changes a key that assignments point at, and asking for
    more while somebody else holds a share would make the two wait for each other.

    Raises:
        SessionNotFound: no such session.
    """
    session = await db.get(ClassSession, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise SessionNotFound(session_id)
    return session
