"""A plan becomes sessions; taken dates are left out and named."""

import asyncio
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel import db as database
from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import InvalidInput, NotFound
from scheduling.errors import NotPossibleNow, RoomTaken
from scheduling.models import ClassSession, Holiday, SeriesSlot
from scheduling.queries.series import series_preview
from scheduling.rules.plan import SessionPlace
from scheduling.rules.recurrence import Slot
from scheduling.service.courses import retire_course
from scheduling.service.series import plan_series
from scheduling.service.sessions import cancel_session, plan_session
from tests.factories import NOON, add_room
from tests.planning import MONDAYS_AND_WEDNESDAYS, OTHER_WARD, WARD, Planning, add_planning, slot

MONDAY = date(2026, 12, 7)


async def test_series_becomes_one_draft_per_date(db: AsyncSession) -> None:
    here = await add_planning(db)

    made = await plan_series(db, WARD, here.weekly(), by=here.by, now=NOON)

    sessions = (await db.scalars(select(ClassSession).order_by(ClassSession.starts_at))).all()
    assert [(each.starts_at, each.ends_at, each.original_start) for each in sessions] == [
        (start.starts_at, start.ends_at, start.starts_at)
        for start in map(slot, [MONDAY, date(2026, 12, 9), date(2026, 12, 14), date(2026, 12, 16)])
    ]
    assert {(each.series_id, each.published_at, each.capacity, each.need_helpers) for each in sessions} == {
        (made.series.id, None, 25, 5)
    }
    slots = await db.scalars(select(SeriesSlot).order_by(SeriesSlot.weekday))
    assert [(each.weekday, each.starts_at, each.duration_minutes) for each in slots] == [
        (each.weekday, each.starts_at, each.duration_minutes) for each in MONDAYS_AND_WEDNESDAYS
    ]
    audit = await db.scalar(select(AuditEntry.facts).where(AuditEntry.action == "series.planned"))
    assert audit == {"sessions": list(made.session_ids), "left_out": []}


async def test_preview_names_taken_dates_and_planning_skips_them(
    db: AsyncSession,
) -> None:
    here = await add_planning(db)
    taken = slot(date(2026, 12, 9), time(9), 60)
    there = await plan_session(db, WARD, here.details(title="Thanh toán QR"), taken, by=here.by, now=NOON)

    seen = await series_preview(db, WARD, here.weekly(), now=NOON)
    made = await plan_series(db, WARD, here.weekly(), by=here.by, now=NOON)

    assert [
        (line.meeting.slot.day.day, line.possible, [each.session_id for each in line.there])
        for line in seen.lines
    ] == [(7, True, []), (9, False, [there.id]), (14, True, []), (16, True, [])]
    assert seen.free == 3
    assert len(made.session_ids) == 3
    assert made.left_out == (slot(date(2026, 12, 9)),)


async def test_only_picked_dates_are_planned(db: AsyncSession) -> None:
    here = await add_planning(db)
    picked = {slot(date(2026, 12, 14)).starts_at}
    elsewhere = {slot(date(2027, 6, 1)).starts_at}

    with pytest.raises(NotPossibleNow):
        await plan_series(db, WARD, here.weekly(), picked=picked | elsewhere, by=here.by, now=NOON)
    made = await plan_series(db, WARD, here.weekly(), picked=picked, by=here.by, now=NOON)

    starts = await db.scalars(select(ClassSession.starts_at))
    assert (starts.all(), made.left_out) == ([slot(date(2026, 12, 14)).starts_at], ())
    with pytest.raises(InvalidInput):
        await plan_series(db, WARD, here.weekly(), picked=set(), by=here.by, now=NOON)


async def test_holidays_are_marked_and_skipped_on_request(db: AsyncSession) -> None:
    here = await add_planning(db)
    db.add_all(
        [
            Holiday(day=date(2026, 12, 9), ward_id=None, name="Ngày hội Chuyển đổi số", tentative=True),
            Holiday(day=date(2026, 12, 9), ward_id=WARD, name="Lễ hội làng", tentative=False),
            Holiday(day=date(2026, 12, 14), ward_id=OTHER_WARD, name="Của phường khác", tentative=False),
        ]
    )

    warned = await series_preview(db, WARD, here.weekly(), now=NOON)
    passed = await series_preview(db, WARD, here.weekly(skips_holidays=True), now=NOON)

    def read(lines: Any) -> list[tuple[int, str | None, bool]]:
        return [
            (line.meeting.slot.day.day, off.name if (off := line.meeting.day_off) else None, line.possible)
            for line in lines
        ]

    assert read(warned.lines) == [
        (7, None, True),
        (9, "Lễ hội làng", True),
        (14, None, True),
        (16, None, True),
    ]
    assert read(passed.lines) == [
        (7, None, True),
        (9, "Lễ hội làng", False),
        (14, None, True),
        (16, None, True),
        (21, None, True),
    ]


