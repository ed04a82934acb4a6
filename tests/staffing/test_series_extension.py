"""Further meetings of a series: same times, who goes on, one text to a phone; and ending it early."""

from datetime import date, time

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import InvalidInput
from notifications.models import Message
from scheduling.errors import NotPossibleNow
from scheduling.models import Assignment, ClassSession, Enrolment, Series
from scheduling.rules.plan import SessionChange
from scheduling.service.holidays import add_holiday
from scheduling.service.series_changes import change_series
from scheduling.service.series_end import end_series
from scheduling.service.sessions import plan_session, publish_sessions
from staffing.queries.further_dates import further_dates
from staffing.queries.series_model import SeriesModel, series_model
from staffing.service.further_meetings import Extension, extend_series, extension_plan
from staffing.service.reopening import reopen_sessions
from tests.classroom import add_learner, enrol
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, Planning, add_people, add_planning, assign, slot
from tests.scheduling.plan_pages import picks, words
from tests.scheduling.series_changes import starts_in_words, tuesdays
from wordings.service.shipped import load_wordings

THREE_MORE = Extension(None, 3, learners=True, helpers=True, publish=False)


async def a_series(db: AsyncSession, here: Planning) -> tuple[SeriesModel, list[ClassSession]]:
    """Two Tuesdays with a learner and a helper who accepted."""
    sessions = list(await tuesdays(db, here, meetings=2))
    await add_people(db, sessions)
    model = await series_model(db, WARD, sessions[0].series_id or 0)
    assert model is not None
    return model, sessions


async def test_series_goes_on_at_its_times_with_its_people(db: AsyncSession) -> None:
    here = await add_planning(db)
    await load_wordings(db, by=here.by, now=NOON)
    model, _sessions = await a_series(db, here)
    dates = [slot(date(2026, 12, 22)).starts_at, slot(date(2027, 1, 5)).starts_at]

    wanted = Extension(None, 3, learners=True, helpers=True, publish=True)
    done = await extend_series(db, WARD, model.series.id, wanted, picked=dates, by=here.by, now=NOON)

    assert await starts_in_words(db) == [
        "T3 08/12 08:30",
        "T3 15/12 08:30",
        "T3 22/12 08:30",
        "T3 05/01 08:30",
    ]
    seats = await db.scalars(
        select(Enrolment.session_id).where(
            Enrolment.session_id.in_(done.session_ids), Enrolment.state == "enrolled"
        )
    )
    asked = await db.execute(
        select(Assignment.session_id, Assignment.state).where(Assignment.session_id.in_(done.session_ids))
    )
    assert sorted(seats) == list(done.session_ids)
    assert sorted(tuple(each) for each in asked) == [(number, "offered") for number in done.session_ids]
    assert model.series.meetings == 4
    texts = await db.execute(
        select(Message.purpose, func.count())
        .where(Message.purpose.in_(("enrolled", "assignment_offered")), Message.state == "planned")
        .group_by(Message.purpose)
        .order_by(Message.purpose)
    )
    assert [tuple(each) for each in texts] == [("assignment_offered", 1), ("enrolled", 1)]


async def test_drafts_tell_nobody(db: AsyncSession) -> None:
    here = await add_planning(db)
    await load_wordings(db, by=here.by, now=NOON)
    model, _sessions = await a_series(db, here)

    await extend_series(
        db,
        WARD,
        model.series.id,
        THREE_MORE,
        picked=[slot(date(2026, 12, 22)).starts_at],
        by=here.by,
        now=NOON,
    )

    assert await db.scalar(select(func.count()).select_from(Message)) == 0


async def test_dates_name_holidays_rooms_and_busy_people(db: AsyncSession) -> None:
    here = await add_planning(db)
    model, _sessions = await a_series(db, here)
    model.series.skips_holidays = True
    await add_holiday(
        db, day=date(2026, 12, 22), name="Lễ hội", ward_id=WARD, tentative=False, by=here.by, now=NOON
    )
    await plan_session(db, WARD, here.details(title="QR"), slot(date(2026, 12, 29)), by=here.by, now=NOON)
    other = await plan_session(
        db, WARD, here.details(words="Chợ"), slot(date(2027, 1, 5), time(9)), by=here.by, now=NOON
    )
    await assign(db, other, model.helpers[0].trainer)
    db.add(
        Enrolment(
            ward_id=WARD,
            session_id=other.id,
            learner_id=model.learners[0],
            learner_ward_id=WARD,
            state="enrolled",
            queued_at=NOON,
        )
    )
    await db.flush()

    seen = await further_dates(
        db,
        WARD,
        extension_plan(model, THREE_MORE, now=NOON),
        learners=model.learners,
        helpers=model.helpers,
        starts=model.starts,
        now=NOON,
    )

    assert [(each.possible, len(each.busy), each.learners) for each in seen.lines] == [
        (False, 0, 0),
        (False, 0, 0),
        (True, 1, 1),
        (True, 0, 0),
    ]
    assert seen.lines[0].date.meeting.skipped
    assert [each.title for each in seen.lines[1].date.there] == ["QR"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Extension(date(2026, 12, 15), None, True, True, False), "ends_on"),
        (Extension(date(2029, 12, 15), None, True, True, False), "ends_on"),
        (Extension(None, 199, True, True, False), "meetings"),
    ],
)
async def test_impossible_ends_are_refused_at_their_field(
    db: AsyncSession, wanted: Extension, field: str
) -> None:
    here = await add_planning(db)
    model, _sessions = await a_series(db, here)

    with pytest.raises(InvalidInput) as refused:
        extension_plan(model, wanted, now=NOON)

    assert list(refused.value.fields) == [field]


