"""Another weekday for the coming meetings of a series: identities stay, history stays, exceptions stay."""

import asyncio
from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from scheduling.errors import NotPossibleNow
from scheduling.models import ClassSession, Series
from scheduling.queries.series_changes import planned_series_changes, state_of
from scheduling.queries.series_scope import in_scope
from scheduling.rules.plan import SessionChange
from scheduling.service.changes import change_session
from scheduling.service.holidays import add_holiday
from scheduling.service.series_changes import change_series
from scheduling.service.sessions import cancel_session, plan_session, publish_sessions
from tests.classroom import add_learner, enrol
from tests.factories import NOON
from tests.planning import WARD, add_planning, add_trainer, assign, slot
from tests.scheduling.series_changes import FRIDAY, TUESDAY, starts_in_words, tuesdays, weekly_times

THURSDAY = SessionChange(day=date(2026, 12, 10))


async def test_following_meetings_go_to_the_new_weekday(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)
    await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
    before = [(each.id, each.original_start, each.version) for each in sessions]

    change = SessionChange(day=date(2026, 12, 17))
    done = await change_series(db, sessions[1].id, change, scope="following", by=here.by, now=NOON)

    assert await starts_in_words(db) == [
        "T3 08/12 08:30",
        "T5 17/12 08:30",
        "T5 24/12 08:30",
        "T5 31/12 08:30",
    ]
    assert done.session_ids == tuple(each.id for each in sessions[1:])
    after = [(each.id, each.original_start, each.version) for each in sessions]
    assert after == [before[0], *((id_, start, version + 1) for id_, start, version in before[1:])]
    later = await db.scalar(select(Series).where(Series.split_from_id == sessions[0].series_id))
    assert later is not None
    assert {each.series_id for each in sessions[1:]} == {later.id}
    assert await weekly_times(db, sessions[0].series_id) == [(1, time(8, 30))]
    assert await weekly_times(db, later.id) == [(3, time(8, 30))]
    assert [each.rule_start for each in sessions] == [None] * 4


async def test_only_the_chosen_weekday_of_several_moves(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here, slots=(TUESDAY, FRIDAY))

    await change_series(db, sessions[0].id, THURSDAY, scope="all", by=here.by, now=NOON)

    assert await starts_in_words(db) == [
        "T5 10/12 08:30",
        "T6 11/12 14:00",
        "T5 17/12 08:30",
        "T6 18/12 14:00",
    ]
    assert await weekly_times(db, sessions[0].series_id) == [(3, time(8, 30)), (4, time(14))]
    assert (await db.scalars(select(Series.split_from_id))).all() == [None]


async def test_weekday_at_which_series_meets_already_is_refused(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here, slots=(TUESDAY, FRIDAY))
    onto_friday = SessionChange(day=date(2026, 12, 11), starts_at=time(14, 30))

    with pytest.raises(NotPossibleNow, match=r"Chuỗi này đã có buổi thứ Sáu 14h00"):
        await change_series(db, sessions[0].id, onto_friday, scope="all", by=here.by, now=NOON)


async def test_meeting_moved_alone_stays_unless_picked(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)
    alone = sessions[2]
    await change_session(db, alone.id, SessionChange(day=date(2026, 12, 23)), by=here.by, now=NOON)
    assert alone.rule_start == alone.original_start

    await change_series(db, sessions[0].id, THURSDAY, scope="all", by=here.by, now=NOON)

    assert (await starts_in_words(db))[2:] == ["T4 23/12 08:30", "T5 31/12 08:30"]
    assert alone.rule_start == slot(date(2026, 12, 24)).starts_at

    picked = [each.id for each in sessions]
    onto_friday = SessionChange(day=date(2026, 12, 11))
    await change_series(db, sessions[0].id, onto_friday, scope="all", picked=picked, by=here.by, now=NOON)

    assert (await starts_in_words(db))[2:] == ["T6 25/12 08:30", "T6 01/01 08:30"]
    assert alone.rule_start is None


@pytest.mark.parametrize(("apart", "third"), [("keep", "T4 23/12 08:30"), ("follow", "T5 24/12 08:30")])
async def test_one_choice_holds_for_all_moved_alone(db: AsyncSession, apart: str, third: str) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)
    await change_session(db, sessions[2].id, SessionChange(day=date(2026, 12, 23)), by=here.by, now=NOON)
    picked = [sessions[0].id, *([sessions[2].id] if apart == "keep" else [])]

    await change_series(
        db,
        sessions[0].id,
        THURSDAY,
        scope="all",
        picked=picked,
        apart="keep" if apart == "keep" else "follow",
        by=here.by,
        now=NOON,
    )

    assert await starts_in_words(db) == ["T5 10/12 08:30", "T3 15/12 08:30", third, "T3 29/12 08:30"]


async def test_meeting_left_on_its_day_is_known_as_moved_alone(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)

    await change_series(
        db, sessions[0].id, THURSDAY, scope="all", picked=[sessions[0].id], by=here.by, now=NOON
    )

    assert [each.rule_start for each in sessions] == [
        None,
        *(each.original_start + timedelta(days=2) for each in sessions[1:]),
    ]


async def test_meeting_moved_back_by_itself_follows_its_series_again(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)
    for day in (date(2026, 12, 9), date(2026, 12, 8)):
        await change_session(db, sessions[0].id, SessionChange(day=day), by=here.by, now=NOON)

    assert sessions[0].rule_start is None


