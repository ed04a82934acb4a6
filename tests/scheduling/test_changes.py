"""Sessions are moved, cancelled, published and deleted; no room and no helper is booked twice."""

import asyncio
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel import db as database
from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import DomainError, InvalidInput
from lopso.kernel.events import session_info
from scheduling.errors import HelperBusy, NotPossibleNow, RoomTaken, SessionNotFound
from scheduling.events import SessionsCancelled, SessionsMoved, SessionsPublished
from scheduling.models import Assignment, ClassSession
from scheduling.rules.plan import SessionChange, SessionPlace
from scheduling.service.changes import change_session
from scheduling.service.sessions import cancel_session, delete_draft, plan_session, publish_sessions
from tests.classroom import add_learner, enrol
from tests.factories import NOON
from tests.planning import OTHER_WARD, WARD, add_planning, add_trainer, assign, slot

MONDAY, TUESDAY = date(2026, 12, 7), date(2026, 12, 8)


@pytest.fixture
def heard(db: AsyncSession) -> list[Any]:
    """Facts published on `db`."""
    facts: list[Any] = []

    async def listen(_db: AsyncSession, fact: Any) -> None:
        facts.append(fact)

    db.info.update(
        session_info({kind: [listen] for kind in (SessionsMoved, SessionsCancelled, SessionsPublished)})
    )
    return facts


async def test_moved_session_moves_helpers_and_publishes_event(db: AsyncSession, heard: list[Any]) -> None:
    here = await add_planning(db)
    session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
    await publish_sessions(db, [session.id], by=here.by, now=NOON)
    assignment = await assign(db, session, await add_trainer(db))

    await change_session(
        db, session.id, SessionChange(day=TUESDAY, starts_at=time(14), minutes=60), by=here.by, now=NOON
    )
    await change_session(
        db, session.id, SessionChange(place=SessionPlace(room_id=here.small.id)), by=here.by, now=NOON
    )

    await db.refresh(assignment)
    moved = slot(TUESDAY, time(14), 60)
    assert (assignment.starts_at, assignment.ends_at) == (moved.starts_at, moved.ends_at)
    assert (session.starts_at, session.original_start, session.version) == (
        moved.starts_at,
        slot(MONDAY).starts_at,
        3,
    )
    assert heard == [
        SessionsPublished((session.id,), here.by, NOON),
        SessionsMoved(((session.id, slot(MONDAY).starts_at),), here.by, NOON),
        SessionsMoved(((session.id, moved.starts_at),), here.by, NOON),
    ]


async def test_only_time_and_place_publish_and_raise_version(db: AsyncSession, heard: list[Any]) -> None:
    here = await add_planning(db)
    session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
    await publish_sessions(db, [session.id], by=here.by, now=NOON)
    heard.clear()

    change = SessionChange(title="VNeID cho tiểu thương", capacity=20, need_helpers=4, note="Mang theo kính")
    await change_session(db, session.id, change, by=here.by, now=NOON)
    await change_session(db, session.id, SessionChange(starts_at=time(8, 30)), by=here.by, now=NOON)

    assert (session.title, session.capacity, session.need_helpers, session.note, session.version) == (
        "VNeID cho tiểu thương",
        20,
        4,
        "Mang theo kính",
        1,
    )
    assert heard == []
    noted = await db.scalars(select(AuditEntry.facts).where(AuditEntry.action == "session.edited"))
    assert noted.all() == [
        {"title": "VNeID cho tiểu thương", "capacity": 20, "need_helpers": 4, "note": "Mang theo kính"}
    ]


async def test_moved_draft_publishes_nothing(db: AsyncSession, heard: list[Any]) -> None:
    here = await add_planning(db)
    session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)

    await change_session(db, session.id, SessionChange(day=TUESDAY), by=here.by, now=NOON)

    assert (session.starts_at, heard) == (slot(TUESDAY).starts_at, [])


async def test_move_into_taken_room_is_refused(db: AsyncSession) -> None:
    here = await add_planning(db)
    session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
    await plan_session(db, WARD, here.details(title="An toàn trên mạng"), slot(TUESDAY), by=here.by, now=NOON)

    with pytest.raises(RoomTaken) as refusal:
        await change_session(db, session.id, SessionChange(day=TUESDAY), by=here.by, now=NOON)

    assert refusal.value.sentence == (
        "Thứ Ba 08/12, 08h30 – 10h00: phòng đã có “An toàn trên mạng”, 08h30 – 10h00."
    )
    assert session.starts_at == slot(MONDAY).starts_at
    # A small shift over its own old time is no clash.
    await change_session(db, session.id, SessionChange(starts_at=time(9)), by=here.by, now=NOON)


