"""Days on which the classes of wards are cancelled together: one text a phone, ahead of all that waits."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Grant, Role
from lopso.kernel.errors import InvalidInput
from notifications.models import Message
from notifications.service.closure_preview import preview_closure
from scheduling.models import SESSION_KINDS, Assignment, ClassSession, ClosureWard, Holiday
from scheduling.queries.closures import closure_progress
from scheduling.rules.closures import ClosurePlan
from scheduling.service.closures import close_next, start_closure
from scheduling.service.enrolments import enrol as give_seats
from staffing.service.offers import offer_assignments
from staffing.service.reopening import reopen_sessions
from tests.classroom import WARD, add_learner
from tests.factories import NOON, actor_for, add_user
from tests.notifications.scenario import LAN, MINH, THURSDAY, add_city, add_class
from tests.notifications.series_texts import add_series, add_trainer, gone
from wordings.models import MessageTemplate

CITY = Actor(None, "Thành phố", (Grant(Role.CITY_ADMIN, None),))
THURSDAY_AND_FRIDAY = ClosurePlan((WARD,), date(2026, 11, 26), date(2026, 11, 27), SESSION_KINDS)


async def a_week(db: AsyncSession) -> tuple[list[ClassSession], Actor]:
    """Thursday's class of a series and one on Friday, with Lan in both and Minh helping, and a later one."""
    course = await add_city(db)
    weekly = await add_series(db, course, weeks=2)
    alone = await add_class(db, course, starts_at=THURSDAY + timedelta(days=1, hours=2))
    user = await add_user(db, (Role.COORDINATOR, WARD))
    by = actor_for(user, (Role.COORDINATOR, WARD))
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    ids = [weekly[0].id, weekly[1].id, alone.id]
    await give_seats(db, ids, [lan.id], by=by, now=NOON)
    await offer_assignments(db, ids, [minh.id], role="helper", agreed=True, by=by, now=NOON)
    await gone(db, at=NOON)
    return [weekly[0], alone, weekly[1]], by


async def close_all(db: AsyncSession, now: datetime) -> int:
    """How many wards were closed."""
    number = 0
    while await close_next(db, now=now):
        number += 1
    return number


async def planned(db: AsyncSession) -> list[tuple[str, str, int | None]]:
    rows = await db.execute(
        select(Message.purpose, Message.body_accented, Message.session_id)
        .where(Message.state == "planned")
        .order_by(Message.purpose, Message.session_id)
    )
    return [(purpose, body, session_id) for purpose, body, session_id in rows]


async def test_one_text_a_phone_replaces_the_reminders_of_every_closed_class(db: AsyncSession) -> None:
    [thursday, friday, later], by = await a_week(db)
    now = NOON + timedelta(hours=1)
    seen = await preview_closure(db, [thursday.id, friday.id], "Mưa bão", now=now)

    closure = await start_closure(db, THURSDAY_AND_FRIDAY, reason="Mưa bão", by=by, now=now)
    assert await close_all(db, now) == 1

    texts = await planned(db)
    assert [(purpose, session) for purpose, _body, session in texts] == [
        ("helper_cancelled", thursday.id),
        ("reminder_day_before", later.id),
        ("reminder_same_day", later.id),
        ("session_cancelled", thursday.id),
    ]
    assert texts[-1][1] == (
        "14h00 thứ Năm 26/11 và 16h00 thứ Sáu 27/11, phường Phú Xuân: tạm nghỉ, vì mưa bão."
        " Kính báo bà Lê Thị Lan. Học bù báo sau. Hỏi thêm: 0234 3823 456."
    )
    assert (seen.count, {each.sample for each in seen.messages}) == (2, {texts[0][1], texts[-1][1]})
    assert {each.closure_id for each in (thursday, friday)} == {closure.id}
    assert later.cancelled_at is None
    states = await db.scalars(select(Assignment.state).where(Assignment.session_id == friday.id))
    assert set(states) == {"withdrawn"}