async def test_past_and_cancelled_meetings_stay(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)
    await cancel_session(db, sessions[2].id, reason="Mưa lớn", by=here.by, now=NOON)
    after_the_first = sessions[0].starts_at + timedelta(days=1)

    change = SessionChange(day=date(2026, 12, 17))
    await change_series(db, sessions[1].id, change, scope="all", by=here.by, now=after_the_first)

    assert await starts_in_words(db) == ["T3 08/12 08:30", "T5 17/12 08:30", "T5 31/12 08:30"]
    assert (sessions[2].starts_at, sessions[0].version) == (sessions[2].original_start, 1)
    assert sessions[2].rule_start == slot(date(2026, 12, 24)).starts_at


async def test_all_to_come_reaches_across_an_earlier_split(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)
    nine = SessionChange(starts_at=time(9))
    await change_series(db, sessions[2].id, nine, scope="following", by=here.by, now=NOON)

    await change_series(
        db, sessions[3].id, SessionChange(day=date(2026, 12, 31)), scope="all", by=here.by, now=NOON
    )

    assert await starts_in_words(db) == [
        "T5 10/12 08:30",
        "T5 17/12 08:30",
        "T5 24/12 09:00",
        "T5 31/12 09:00",
    ]
    rules = [
        await weekly_times(db, number) for number in await db.scalars(select(Series.id).order_by(Series.id))
    ]
    assert rules == [[(3, time(8, 30))], [(3, time(9))]]


async def test_a_week_later_each_meeting_takes_the_place_of_the_next(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)

    done = await change_series(
        db, sessions[0].id, SessionChange(day=date(2026, 12, 15)), scope="all", by=here.by, now=NOON
    )

    assert (len(done.session_ids), done.left_out) == (4, ())
    assert await starts_in_words(db) == [
        "T3 15/12 08:30",
        "T3 22/12 08:30",
        "T3 29/12 08:30",
        "T3 05/01 08:30",
    ]


async def test_taken_date_is_left_out_and_next_in_words_does_not_double(db: AsyncSession) -> None:
    """Where the place is in words, no room says that two meetings of a series fall together."""
    here = await add_planning(db)
    plan = [slot(date(2026, 12, 8)), slot(date(2026, 12, 15))]
    sessions = await tuesdays(db, here, meetings=2)
    for each in sessions:
        each.room_id, each.place = None, "Sân đình"
    await db.flush()
    busy = await add_trainer(db)
    other = await plan_session(
        db, WARD, here.details(words="Chợ"), slot(date(2026, 12, 22)), by=here.by, now=NOON
    )
    for each in (sessions[1], other):
        await assign(db, each, busy)

    with pytest.raises(NotPossibleNow, match="chuỗi này đã có một buổi vào giờ đó"):
        await change_series(
            db, sessions[0].id, SessionChange(day=date(2026, 12, 15)), scope="all", by=here.by, now=NOON
        )

    assert [each.starts_at for each in sessions] == [each.starts_at for each in plan]


async def test_preview_names_clashes_holidays_and_other_classes(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)
    learner = await add_learner(db, "Trần Thị Ánh")
    other = await plan_session(
        db, WARD, here.details(title="Zalo", words="Chợ"), slot(date(2026, 12, 10)), by=here.by, now=NOON
    )
    await plan_session(db, WARD, here.details(title="QR"), slot(date(2026, 12, 17)), by=here.by, now=NOON)
    for each in (sessions[0], other):
        await enrol(db, each, learner)
    await add_holiday(
        db,
        day=date(2026, 12, 24),
        name="Lễ hội làng",
        ward_id=WARD,
        tentative=False,
        by=here.by,
        now=NOON,
    )

    rows, _state = await planned_series_changes(db, sessions[0], THURSDAY, scope="all", now=NOON)

    assert [(each.possible, each.proposed) for each in rows] == [
        (True, True),
        (False, False),
        (True, False),
        (True, True),
    ]
    assert [(each.booking.title, each.learners) for each in rows[0].seats] == [("Zalo", 1)]
    assert [each.title for each in rows[1].there] == ["QR"]
    assert rows[2].day_off is not None
    assert rows[2].day_off.name == "Lễ hội làng"


async def test_change_decided_on_an_older_state_is_refused(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here)
    seen = state_of(await in_scope(db, sessions[0], "all", NOON))
    onto_friday = SessionChange(day=date(2026, 12, 11))
    await change_series(db, sessions[0].id, onto_friday, scope="all", seen=seen, by=here.by, now=NOON)

    with pytest.raises(NotPossibleNow, match="Vừa có người đổi chuỗi này"):
        await change_series(db, sessions[0].id, THURSDAY, scope="all", seen=seen, by=here.by, now=NOON)


async def test_two_coordinators_at_once_leave_one_rule(engine: AsyncEngine) -> None:
    """Both press at one moment, from different meetings: one waits, then finds it changed."""
    sessions_of = database.session_maker(engine, LISTENERS)
    async with sessions_of.begin() as db:
        here = await add_planning(db)
        ids = [each.id for each in await tuesdays(db, here, meetings=6)]
        seen = state_of(await in_scope(db, await db.get_one(ClassSession, ids[0]), "all", NOON))

    async def move(session_id: int, day: date) -> str:
        try:
            async with sessions_of.begin() as db:
                await change_series(
                    db, session_id, SessionChange(day=day), scope="all", seen=seen, by=here.by, now=NOON
                )
        except NotPossibleNow as refusal:
            return refusal.sentence
        return "moved"

    answers = await asyncio.gather(
        move(ids[0], date(2026, 12, 10)), move(ids[5], date(2027, 1, 15)), move(ids[3], date(2026, 12, 30))
    )

    assert sorted(each[:15] for each in answers) == ["Vừa có người đổ", "Vừa có người đổ", "moved"]
    async with sessions_of() as db:
        days = {each[:2] for each in await starts_in_words(db)}
        assert len(days) == 1
        assert await db.scalar(select(func.count()).select_from(Series)) == 1
