"""Changing coming sessions of a series: past ones stay, taken dates stay, the rule is kept true."""

from collections.abc import Sequence
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import local
from scheduling.errors import NotPossibleNow
from scheduling.models import ClassSession, Series, SeriesSlot
from scheduling.rules.plan import SessionChange, SessionPlace
from scheduling.rules.recurrence import WeeklySlot
from scheduling.service.changes import change_session
from scheduling.service.series import plan_series
from scheduling.service.series_changes import change_series
from scheduling.service.sessions import cancel_session, plan_session, publish_sessions
from tests.factories import NOON
from tests.planning import MONDAYS_AND_WEDNESDAYS, WARD, Planning, add_planning, add_trainer, assign, slot

TUESDAYS = WeeklySlot(1, time(14), 90)


async def planned(db: AsyncSession, here: Planning, *, meetings: int = 5) -> Sequence[ClassSession]:
    """Mo 7, Tu 8 (14h), We 9, Mo 14, Tu 15 (14h) December."""
    plan = here.weekly(slots=(*MONDAYS_AND_WEDNESDAYS, TUESDAYS), meetings=meetings)
    await plan_series(db, WARD, plan, by=here.by, now=NOON)
    found = await db.scalars(select(ClassSession).order_by(ClassSession.starts_at))
    return found.all()


async def times(db: AsyncSession) -> list[str]:
    found = await db.scalars(
        select(ClassSession).order_by(ClassSession.original_start).execution_options(populate_existing=True)
    )
    return [f"{local(each.starts_at):%d/%m %H:%M}-{local(each.ends_at):%H:%M}" for each in found]


async def rule(db: AsyncSession, series_id: int | None) -> list[tuple[int, time, int]]:
    slots = await db.scalars(
        select(SeriesSlot)
        .where(SeriesSlot.series_id == series_id)
        .order_by(SeriesSlot.weekday)
        .execution_options(populate_existing=True)
    )
    return [(each.weekday, each.starts_at, each.duration_minutes) for each in slots]


