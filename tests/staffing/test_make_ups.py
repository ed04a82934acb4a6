"""Making up for classes that a storm cancelled: free dates, one decision, nobody twice."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import InvalidInput
from notifications.models import Message
from scheduling.models import SESSION_KINDS, Assignment, ClassSession, Enrolment
from scheduling.rules.closures import ClosurePlan
from scheduling.rules.recurrence import Slot
from scheduling.service.closures import close_next, start_closure
from scheduling.service.holidays import add_holiday
from scheduling.service.sessions import plan_session, publish_sessions
from staffing.queries.make_ups import MissedClasses, days_searched, missed_classes, occupied_between
from staffing.rules.make_ups import MissedSession, Occupied, propose_dates
from staffing.service.make_ups import make_up
from tests.classroom import add_learner, enrol
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, Planning, add_people, add_planning, assign, slot
from tests.scheduling.plan_pages import words
from tests.scheduling.series_changes import tuesdays
from trainers.models import Trainer
from wordings.service.shipped import load_wordings

STORM = date(2026, 12, 8)


async def a_storm(db: AsyncSession, here: Planning) -> tuple[MissedClasses, list[ClassSession]]:
    """Two Tuesdays with a learner and a helper, the first cancelled by a storm."""
    await load_wordings(db, by=here.by, now=NOON)
    sessions = list(await tuesdays(db, here, meetings=2))
    await add_people(db, sessions)
    await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
    plan = ClosurePlan((WARD,), STORM, STORM, SESSION_KINDS)
    closure = await start_closure(db, plan, reason="Mưa bão", by=here.by, now=NOON)
    assert await close_next(db, now=NOON)
    return await missed_classes(db, WARD, closure.id, by=here.by), sessions


def missed(number: int, day: date, *, room: int = 1, learners: tuple[int, ...] = ()) -> MissedSession:
    return MissedSession(number, slot(day), room, None, learners, ())


def test_no_two_proposals_take_one_room_or_one_learner() -> None:
    some = [missed(1, STORM), missed(2, STORM + timedelta(days=1)), missed(3, STORM, room=2, learners=(7,))]
    occupied = Occupied(
        learners={7: [slot(date(2026, 12, 10))]}, days_off={date(2026, 12, 11), date(2026, 12, 13)}
    )

    found = propose_dates(some, occupied, first_day=date(2026, 12, 10))

    assert {number: each.slot.day.day for number, each in found.items()} == {1: 10, 2: 12, 3: 12}
    assert all(each.free for each in found.values())


def test_without_a_free_date_the_one_with_fewest_people_elsewhere_is_proposed() -> None:
    days = [date(2026, 12, 10) + timedelta(days=each) for each in range(28)]
    occupied = Occupied(
        learners={7: [slot(day) for day in days], 8: [slot(day) for day in days if day.day != 20]}
    )

    found = propose_dates([missed(1, STORM, learners=(7, 8))], occupied, first_day=days[0])

    assert (found[1].slot.day, found[1].learners) == (date(2026, 12, 20), 1)


async def test_proposal_passes_over_holidays_rooms_and_busy_people(db: AsyncSession) -> None:
    here = await add_planning(db)
    classes, _sessions = await a_storm(db, here)
    await add_holiday(
        db, day=date(2026, 12, 9), name="Lễ hội", ward_id=WARD, tentative=False, by=here.by, now=NOON
    )
    await plan_session(db, WARD, here.details(title="QR"), slot(date(2026, 12, 10)), by=here.by, now=NOON)
    other = await plan_session(
        db, WARD, here.details(words="Chợ"), slot(date(2026, 12, 11), time(9)), by=here.by, now=NOON
    )
    await assign(db, other, (await db.scalars(select(Trainer))).one())

    first, last = days_searched(classes, NOON)
    some = [each.missed for each in classes.left]
    found = propose_dates(some, await occupied_between(db, WARD, some, first, last), first_day=first)

    assert [each.slot for each in found.values()] == [slot(date(2026, 12, 12))]


async def test_made_up_class_is_in_its_series_with_its_people_told_once(db: AsyncSession) -> None:
    here = await add_planning(db)
    classes, sessions = await a_storm(db, here)
    saturday = slot(date(2026, 12, 12))

    done = await make_up(db, classes, {sessions[0].id: saturday}, by=here.by, now=NOON)

    [number] = done.session_ids
    new = await db.get_one(ClassSession, number)
    assert (new.series_id, new.makes_up_for_id, new.rule_start) == (
        sessions[0].series_id,
        sessions[0].id,
        sessions[0].starts_at,
    )
    assert (new.title, new.room_id, new.published_at) == (sessions[0].title, sessions[0].room_id, NOON)
    assert set(await db.scalars(select(Enrolment.state).where(Enrolment.session_id == number))) == {
        "enrolled"
    }
    assert set(await db.scalars(select(Assignment.state).where(Assignment.session_id == number))) == {
        "offered"
    }
    texts = await db.scalars(
        select(Message.purpose).where(Message.session_id == number, Message.due_at <= NOON)
    )
    assert sorted(texts) == ["assignment_offered", "enrolled"]


async def test_class_is_made_up_for_only_once(db: AsyncSession) -> None:
    here = await add_planning(db)
    classes, sessions = await a_storm(db, here)
    await make_up(db, classes, {sessions[0].id: slot(date(2026, 12, 12))}, by=here.by, now=NOON)

    with pytest.raises(InvalidInput) as refused:
        await make_up(db, classes, {sessions[0].id: slot(date(2026, 12, 13))}, by=here.by, now=NOON)

    assert list(refused.value.fields) == [f"ngay{sessions[0].id}"]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [(slot(date(2026, 12, 15)), "đã có một buổi"), (slot(date(2026, 11, 20)), "đã qua")],
)
async def test_impossible_date_is_refused_at_its_field(db: AsyncSession, wanted: Slot, sentence: str) -> None:
    here = await add_planning(db)
    classes, sessions = await a_storm(db, here)

    with pytest.raises(InvalidInput) as refused:
        await make_up(db, classes, {sessions[0].id: wanted}, by=here.by, now=NOON)

    [(field, said)] = refused.value.fields.items()
    assert field == f"ngay{sessions[0].id}"
    assert sentence in said


async def test_pages_close_a_day_and_make_up_for_it(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        here = await add_planning(db)
        await load_wordings(db, by=here.by, now=NOON)
        [session] = await tuesdays(db, here, meetings=1)
        await enrol(db, session, await add_learner(db, "Trần Thị Ánh", phone="+84905123456"))
        await publish_sessions(db, [session.id], by=here.by, now=NOON)
    storm = "/lich/nghi-dong-loat"
    kinds = {"loai": list(SESSION_KINDS)}
    async with app.client_as("ha@example.org") as client:
        days_off = (await client.get(f"/lich/{WARD}/ngay-nghi")).text
        form = words((await client.get(storm)).text)
        empty = await client.get(f"{storm}/xem-truoc")
        none = await client.get(
            f"{storm}/xem-truoc", params={"tu": "10/12/2026", "reason": "Mưa bão", **kinds}
        )
        wanted = {"tu": "08/12/2026", "reason": "Mưa bão", **kinds}
        seen = (await client.get(f"{storm}/xem-truoc", params=wanted)).text
        texts = words((await client.get(f"{storm}/tin-nhan", params=wanted)).text)
        started = await client.post(storm, data=wanted)
        waiting = words((await client.get(started.headers["location"])).text)
        async with app.sessions.begin() as db:
            while await close_next(db, now=NOON):
                pass
        done = words((await client.get(started.headers["location"])).text)
        number = started.headers["location"].rsplit("/", 1)[1]
        page = f"/lich/{WARD}/day-bu/{number}"
        proposed = (await client.get(page)).text
        dates = {"pick": str(session.id), f"ngay{session.id}": "mai", f"gio{session.id}": "lúc nào"}
        wrong = await client.post(page, data=dates)
        checked = await client.post(page, data=dates | {f"gio{session.id}": "8h30", "xem": "1"})
        saved = await client.post(
            page, data=dates | {f"ngay{session.id}": "12/12/2026", f"gio{session.id}": "8h30"}
        )
        after = words((await client.get(saved.headers["location"])).text)
        all_done = words((await client.get(page)).text)

    assert f'href="{storm}?phuong={WARD}"' in days_off
    assert "Từ ngày" in form
    assert empty.status_code == 422
    assert "Xin ghi lý do" in empty.text
    assert "không còn buổi nào" in none.text
    assert "Hủy 1 buổi ở 1 phường, xã" in words(seen)
    assert "1 tin" in texts
    assert "Đang hủy từng phường, xã" in waiting
    assert "Đã hủy 1 buổi" in done
    assert 'value="09/12/2026"' in proposed
    assert "Xin ghi ngày và giờ" in wrong.text
    assert "lúc nào" in wrong.text  # nothing typed is lost
    assert "không còn giờ trống" not in wrong.text
    assert checked.status_code == 200
    assert "Đã xếp 1 buổi dạy bù." in after
    assert "Đã xếp dạy bù" in after
    assert "Mọi buổi đã xếp dạy bù" in all_done