async def test_series_in_taken_room_is_refused_without_rows(db: AsyncSession) -> None:
    here = await add_planning(db)
    await plan_series(db, WARD, here.weekly(), by=here.by, now=NOON)

    with pytest.raises(RoomTaken) as refusal:
        await plan_series(db, WARD, here.weekly(meetings=2), by=here.by, now=NOON)

    assert refusal.value.sentence == "Phòng đã có người đặt vào tất cả các ngày đã chọn; chưa lập buổi nào."


async def test_taken_room_names_its_booking(db: AsyncSession) -> None:
    here = await add_planning(db)
    await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)

    with pytest.raises(RoomTaken) as refusal:
        await plan_session(db, WARD, here.details(), slot(MONDAY, time(9, 45)), by=here.by, now=NOON)

    assert refusal.value.sentence == (
        "Thứ Hai 07/12, 09h45 – 11h15: phòng đã có “Dùng VNeID”, 08h30 – 10h00."
    )
    after = await plan_session(db, WARD, here.details(), slot(MONDAY, time(10)), by=here.by, now=NOON)
    beside = await plan_session(db, WARD, here.details(room=here.small), slot(MONDAY), by=here.by, now=NOON)
    assert after.id != beside.id


async def test_cancelled_session_frees_room(db: AsyncSession) -> None:
    here = await add_planning(db)
    first = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
    await cancel_session(db, first.id, reason="Mưa lớn", by=here.by, now=NOON)

    again = await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)

    assert again.id != first.id


async def test_closed_or_foreign_places_and_courses_are_not_found(db: AsyncSession) -> None:
    here = await add_planning(db)
    foreign = await add_room(db, ward_id=OTHER_WARD, name="Đình làng")
    closed = await add_room(db, name="Nhà cũ")
    closed.closed_at = NOON
    await db.flush()

    for details in (
        here.details(room=foreign),
        here.details(room=closed),
        here.details(place=SessionPlace(market_id=99)),
        here.details(course_id=here.course.id + 1),
    ):
        with pytest.raises(NotFound):
            await plan_session(db, WARD, details, slot(MONDAY), by=here.by, now=NOON)
        with pytest.raises(NotFound):
            await plan_series(db, WARD, here.weekly(**vars_of(details)), by=here.by, now=NOON)
    await retire_course(db, WARD, here.course.id, by=here.by, now=NOON)
    with pytest.raises(NotFound):
        await plan_session(db, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)


def vars_of(details: object) -> dict[str, Any]:
    return {name: getattr(details, name) for name in ("place", "course_id")}


async def book_at_once(engine: AsyncEngine, here: Planning, slots: list[Slot]) -> list[object]:
    """Each slot from a connection of its own, all at the same moment; the sentence or the id."""
    sessions = database.session_maker(engine, {})

    async def book(wanted: Slot) -> object:
        async with sessions() as db:
            try:
                made = await plan_session(db, WARD, here.details(), wanted, by=here.by, now=NOON)
                await db.commit()
            except RoomTaken as refusal:
                return refusal.sentence
            return made.id

    return await asyncio.gather(*(book(each) for each in slots))


async def test_twelve_concurrent_bookings_of_room_give_one_and_refusals(engine: AsyncEngine) -> None:
    async with database.session_maker(engine, {}).begin() as db:
        here = await add_planning(db)

    # Every slot overlaps every other, though no two are the same.
    answers = await book_at_once(engine, here, [slot(MONDAY, time(8, minute * 5)) for minute in range(12)])

    sentences = [answer for answer in answers if isinstance(answer, str)]
    assert len(sentences) == 11
    assert all("phòng đã có “Dùng VNeID”" in sentence for sentence in sentences)
    async with database.session_maker(engine, {})() as db:
        assert await db.scalar(select(func.count()).select_from(ClassSession)) == 1


async def test_concurrent_series_share_dates_without_double_booking(
    engine: AsyncEngine,
) -> None:
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        here = await add_planning(db)

    async def plan(meetings: int) -> int:
        async with sessions() as db:
            try:
                made = await plan_series(db, WARD, here.weekly(meetings=meetings), by=here.by, now=NOON)
                await db.commit()
            except RoomTaken:
                return 0
            return len(made.session_ids)

    numbers = await asyncio.gather(*(plan(meetings) for meetings in (4, 6, 8, 10, 12, 14)))

    async with sessions() as db:
        kept = await db.scalar(select(func.count()).select_from(ClassSession))
    assert sum(numbers) == kept == 14


async def test_plan_after_outdated_preview_keeps_free_dates(
    engine: AsyncEngine,
) -> None:
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        here = await add_planning(db)
    async with sessions() as slow, sessions() as quick:
        seen = await series_preview(slow, WARD, here.weekly(), now=NOON)
        picked = {line.meeting.slot.starts_at for line in seen.lines if line.possible}
        await plan_session(quick, WARD, here.details(), slot(MONDAY), by=here.by, now=NOON)
        await quick.commit()

        made = await plan_series(
            slow, WARD, here.weekly(), picked=picked, by=here.by, now=NOON + timedelta(minutes=1)
        )
        await slow.commit()

    assert (len(made.session_ids), made.left_out) == (3, (slot(MONDAY),))