async def test_following_sessions_at_other_hour_split_series(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await planned(db, here)
    old = sessions[0].series_id

    result = await change_series(
        db,
        sessions[2].id,
        SessionChange(starts_at=time(9), minutes=60),
        scope="following",
        by=here.by,
        now=NOON,
    )

    assert (result.session_ids, result.left_out) == ((sessions[2].id, sessions[3].id), ())
    assert await times(db) == [
        "07/12 08:30-10:00",
        "08/12 14:00-15:30",
        "09/12 09:00-10:00",
        "14/12 09:00-10:00",
        "15/12 14:00-15:30",  # another hour: not what was changed
    ]
    later = await db.scalar(select(Series).where(Series.split_from_id == old))
    assert later is not None
    assert [each.series_id for each in sessions] == [old, old, later.id, later.id, later.id]
    assert (later.starts_on, later.ends_on, later.meetings) == (date(2026, 12, 9), None, 3)
    first = await db.get_one(Series, old)
    assert (first.starts_on, first.ends_on, first.meetings) == (date(2026, 12, 7), date(2026, 12, 8), None)
    assert await rule(db, old) == [(0, time(8, 30), 90), (1, time(14), 90), (2, time(8, 30), 90)]
    assert await rule(db, later.id) == [(0, time(9), 60), (1, time(14), 90), (2, time(9), 60)]


async def test_change_before_first_meeting_changes_the_rule(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await planned(db, here)

    await change_series(
        db, sessions[3].id, SessionChange(starts_at=time(7)), scope="all", by=here.by, now=NOON
    )

    assert [each[:11] for each in await times(db)] == [
        "07/12 07:00",
        "08/12 14:00",
        "09/12 07:00",
        "14/12 07:00",
        "15/12 14:00",
    ]
    assert len((await db.scalars(select(Series))).all()) == 1
    assert await rule(db, sessions[0].series_id) == [(0, time(7), 90), (1, time(14), 90), (2, time(7), 90)]


async def test_past_sessions_of_series_never_change(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await planned(db, here)
    after_the_first = sessions[0].starts_at + timedelta(minutes=1)

    change = SessionChange(starts_at=time(7), capacity=20, need_helpers=4)
    await change_series(db, sessions[2].id, change, scope="all", by=here.by, now=after_the_first)

    assert (await times(db))[0] == "07/12 08:30-10:00"
    assert [(each.capacity, each.need_helpers) for each in sessions] == [(25, 5), *[(20, 4)] * 4]


async def test_room_change_applies_where_room_was_same(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await planned(db, here)
    await change_session(
        db, sessions[1].id, SessionChange(place=SessionPlace(words="Sân đình")), by=here.by, now=NOON
    )

    await change_series(
        db,
        sessions[0].id,
        SessionChange(place=SessionPlace(room_id=here.small.id)),
        scope="all",
        by=here.by,
        now=NOON,
    )

    assert [(each.room_id, each.place) for each in sessions] == [
        (here.small.id, ""),
        (None, "Sân đình"),
        *[(here.small.id, "")] * 3,
    ]
    assert len((await db.scalars(select(Series))).all()) == 1  # the rule knows no rooms: no cut


async def test_clashing_sessions_stay_and_are_named(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await planned(db, here)
    trainer = await add_trainer(db)
    await plan_session(
        db, WARD, here.details(title="Thanh toán QR"), slot(date(2026, 12, 9), time(10)), by=here.by, now=NOON
    )
    elsewhere = await plan_session(
        db,
        WARD,
        here.details(title="Chợ số", words="Chợ Đông Ba"),
        slot(date(2026, 12, 14), time(10)),
        by=here.by,
        now=NOON,
    )
    for session in (sessions[3], elsewhere):
        await assign(db, session, trainer)

    result = await change_series(
        db, sessions[0].id, SessionChange(starts_at=time(9)), scope="all", by=here.by, now=NOON
    )

    assert result.session_ids == (sessions[0].id,)
    assert sorted(result.left_out) == [
        "Ngô Hữu Phước bận “Chợ số”, 10h00 – 11h30.",
        "Thứ Tư 09/12, 09h00 – 10h30: phòng đã có “Thanh toán QR”, 10h00 – 11h30.",
    ]
    assert (await times(db))[2] == "09/12 08:30-10:00"


async def test_shift_over_own_next_slot_is_no_clash(db: AsyncSession) -> None:
    here = await add_planning(db)
    slots = (WeeklySlot(0, time(8), 60), WeeklySlot(0, time(9), 60))
    made = await plan_series(db, WARD, here.weekly(slots=slots, meetings=4), by=here.by, now=NOON)
    first = made.session_ids[0]

    with pytest.raises(NotPossibleNow, match="phòng đã có"):
        await change_series(
            db, first, SessionChange(starts_at=time(8, 30)), scope="all", by=here.by, now=NOON
        )
    result = await change_series(
        db, made.session_ids[1], SessionChange(starts_at=time(9, 30)), scope="all", by=here.by, now=NOON
    )

    assert len(result.session_ids) == 2


async def test_only_picked_sessions_change_and_cancelled_never(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await planned(db, here)
    await cancel_session(db, sessions[3].id, reason="Mưa lớn", by=here.by, now=NOON)
    await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)

    result = await change_series(
        db,
        sessions[0].id,
        SessionChange(need_trainers=2),
        scope="all",
        picked=[sessions[0].id, sessions[3].id, sessions[4].id],
        by=here.by,
        now=NOON,
    )

    assert result.session_ids == (sessions[0].id, sessions[4].id)
    assert [each.need_trainers for each in sessions] == [2, 1, 1, 1, 2]
    with pytest.raises(NotPossibleNow, match="Không có buổi nào"):
        await change_series(
            db, sessions[0].id, SessionChange(need_trainers=3), scope="all", picked=[], by=here.by, now=NOON
        )


async def test_session_without_series_is_refused(db: AsyncSession) -> None:
    here = await add_planning(db)
    alone = await plan_session(db, WARD, here.details(), slot(date(2026, 12, 7)), by=here.by, now=NOON)

    with pytest.raises(NotPossibleNow, match="không thuộc"):
        await change_series(db, alone.id, SessionChange(need_trainers=3), scope="all", by=here.by, now=NOON)
