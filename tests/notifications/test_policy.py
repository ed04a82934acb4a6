"""Reminder times, caps and budgets of the city and its wards, also for planned texts."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from lopso.kernel.access import Role
from notifications.models import Message, ReminderPolicy, ReminderTime, Replanning, WardMonth
from notifications.queries.policies import policies_for
from notifications.rules.timing import USUAL, Policy, Times
from notifications.service import replanning
from notifications.service.policy import drop_policy, policies, set_budget, set_policy
from notifications.service.replanning import process_next
from scheduling.models import ClassSession
from tests.classroom import WARD, add_learner
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_user, add_ward
from tests.notifications.scenario import LAN, THURSDAY, add_city, add_class, announce

EVENING = Policy(day_before_at=time(19, 30), hours_before=3)
ADMIN = "toan@example.org"
HERE = f"/tin-nhan/{WARD}/gio-nhac"
BUDGET = f"{HERE}/han-muc"
FORM = {
    "day_before_at": "18:00",
    "hours_before": "2",
    "quiet_until": "07:00",
    "quiet_from": "21:00",
    "daily_cap": "6",
    "useless_minutes": "15",
}


async def due(db: AsyncSession) -> list[tuple[str, datetime]]:
    """Planned reminders by time."""
    rows = await db.scalars(
        select(Message)
        .where(Message.state == "planned")
        .order_by(Message.due_at)
        .execution_options(populate_existing=True)
    )
    return [(row.purpose, row.due_at) for row in rows]


async def planned_class(db: AsyncSession) -> ClassSession:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    await announce(db, session)
    return session


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return clock.at(date(2026, 11, day), time(hour, minute))


async def test_new_ward_times_apply_to_planned_reminders_at_once(db: AsyncSession) -> None:
    await planned_class(db)
    assert await due(db) == [("reminder_day_before", at(25, 18)), ("reminder_same_day", at(26, 12))]

    assert await set_policy(db, WARD, EVENING, by=TEST, now=NOON)
    assert await due(db) == [("reminder_day_before", at(25, 19, 30)), ("reminder_same_day", at(26, 11))]

    assert await set_policy(db, WARD, Policy(day_before_at=None, hours_before=3), by=TEST, now=NOON)
    assert await due(db) == [("reminder_same_day", at(26, 11))]

    assert await drop_policy(db, WARD, by=TEST, now=NOON)
    assert await due(db) == [("reminder_day_before", at(25, 18)), ("reminder_same_day", at(26, 12))]


async def test_new_city_times_are_applied_ward_by_ward(db: AsyncSession) -> None:
    await planned_class(db)
    await add_ward(db, ward_id="19804", name="Thuận An")  # nothing is planned here

    assert not await set_policy(db, None, EVENING, by=TEST, now=NOON)

    assert (await due(db))[0] == ("reminder_day_before", at(25, 18))
    assert (await db.scalars(select(Replanning.ward_id))).all() == [WARD]
    assert await process_next(db, now=NOON) == WARD
    assert await process_next(db, now=NOON) is None
    assert await due(db) == [("reminder_day_before", at(25, 19, 30)), ("reminder_same_day", at(26, 11))]


async def test_large_ward_is_replanned_later(db: AsyncSession) -> None:
    session = await planned_class(db)
    course = await db.get_one(ClassSession, session.id)
    for week in range(replanning.MAX_AT_ONCE):
        later = ClassSession(
            ward_id=WARD,
            course_id=course.course_id,
            kind="ward_class",
            title="Thanh toán QR",
            place="Nhà văn hóa TDP 5",
            starts_at=THURSDAY + timedelta(days=week + 1),
            ends_at=THURSDAY + timedelta(days=week + 1, hours=2),
            original_start=THURSDAY + timedelta(days=week + 1),
            capacity=30,
            need_trainers=1,
            need_helpers=2,
            created_at=NOON,
            published_at=NOON,
        )
        db.add(later)
    await db.flush()

    assert not await set_policy(db, WARD, EVENING, by=TEST, now=NOON)
    assert await process_next(db, now=NOON) == WARD
    assert (await due(db))[0] == ("reminder_day_before", at(25, 19, 30))


async def test_market_rounds_are_reminded_on_the_eve_by_default(
    db: AsyncSession,
) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    session.kind = "market_round"
    await db.flush()
    await announce(db, session)
    assert await due(db) == [("reminder_day_before", at(25, 18))]

    other = Policy(kinds={"market_round": Times(time(17), 4), "home_visit": Times(None, 1)})
    await set_policy(db, WARD, other, by=TEST, now=NOON)
    assert await due(db) == [("reminder_day_before", at(25, 17)), ("reminder_same_day", at(26, 10))]

    # A ward's own policy is whole: the city's times of kinds are not mixed into it.
    await set_policy(db, WARD, Policy(), by=TEST, now=NOON)
    assert (await policies_for(db, [WARD]))[WARD].kinds == {}
    assert await due(db) == [("reminder_day_before", at(25, 18)), ("reminder_same_day", at(26, 12))]


async def test_reminder_too_near_the_start_is_not_planned(db: AsyncSession) -> None:
    await planned_class(db)
    await set_policy(db, WARD, Policy(day_before_at=None, useless_minutes=30), by=TEST, now=NOON)
    [row] = (await db.scalars(select(Message).where(Message.state == "planned"))).all()
    assert (row.due_at, row.useless_after) == (at(26, 12), at(26, 13, 30))

    late = at(26, 13, 40)
    await set_policy(db, WARD, Policy(useless_minutes=15), by=TEST, now=late)
    assert await due(db) == [("reminder_same_day", late)]
    await set_policy(db, WARD, Policy(useless_minutes=30), by=TEST, now=late)
    assert await due(db) == []


async def test_only_the_administrator_sets_the_budget(app: TestApp) -> None:
    app.app.state.settings = replace(app.app.state.settings, sms_segment_price=850)
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email=ADMIN)
        await add_user(db, (Role.COORDINATOR, WARD), name="Lê Hà", email="ha@example.org")
        db.add(
            WardMonth(
                ward_id=WARD, month=date(2026, 11, 1), texts=1240, segments=1240, price=Decimal(850_000)
            )
        )
    async with app.client_as(ADMIN) as client:
        free = (await client.get(HERE)).text
        saved = await client.post(BUDGET, data={"monthly_budget": "1.000.000", "budget_warning": "80"})
        warned = (await client.get(HERE)).text
    async with app.client_as("ha@example.org") as client:
        own = await client.post(
            HERE,
            data={
                **FORM,
                "monthly_budget": "9.000.000",
                "whose": "ward",
                "differs": "mass_event",
                "mass_event_day_before_at": "16:30",
            },
        )
        forbidden = await client.post(BUDGET, data={"ward_budget": "9.000.000", "budget_warning": "80"})
    async with app.sessions.begin() as db:
        held = await policies(db, WARD)
        row = await db.get_one(WardMonth, (WARD, date(2026, 11, 1)))
        row.price = Decimal(1_000_000)
    async with app.client_as(ADMIN) as client:
        spent = (await client.get(HERE)).text

    assert "Tháng 11 đã gửi 1.240 tin, hết 850.000 đồng. Chưa đặt hạn mức hằng tháng." in free
    assert (saved.status_code, own.status_code, forbidden.status_code) == (303, 303, 403)
    assert held.city == replace(USUAL, monthly_budget=Decimal(1_000_000))
    assert held.ward == Policy(
        useless_minutes=15,
        monthly_budget=Decimal(1_000_000),
        kinds={"mass_event": Times(time(16, 30), None)},
    )
    assert "Tháng 11 đã dùng 850.000 trong 1.000.000 đồng dành cho tin nhắn." in warned
    assert "Tháng 11 đã dùng hết 1.000.000 đồng dành cho tin nhắn." in spent


@pytest.mark.parametrize("typed", ["07:00+01:00", "07:00Z", "24:00", "٠٧:٠٠", "07:00:30.5", "\x00"])
async def test_malformed_hour_is_refused(app: TestApp, typed: str) -> None:
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email=ADMIN)
    async with app.client_as(ADMIN) as client:
        wrong = await client.post(HERE, data={**FORM, "quiet_until": typed})

    assert wrong.status_code == 422
    assert "Xin ghi giờ, ví dụ 8h30." in wrong.text


@pytest.mark.parametrize("typed", ["7 giờ", "7h", "07:00", "7h00"])
async def test_hour_is_read_in_any_usual_form(app: TestApp, typed: str) -> None:
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email=ADMIN)
    async with app.client_as(ADMIN) as client:
        saved = await client.post(HERE, data={**FORM, "quiet_until": typed})

    assert saved.status_code == 303
    async with app.sessions() as db:
        assert (await policies(db, WARD)).ward.quiet_until == time(7)


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ({"day_before_at": "23:00"}, True),
        ({"day_before_at": "06:59"}, True),
        ({"day_before_at": "21:00"}, False),
        ({"differs": "mass_event", "mass_event_day_before_at": "22:00"}, True),
        ({"mass_event_day_before_at": "22:00"}, False),
    ],
)
async def test_reminder_in_quiet_hours_is_refused(app: TestApp, typed: dict[str, str], refused: bool) -> None:
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email=ADMIN)
    async with app.client_as(ADMIN) as client:
        answer = await client.post(HERE, data={**FORM, **typed})

    assert answer.status_code == (422 if refused else 303)
    assert ("Giờ nhắc phải trong khoảng 07h00 đến 21h00." in answer.text) is refused


async def test_policy_form_shows_errors_at_fields_and_keeps_input(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email=ADMIN)
    async with app.client_as(ADMIN) as client:
        wrong = await client.post(
            HERE,
            data={
                **FORM,
                "differs": "market_round",
                "market_round_hours_before": "40",
                "useless_minutes": "999",
            },
        )
        dear = await client.post(BUDGET, data={"monthly_budget": "nhiều", "budget_warning": "80"})

    assert wrong.status_code == 422
    for said in (
        "Xin ghi một số từ 1 đến 23.",
        "Xin ghi một số từ 0 đến 240.",
        'value="40"',
    ):
        assert said in wrong.text
    assert dear.status_code == 422
    assert 'value="nhiều"' in dear.text
    async with app.sessions() as db:
        assert (await db.scalars(select(ReminderPolicy.ward_id))).all() == [None]
        kept = (await db.scalars(select(ReminderTime))).all()
        assert [(row.kind, row.day_before_at, row.hours_before) for row in kept] == [
            ("market_round", USUAL.kinds["market_round"].day_before_at, None)
        ]


async def test_ward_follows_the_city_where_it_changed_nothing(db: AsyncSession) -> None:
    await add_city(db)
    await set_policy(db, WARD, replace(USUAL, daily_cap=4), by=TEST, now=NOON)

    changed = replace(USUAL, day_before_at=time(17), useless_minutes=20)
    await set_policy(db, None, changed, by=TEST, now=NOON)
    await set_budget(db, WARD, own=None, citys=Decimal(500_000), warning=70, by=TEST, now=NOON)

    held = await policies(db, WARD)
    assert held.ward == replace(changed, daily_cap=4, monthly_budget=Decimal(500_000), budget_warning=70)
    assert held.differs


async def test_dropping_ward_times_keeps_its_budget(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_user(db, (Role.COORDINATOR, WARD), email="ha@example.org")
        await set_policy(db, WARD, EVENING, by=TEST, now=NOON)
        await set_budget(db, WARD, own=Decimal(100_000), citys=None, warning=80, by=TEST, now=NOON)
    async with app.client_as("ha@example.org") as client:
        dropped = await client.post(HERE, data={"whose": "city"})
        page = (await client.get(HERE)).text

    assert dropped.status_code == 303
    async with app.sessions() as db:
        held = await policies(db, WARD)
    assert held.ward == replace(USUAL, monthly_budget=Decimal(100_000))
    assert not held.differs
    # Without the price of a segment nothing counts against it.
    assert "Hạn mức mỗi tháng là 100.000 đồng, nhưng chưa có hiệu lực" in page


async def test_zero_budget_is_a_budget(app: TestApp) -> None:
    app.app.state.settings = replace(app.app.state.settings, sms_segment_price=850)
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_user(db, (Role.COORDINATOR, WARD), email="ha@example.org")
        await set_budget(db, WARD, own=Decimal(0), citys=None, warning=80, by=TEST, now=NOON)
    async with app.client_as("ha@example.org") as client:
        page = (await client.get(HERE)).text

    assert "Thành phố đặt hạn mức 0 đồng" in page
    assert "Chưa đặt hạn mức" not in page


async def test_quiet_hours_lie_within_those_of_the_city_and_the_limits(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email=ADMIN)
    async with app.client_as(ADMIN) as client:
        all_day = {**FORM, "quiet_until": "00:00", "quiet_from": "23:59"}
        ward = await client.post(HERE, data={**all_day, "whose": "ward"})
        city = await client.post(HERE, data={**all_day, "whose": "everyone"})

    assert (ward.status_code, city.status_code) == (422, 422)
    assert "Sớm nhất là 07h00." in ward.text
    assert "Muộn nhất là 21h00." in ward.text
    assert "Sớm nhất là 06h00." in city.text
    assert "Muộn nhất là 22h00." in city.text


async def test_narrower_city_hours_narrow_those_of_wards(db: AsyncSession) -> None:
    await add_city(db)
    await add_ward(db, ward_id="19804", name="Thuận An")
    await set_policy(db, WARD, replace(USUAL, quiet_until=time(8)), by=TEST, now=NOON)
    await set_policy(db, "19804", replace(USUAL, quiet_from=time(9)), by=TEST, now=NOON)

    await set_policy(db, None, replace(USUAL, quiet_until=time(9), quiet_from=time(20)), by=TEST, now=NOON)
    db.expire_all()

    for ward_id in (WARD, "19804"):
        held = (await policies(db, ward_id)).ward
        assert (held.quiet_until, held.quiet_from) == (time(9), time(20))