async def test_move_is_refused_naming_busy_helper(db: AsyncSession) -> None:
    here = await add_planning(db)
    phuoc, lan = await add_trainer(db), await add_trainer(db, "Trần Thị Lan")
    session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
    other = await plan_session(
        db, WARD, here.details(words="Sân đình", title="Chợ số"), slot(TUESDAY), by=here.by, now=NOON
    )
    abroad = await plan_session(
        db,
        OTHER_WARD,
        here.details(words="Đình làng", title="Lớp của Kim Long", course_id=None, kind="home_visit"),
        slot(TUESDAY, time(9)),
        by=here.by,
        now=NOON,
    )
    for place in (session, other):
        await assign(db, place, phuoc)
    await assign(db, abroad, lan, state="offered")
    await assign(db, session, lan)

    with pytest.raises(HelperBusy) as refusal:
        await change_session(db, session.id, SessionChange(day=TUESDAY), by=here.by, now=NOON)

    assert refusal.value.sentence == (
        "Ngô Hữu Phước bận “Chợ số”, 08h30 – 10h00; "
        "Trần Thị Lan bận một buổi ở nơi khác, thứ Ba 08/12, 09h00 – 10h30."
    )


async def test_capacity_below_enrolments_is_refused(db: AsyncSession) -> None:
    here = await add_planning(db)
    session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
    for name in ("Trần Thị Ánh", "Lê Văn Bình"):
        await enrol(db, session, await add_learner(db, name))

    with pytest.raises(NotPossibleNow) as refusal:
        await change_session(db, session.id, SessionChange(capacity=1), by=here.by, now=NOON)

    assert refusal.value.sentence == "Đã có 2 người ghi danh, không giảm xuống 1 chỗ được."
    await change_session(db, session.id, SessionChange(capacity=2), by=here.by, now=NOON)


async def test_raised_capacity_promotes_waitlist(db: AsyncSession) -> None:
    here = await add_planning(db)
    session = await plan_session(db, WARD, here.details(capacity=1), slot(MONDAY), by=here.by, now=NOON)
    await enrol(db, session, await add_learner(db, "Trần Thị Ánh"))
    await enrol(db, session, await add_learner(db, "Lê Văn Bình"), state="waitlisted")

    await change_session(db, session.id, SessionChange(capacity=2), by=here.by, now=NOON)

    await db.refresh(session)
    assert session.seats_taken == 2


async def test_begun_or_cancelled_session_cannot_change(db: AsyncSession) -> None:
    here = await add_planning(db)
    begun = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
    off = await plan_session(db, WARD, here.details(), slot(TUESDAY), by=here.by, now=NOON)
    await cancel_session(db, off.id, reason="Mưa lớn", by=here.by, now=NOON)

    with pytest.raises(NotPossibleNow, match="đã bắt đầu"):
        await change_session(db, begun.id, SessionChange(day=TUESDAY), by=here.by, now=begun.starts_at)
    with pytest.raises(NotPossibleNow, match="đã kết thúc"):  # one under way is called off
        await cancel_session(db, begun.id, reason="Mưa lớn", by=here.by, now=begun.ends_at)
    with pytest.raises(NotPossibleNow, match="đã hủy"):
        await change_session(db, off.id, SessionChange(day=MONDAY), by=here.by, now=NOON)
    with pytest.raises(SessionNotFound):
        await change_session(db, off.id + 1, SessionChange(day=MONDAY), by=here.by, now=NOON)


async def test_database_keeps_original_start(db: AsyncSession) -> None:
    here = await add_planning(db)
    session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)

    session.original_start += timedelta(hours=1)

    with pytest.raises(DBAPIError, match="original_start never changes"):
        await db.flush()