async def test_unsent_text_of_seats_still_names_the_classes_after_the_closure(db: AsyncSession) -> None:
    weekly = await add_series(db, await add_city(db), weeks=2)
    user = await add_user(db, (Role.COORDINATOR, WARD))
    by = actor_for(user, (Role.COORDINATOR, WARD))
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    ids = [each.id for each in weekly]
    await give_seats(db, ids, [lan.id], by=by, now=NOON)
    await offer_assignments(db, ids, [minh.id], role="helper", agreed=False, by=by, now=NOON)

    await start_closure(db, THURSDAY_AND_FRIDAY, reason="Mưa bão", by=by, now=NOON)
    await close_all(db, NOON)

    announced = [(purpose, session) for purpose, _body, session in await planned(db)]
    assert ("enrolled", weekly[1].id) in announced
    assert ("assignment_offered", weekly[1].id) in announced


async def test_wording_that_is_not_registered_yet_gives_way_to_one_that_is(db: AsyncSession) -> None:
    _sessions, by = await a_week(db)
    known = MessageTemplate.code.in_(("series_cancelled", "helper_series_cancelled"))
    await db.execute(update(MessageTemplate).where(known).values(registered_id="HUE-1"))
    await start_closure(db, THURSDAY_AND_FRIDAY, reason="Mưa bão", by=by, now=NOON)
    await close_all(db, NOON)

    codes = await db.scalars(
        select(MessageTemplate.code)
        .join(Message, Message.template_id == MessageTemplate.id)
        .where(Message.purpose.in_(("session_cancelled", "helper_cancelled")), Message.state == "planned")
    )

    assert set(codes) == {"series_cancelled", "helper_series_cancelled"}


async def test_closure_done_twice_tells_nobody_twice(db: AsyncSession) -> None:
    _sessions, by = await a_week(db)
    await start_closure(db, THURSDAY_AND_FRIDAY, reason="Mưa bão", by=by, now=NOON)
    await close_all(db, NOON)
    before = await db.scalar(select(func.count()).select_from(Message))

    with pytest.raises(InvalidInput):
        await start_closure(db, THURSDAY_AND_FRIDAY, reason="Mưa bão", by=by, now=NOON)

    assert await close_all(db, NOON) == 0
    assert await db.scalar(select(func.count()).select_from(Message)) == before


async def test_closure_whose_reason_no_session_could_keep_is_not_started(db: AsyncSession) -> None:
    _sessions, by = await a_week(db)

    with pytest.raises(InvalidInput) as refused:
        await start_closure(db, THURSDAY_AND_FRIDAY, reason="bão " * 51, by=by, now=NOON)

    assert refused.value.fields == {"reason": "Lý do dài quá 200 chữ."}


async def test_days_become_days_off_only_where_every_kind_is_closed(db: AsyncSession) -> None:
    _sessions, by = await a_week(db)
    only = ClosurePlan((WARD,), date(2026, 11, 27), date(2026, 11, 27), ("ward_class",))
    await start_closure(db, only, reason="Mất điện", by=by, now=NOON)
    await start_closure(db, THURSDAY_AND_FRIDAY, reason="Mưa bão", by=by, now=NOON)

    days = await db.execute(select(Holiday.day, Holiday.name).where(Holiday.ward_id == WARD))

    assert sorted(tuple(each) for each in days) == [
        (date(2026, 11, 26), "Mưa bão"),
        (date(2026, 11, 27), "Mưa bão"),
    ]


async def test_reopened_class_leaves_the_closure_and_withdraws_its_text(db: AsyncSession) -> None:
    [thursday, friday, _later], by = await a_week(db)
    closure = await start_closure(db, THURSDAY_AND_FRIDAY, reason="Mưa bão", by=by, now=NOON)
    await close_all(db, NOON)

    await reopen_sessions(db, [thursday.id, friday.id], by=by, now=NOON)

    assert not [each for each in await planned(db) if each[0].endswith("cancelled")]
    found = await closure_progress(db, closure.id, by=by)
    assert [(each.cancelled, each.open) for each in found.wards] == [(2, 0)]


async def test_ward_is_told_of_a_closure_only_for_its_own_wards(db: AsyncSession) -> None:
    _sessions, by = await a_week(db)
    closure = await start_closure(db, THURSDAY_AND_FRIDAY, reason="Mưa bão", by=CITY, now=NOON)

    assert [each.ward.id for each in (await closure_progress(db, closure.id, by=by)).wards] == [WARD]
    assert await db.scalar(select(ClosureWard.done_at)) is None