async def test_series_that_was_split_goes_on_in_the_later_one(db: AsyncSession) -> None:
    here = await add_planning(db)
    model, sessions = await a_series(db, here)
    change = SessionChange(day=date(2026, 12, 17))
    await change_series(db, sessions[1].id, change, scope="following", by=here.by, now=NOON)

    with pytest.raises(NotPossibleNow, match="đã tách"):
        await extend_series(db, WARD, model.series.id, THREE_MORE, picked=[], by=here.by, now=NOON)
    later = (await db.scalars(select(Series.id).where(Series.split_from_id == model.series.id))).one()
    thursday = slot(date(2026, 12, 24)).starts_at
    done = await extend_series(db, WARD, later, THREE_MORE, picked=[thursday], by=here.by, now=NOON)

    assert len(done.session_ids) == 1


async def test_early_end_cancels_published_and_deletes_empty_drafts(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here, meetings=5)
    learner = await add_learner(db, "Trần Thị Ánh")
    await publish_sessions(db, [each.id for each in sessions[:3]], by=here.by, now=NOON)
    await enrol(db, sessions[3], learner)
    number = sessions[0].series_id or 0

    done = await end_series(
        db, WARD, number, last_day=date(2026, 12, 15), reason="Hết kinh phí", by=here.by, now=NOON
    )

    assert (done.cancelled, done.deleted) == ((sessions[2].id, sessions[3].id), 1)
    assert await starts_in_words(db) == ["T3 08/12 08:30", "T3 15/12 08:30"]
    series = await db.get_one(Series, number)
    assert (series.ends_on, series.meetings) == (date(2026, 12, 15), None)
    with pytest.raises(InvalidInput):
        await end_series(db, WARD, number, last_day=date(2026, 12, 15), reason="Hết", by=here.by, now=NOON)


async def test_undoing_an_early_end_restores_the_last_day(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here, meetings=4)
    await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
    series = await db.get_one(Series, sessions[0].series_id or 0)
    before = (series.ends_on, series.meetings)
    done = await end_series(
        db, WARD, series.id, last_day=date(2026, 12, 8), reason="Hết kinh phí", by=here.by, now=NOON
    )

    await reopen_sessions(db, done.cancelled[:1], by=here.by, now=NOON)
    one_opened = (series.ends_on, series.meetings)
    await reopen_sessions(db, done.cancelled[1:], by=here.by, now=NOON)

    assert one_opened == (date(2026, 12, 15), None)
    assert (series.ends_on, series.meetings, series.ended_at) == (*before, None)


async def test_extended_series_keeps_its_new_end_when_a_date_is_opened_again(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here, meetings=2)
    await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
    number = sessions[0].series_id or 0
    done = await end_series(
        db, WARD, number, last_day=date(2026, 12, 8), reason="Hết kinh phí", by=here.by, now=NOON
    )
    later = slot(date(2026, 12, 22)).starts_at
    await extend_series(db, WARD, number, THREE_MORE, picked=[later], by=here.by, now=NOON)

    await reopen_sessions(db, done.cancelled, by=here.by, now=NOON)

    assert (await db.get_one(Series, number)).ends_on == date(2026, 12, 22)


async def test_cancelled_dates_are_shown_and_not_planned_twice(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await tuesdays(db, here, meetings=3)
    await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
    number = sessions[0].series_id or 0
    await end_series(
        db, WARD, number, last_day=date(2026, 12, 8), reason="Hết kinh phí", by=here.by, now=NOON
    )
    model = await series_model(db, WARD, number)
    assert model is not None

    plan = extension_plan(model, THREE_MORE, now=NOON)
    seen = await further_dates(db, WARD, plan, learners=(), helpers=(), starts=model.starts, now=NOON)

    assert [(each.known, each.possible) for each in seen.lines] == [
        (True, False),
        (True, False),
        (False, True),
    ]


async def test_pages_extend_and_end_a_series(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        await load_wordings(db, by=here.by, now=NOON)
        model, _sessions = await a_series(db, here)
    series = f"/lich/{WARD}/chuoi/{model.series.id}"
    async with app.client_as("ha@example.org") as client:
        form = (await client.get(f"{series}/them-buoi")).text
        wanted = {"meetings": "3", "nguoi_hoc": "1", "nguoi_day": "1"}
        seen = (await client.get(f"{series}/them-buoi/xem-truoc", params=wanted)).text
        none = await client.post(f"{series}/them-buoi", data=wanted)
        made = await client.post(f"{series}/them-buoi", data=wanted | {"pick": picks(seen)})
        after = words((await client.get(made.headers["location"])).text)
        both = await client.get(f"{series}/them-buoi/xem-truoc", params=wanted | {"ends_on": "31/12/2026"})
        empty = await client.get(f"{series}/them-buoi/xem-truoc", params={"ends_on": "06/01/2027"})
        end = {"last_day": "29/12/2026", "reason": "Hết kinh phí"}
        ending = words((await client.get(f"{series}/ket-thuc-som/xem-truoc", params=end)).text)
        past = await client.get(f"{series}/ket-thuc-som/xem-truoc", params=end | {"last_day": "01/01/2026"})
        ended = await client.post(f"{series}/ket-thuc-som", data=end)
        said = words((await client.get(ended.headers["location"])).text)

    assert "Ghi danh luôn 1 người học" in form
    assert len(picks(seen)) == 3
    assert none.status_code == 422
    assert "Đã thêm 3 buổi." in after
    assert "một trong hai" in both.text
    assert "không có ngày học nào" in empty.text
    assert "Hủy 1 buổi" in ending
    assert "Ngày này đã qua" in past.text
    assert "Đã hủy 1 buổi." in said
    assert past.status_code == 422
    assert "Hết kinh phí" in past.text  # nothing typed is lost