async def test_cancelling_publishes_reason_frees_helpers_once(db: AsyncSession, heard: list[Any]) -> None:
    here = await add_planning(db)
    trainer = await add_trainer(db)
    session = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
    await publish_sessions(db, [session.id], by=here.by, now=NOON)
    assignment = await assign(db, session, trainer)
    still_assigned: list[str] = []

    async def helpers_hear(db: AsyncSession, fact: SessionsCancelled) -> None:
        still_assigned.extend(
            await db.scalars(select(Assignment.state).where(Assignment.session_id.in_(fact.session_ids)))
        )

    db.info["listeners"] = {**db.info["listeners"], SessionsCancelled: [helpers_hear]}
    with pytest.raises(InvalidInput):
        await cancel_session(db, session.id, reason="  ", by=here.by, now=NOON)
    for _again in range(2):
        await cancel_session(db, session.id, reason=" Mưa  lớn ", by=here.by, now=NOON)

    await db.refresh(assignment)
    assert (session.cancelled_at, session.cancel_reason, session.version) == (NOON, "Mưa lớn", 2)
    assert still_assigned == ["accepted"]  # asked once, and while the helper was still in it
    assert (assignment.state, assignment.reason) == ("withdrawn", "Mưa lớn")
    elsewhere = await plan_session(
        db, WARD, here.details(words="Sân đình"), slot(MONDAY), by=here.by, now=NOON
    )
    await assign(db, elsewhere, trainer)


async def test_publishing_twice_publishes_each_draft_once(db: AsyncSession, heard: list[Any]) -> None:
    here = await add_planning(db)
    first = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
    second = await plan_session(db, WARD, here.details(), slot(TUESDAY), by=here.by, now=NOON)
    off = await plan_session(db, WARD, here.details(), slot(date(2026, 12, 9)), by=here.by, now=NOON)
    await cancel_session(db, off.id, reason="Mưa lớn", by=here.by, now=NOON)

    published = [
        await publish_sessions(db, ids, by=here.by, now=NOON)
        for ids in ([first.id], [off.id, second.id, first.id], [first.id])
    ]

    assert published == [(first.id,), (second.id,), ()]
    assert heard == [SessionsPublished((each.id,), here.by, NOON) for each in (first, second)]
    assert (first.published_at, off.published_at) == (NOON, None)


async def test_only_draft_without_people_is_deleted(db: AsyncSession) -> None:
    here = await add_planning(db)
    draft, asked, enrolled, public = [
        await plan_session(db, WARD, here.details(), slot(MONDAY + timedelta(days=n)), by=here.by, now=NOON)
        for n in range(4)
    ]
    await assign(db, asked, await add_trainer(db), state="offered")
    await enrol(db, enrolled, await add_learner(db, "Trần Thị Ánh"))
    await publish_sessions(db, [public.id], by=here.by, now=NOON)

    for session in (asked, enrolled, public):
        with pytest.raises(NotPossibleNow, match="hãy hủy buổi"):
            await delete_draft(db, session.id, by=here.by, now=NOON)
    gone = draft.id
    await delete_draft(db, gone, by=here.by, now=NOON)

    assert (await db.scalars(select(ClassSession.id).order_by(ClassSession.id))).all() == [
        asked.id,
        enrolled.id,
        public.id,
    ]


async def test_concurrent_moves_to_one_slot_give_one_and_refusals(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        here = await add_planning(db)
        trainer = await add_trainer(db)
        ids: list[int] = []
        for n in range(12):
            # Half of them want the room, half share a helper.
            words = "" if n % 2 else f"Sân nhà số {n}"
            session = await plan_session(
                db, WARD, here.details(words=words), slot(MONDAY + timedelta(days=n)), by=here.by, now=NOON
            )
            if n % 2 == 0:
                await assign(db, session, trainer)
            ids.append(session.id)
    target = date(2027, 1, 5)

    async def move(session_id: int) -> type[DomainError] | None:
        async with sessions() as db:
            try:
                await change_session(db, session_id, SessionChange(day=target), by=here.by, now=NOON)
                await db.commit()
            except DomainError as refusal:
                return type(refusal)
            return None

    answers = await asyncio.gather(*(move(session_id) for session_id in ids))

    assert sorted(str(answer) for answer in answers[1::2]) == sorted(map(str, [None, *[RoomTaken] * 5]))
    assert sorted(str(answer) for answer in answers[0::2]) == sorted(map(str, [None, *[HelperBusy] * 5]))
