"""A series planned once more from another day on: drafts like the original, with those who are wanted."""

from collections.abc import Collection
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import InvalidInput
from notifications.models import Message
from scheduling.models import Assignment, ClassSession, Enrolment, Series
from scheduling.service.sessions import publish_sessions
from staffing.service.series_copy import SeriesCopy, copy_series
from tests.classroom import add_learner, enrol
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, Planning, add_planning, add_trainer, assign, slot
from tests.scheduling.plan_pages import picks, words
from tests.scheduling.series_changes import tuesdays, weekly_times
from wordings.service.shipped import load_wordings

MARCH = [date(2027, 3, 2), date(2027, 3, 9), date(2027, 3, 16)]
STARTS = [slot(day).starts_at for day in MARCH]


async def original(db: AsyncSession, here: Planning) -> list[ClassSession]:
    """Three published Tuesdays, each with its own title, a learner and a helper."""
    await load_wordings(db, by=here.by, now=NOON)
    sessions = list(await tuesdays(db, here, meetings=3))
    learner, helper = await add_learner(db, "Trần Thị Ánh", phone="+84905123456"), await add_trainer(db)
    for number, each in enumerate(sessions, 1):
        each.title = f"Buổi {number}"
        await enrol(db, each, learner)
        await assign(db, each, helper)
    await db.flush()
    await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
    return sessions


async def copies(db: AsyncSession, series_id: int) -> list[ClassSession]:
    found = await db.scalars(
        select(ClassSession).where(ClassSession.series_id == series_id).order_by(ClassSession.starts_at)
    )
    return list(found)


async def test_copy_is_a_draft_like_the_original_with_its_people(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await original(db, here)
    number = sessions[0].series_id or 0
    told = await db.scalar(select(func.count()).select_from(Message))

    wanted = SeriesCopy(MARCH[0], here.small.id, learners=True, helpers=True)
    done = await copy_series(db, WARD, number, wanted, picked=STARTS, by=here.by, now=NOON)

    made = await copies(db, done.series_id)
    assert [(each.title, each.starts_at, each.room_id, each.published_at) for each in made] == [
        (f"Buổi {number}", start, here.small.id, None) for number, start in enumerate(STARTS, 1)
    ]
    ids = [each.id for each in made]
    seats = await db.scalar(select(func.count()).where(Enrolment.session_id.in_(ids)))
    asked = await db.scalars(select(Assignment.state).where(Assignment.session_id.in_(ids)))
    assert (seats, set(asked)) == (3, {"offered"})
    assert await db.scalar(select(func.count()).select_from(Message)) == told
    series = await db.get_one(Series, done.series_id)
    assert (series.copied_from_id, series.split_from_id, series.meetings) == (number, None, 3)
    assert await weekly_times(db, series.id) == await weekly_times(db, number)


async def test_copy_without_people_has_none(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await original(db, here)

    wanted = SeriesCopy(MARCH[0], None, learners=False, helpers=False)
    done = await copy_series(
        db, WARD, sessions[0].series_id or 0, wanted, picked=STARTS[:2], by=here.by, now=NOON
    )

    made = await copies(db, done.series_id)
    ids = [each.id for each in made]
    assert [each.room_id for each in made] == [here.hall.id] * 2
    assert await db.scalar(select(func.count()).where(Enrolment.session_id.in_(ids))) == 0
    assert await db.scalar(select(func.count()).where(Assignment.session_id.in_(ids))) == 0


class Gaps:
    """Only some learners lack skills."""

    def __init__(self, *lacking: int) -> None:
        self.them = lacking

    async def lacking(
        self, db: AsyncSession, learner_ids: Collection[int], course_id: int | None
    ) -> Collection[int]:
        return [each for each in learner_ids if each in self.them]


async def test_copy_for_those_who_lack_skills_enrols_only_them(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await original(db, here)
    lacks = await add_learner(db, "Phan Văn Bảy", phone="+84905123999")
    await enrol(db, sessions[-1], lacks)

    wanted = SeriesCopy(MARCH[0], None, learners=False, helpers=False, lacking=True)
    done = await copy_series(
        db,
        WARD,
        sessions[0].series_id or 0,
        wanted,
        picked=STARTS,
        gaps=Gaps(lacks.id),
        by=here.by,
        now=NOON,
    )

    seats = select(Enrolment.learner_id).where(Enrolment.session_id.in_(done.meetings.session_ids))
    assert set(await db.scalars(seats)) == {lacks.id}


async def test_copy_into_the_past_or_without_dates_is_refused(db: AsyncSession) -> None:
    here = await add_planning(db)
    sessions = await original(db, here)
    number = sessions[0].series_id or 0

    for first, picked, field in ((date(2026, 1, 6), STARTS, "starts_on"), (MARCH[0], [], "pick")):
        wanted = SeriesCopy(first, None, learners=False, helpers=False)
        with pytest.raises(InvalidInput) as refused:
            await copy_series(db, WARD, number, wanted, picked=picked, by=here.by, now=NOON)
        assert list(refused.value.fields) == [field]


async def test_pages_copy_a_series_and_name_its_origin(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        sessions = await original(db, here)
    series = f"/lich/{WARD}/chuoi/{sessions[0].series_id}"
    async with app.client_as("ha@example.org") as client:
        form = (await client.get(f"{series}/chep")).text
        wanted = {"starts_on": "01/03/2027", "nguoi_hoc": "1", "nguoi_day": "1"}
        seen = (await client.get(f"{series}/chep/xem-truoc", params=wanted)).text
        past = await client.get(f"{series}/chep/xem-truoc", params=wanted | {"starts_on": "01/01/2026"})
        none = await client.post(f"{series}/chep", data=wanted)
        made = await client.post(f"{series}/chep", data=wanted | {"pick": picks(seen)})
        page = words((await client.get(made.headers["location"])).text)

    assert "Như chuỗi gốc" in form
    assert len(picks(seen)) == 3
    assert "Ngày này đã qua" in past.text
    assert none.status_code == 422
    assert "Đã thêm 3 buổi." in page
    assert "Chép từ một chuỗi khác: xem chuỗi gốc" in page


async def test_copy_to_dates_that_are_all_taken_offers_no_button(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        sessions = await original(db, here)
    series = f"/lich/{WARD}/chuoi/{sessions[0].series_id}"
    first = sessions[0].starts_at.strftime("%d/%m/%Y")

    async with app.client_as("ha@example.org") as client:
        taken = await client.get(f"{series}/chep/xem-truoc", params={"starts_on": first})
        free = await client.get(f"{series}/chep/xem-truoc", params={"starts_on": "02/03/2027"})

    assert "Không ngày nào lập được" in words(taken.text)
    assert "Lập chuỗi mới" not in words(taken.text)
    assert "Không ngày nào lập được" not in words(free.text)
    assert "Lập chuỗi mới" in words(free.text)
