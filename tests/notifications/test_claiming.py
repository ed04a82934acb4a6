"""The last check before sending: opt-outs, caps, budgets, quiet hours."""

import asyncio
from datetime import time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from gateways.protocol import GatewayRejected, OutgoingText, Receipt
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from notifications.delivery.claiming import DueFilter, claim
from notifications.models import DeliveryEvent, Message, MessageRecipient, OptOut, ReminderPolicy, WardMonth
from notifications.service.reports import record_report
from tests.classroom import WARD
from tests.conftest import MovableClock
from tests.factories import NOON
from tests.notifications.fakes import CONFIG, EVE, FakeGateway, a_class, make_dispatcher, states
from tests.notifications.scenario import LAN, MINH, THURSDAY
from wordings.models import MessageTemplate

Sessions = async_sessionmaker[AsyncSession]
HOA = "+84905111222"
DAY_BEFORE = "reminder_day_before"


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return database.session_maker(engine, LISTENERS)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(EVE)


async def on_the_eve(sessions: Sessions) -> list[tuple[str, str, str]]:
    """Phone, state and reason of the reminders of the day before, by phone."""
    async with sessions() as db:
        rows = await db.execute(
            select(Message.to_phone, Message.state, Message.state_reason)
            .where(Message.purpose == DAY_BEFORE)
            .order_by(Message.to_phone)
        )
        return [(phone, state, reason) for phone, state, reason in rows]


async def add_text(db: AsyncSession, *, about: str, purpose: str, phone: str) -> int:
    """A text without a session, due at EVE; its id."""
    template_id = (await db.scalars(select(MessageTemplate.id))).first()
    assert template_id is not None
    message = Message(
        ward_id=WARD,
        session_version=0,
        about=about,
        purpose=purpose,
        message_class="service",
        to_phone=phone,
        template_id=template_id,
        body="Chung nhan da co",
        body_accented="Chứng nhận đã có",
        encoding="gsm7",
        segments=1,
        due_at=EVE,
        useless_after=EVE + timedelta(days=2),
        reference=uuid4(),
        created_at=NOON,
    )
    db.add(message)
    await db.flush()
    learner_id = (await db.scalars(select(MessageRecipient.learner_id))).first()
    db.add(MessageRecipient(message_id=message.id, learner_id=learner_id))
    return message.id


async def test_opted_out_number_is_not_sent_to(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN, MINH, HOA)
    async with sessions.begin() as db:
        await add_text(db, about="certificate:17", purpose="certificate_ready", phone=LAN)
        await add_text(db, about="certificate:18", purpose="certificate_ready", phone=MINH)
        db.add_all(
            [
                OptOut(phone=LAN, topic="reminders", how="page", since=NOON),
                OptOut(phone=MINH, how="reply", since=NOON),
                OptOut(phone=HOA, how="staff", ward_id=WARD, since=NOON, ended_at=NOON),
            ]
        )
    gateway = FakeGateway()

    tally = await make_dispatcher(engine, gateway, clock).deliver_due()

    assert sorted(each.to for each in gateway.sent) == [HOA, LAN]  # LAN: of the certificate alone
    assert tally == {"sent": 2, "suppressed": 3}
    assert await on_the_eve(sessions) == [
        (HOA, "sent", ""),
        (LAN, "suppressed", "opted_out"),
        (MINH, "suppressed", "opted_out"),
    ]
    async with sessions() as db:
        told = await db.execute(
            select(DeliveryEvent.state, DeliveryEvent.detail)
            .join(Message, Message.id == DeliveryEvent.message_id)
            .where(Message.to_phone == LAN, Message.purpose == DAY_BEFORE)
        )
        assert [tuple(each) for each in told] == [("suppressed", {"why": "opted_out"})]


async def test_number_blocked_by_the_provider_is_opted_out(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN)

    def refuse(_text: OutgoingText) -> None:
        raise GatewayRejected("21610", "opted_out")

    gateway = FakeGateway(refuse)
    await make_dispatcher(engine, gateway, clock).deliver_due()
    clock.now = THURSDAY - timedelta(hours=2)
    await make_dispatcher(engine, gateway, clock).deliver_due()

    assert [each.to for each in gateway.sent] == [LAN]
    assert await states(sessions) == [
        (DAY_BEFORE, "failed", "opted_out"),
        ("reminder_same_day", "suppressed", "opted_out"),
    ]
    async with sessions() as db:
        rows = await db.execute(select(OptOut.phone, OptOut.topic, OptOut.how, OptOut.since))
        assert [tuple(row) for row in rows] == [(LAN, None, "provider", EVE)]


async def test_held_text_stays_planned_until_it_expires(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN, MINH)
    async with sessions.begin() as db:
        await db.execute(update(Message).where(Message.to_phone == LAN).values(held_at=NOON))
    gateway = FakeGateway()

    await make_dispatcher(engine, gateway, clock).deliver_due()
    assert await on_the_eve(sessions) == [(LAN, "planned", ""), (MINH, "sent", "")]

    clock.forward(timedelta(hours=4))
    await make_dispatcher(engine, gateway, clock).deliver_due()

    assert await on_the_eve(sessions) == [(LAN, "expired", "held"), (MINH, "sent", "")]
    assert [each.to for each in gateway.sent] == [MINH]


async def test_unregistered_wording_is_not_sent_where_required(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN)
    async with sessions.begin() as db:
        await add_text(db, about="certificate:17", purpose="certificate_ready", phone=LAN)
        [one] = await db.scalars(select(Message).where(Message.purpose == "certificate_ready"))
        registered = await db.get_one(MessageTemplate, one.template_id)
        registered.registered_id = "QCVN-0042"
        await db.execute(
            update(Message)
            .where(Message.purpose == DAY_BEFORE)
            .values(
                template_id=select(MessageTemplate.id)
                .where(MessageTemplate.id != registered.id)
                .limit(1)
                .scalar_subquery()
            )
        )
    gateway = FakeGateway()
    gateway.registered_only = True

    await make_dispatcher(engine, gateway, clock).deliver_due()
    assert await on_the_eve(sessions) == [(LAN, "planned", "")]
    assert [(each.to, each.registered_id) for each in gateway.sent] == [(LAN, "QCVN-0042")]

    clock.forward(timedelta(hours=4))
    await make_dispatcher(engine, gateway, clock).deliver_due()
    assert await on_the_eve(sessions) == [(LAN, "expired", "unregistered")]


async def test_used_up_budget_stops_reminders_but_not_change_notices(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    """850 đồng a text, 1,700 left: one change notice and one reminder."""
    phones = (LAN, MINH, HOA)
    await a_class(sessions, *phones)
    async with sessions.begin() as db:
        await db.execute(update(ReminderPolicy).values(monthly_budget=Decimal(100_000)))
        november = clock.now.date().replace(day=1)
        db.add(WardMonth(ward_id=WARD, month=november, texts=115, segments=115, price=Decimal(98_300)))
        await db.execute(
            update(Message)
            .where(Message.to_phone == HOA, Message.purpose == "reminder_same_day")
            .values(purpose="session_moved", urgent=True, due_at=EVE)
        )
    gateway = FakeGateway()

    tally = await make_dispatcher(engine, gateway, clock).deliver_due()

    assert tally == {"sent": 2, "suppressed": 2}
    assert gateway.phones[0] == HOA  # the change notice first; the rest pays one reminder
    assert sorted(each[1:] for each in await on_the_eve(sessions)) == [
        ("sent", ""),
        ("suppressed", "budget"),
        ("suppressed", "budget"),
    ]
    async with sessions() as db:
        rows = await db.execute(select(WardMonth.month, WardMonth.texts, WardMonth.segments, WardMonth.price))
        assert [tuple(row) for row in rows] == [(november, 117, 117, Decimal(100_000))]


async def test_ward_with_own_hours_keeps_the_city_budget_and_cap(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN)
    async with sessions.begin() as db:
        await db.execute(update(ReminderPolicy).values(monthly_budget=Decimal(100)))
        db.add(
            ReminderPolicy(
                ward_id=WARD,
                own_times=False,
                quiet_until=time(8),
                quiet_from=time(20),
            )
        )

    await make_dispatcher(engine, FakeGateway(), clock).deliver_due()

    assert await on_the_eve(sessions) == [(LAN, "suppressed", "budget")]


async def test_texts_being_sent_count_against_the_budget(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN, MINH)
    async with sessions.begin() as db:
        await db.execute(update(ReminderPolicy).values(monthly_budget=Decimal(1_000)))
        await db.execute(
            update(Message)
            .where(Message.to_phone == MINH, Message.purpose == DAY_BEFORE)
            .values(state="claimed", lease_until=EVE + CONFIG.lease)
        )

    await make_dispatcher(engine, FakeGateway(), clock).deliver_due()

    assert await on_the_eve(sessions) == [(LAN, "suppressed", "budget"), (MINH, "claimed", "")]


async def test_concurrent_workers_do_not_exceed_the_budget(engine: AsyncEngine, sessions: Sessions) -> None:
    await a_class(sessions, LAN, MINH)
    async with sessions.begin() as db:
        await db.execute(update(ReminderPolicy).values(monthly_budget=Decimal(1_000)))
    one = DueFilter(False, "service", 1, segment_price=850)

    async def take() -> tuple[list[int], dict[str, int]]:
        async with engine.begin() as connection:
            return await claim(connection, one, lease=CONFIG.lease, now=EVE)

    async with engine.begin() as connection:
        ids, _aside = await claim(connection, one, lease=CONFIG.lease, now=EVE)
        other = asyncio.create_task(take())
        await asyncio.sleep(0.3)  # it looks, and waits

    assert len(ids) == 1
    assert await other == ([], {"suppressed": 1})


async def test_report_before_the_answer_is_charged_once(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN)

    class Reporting(FakeGateway):
        async def send(self, text: OutgoingText) -> Receipt:
            """The report comes before the answer."""
            receipt = await super().send(text)
            async with sessions.begin() as db:
                await record_report(db, text.reference, receipt, now=clock.now, segment_price=850)
            return receipt

    await make_dispatcher(engine, Reporting(), clock).deliver_due()

    async with sessions.begin() as db:
        [text] = await db.scalars(select(Message).where(Message.purpose == DAY_BEFORE))
        assert (text.state, text.price) == ("sent", 850)
        delivered = Receipt(text.provider_id or "", "delivered")
        assert await record_report(db, text.reference, delivered, now=clock.now, segment_price=850)
        assert not await record_report(db, text.reference, delivered, now=clock.now, segment_price=850)
        month = (await db.scalars(select(WardMonth))).one()
        assert (month.texts, month.segments, month.price) == (1, 1, 850)
        details = await db.scalars(select(DeliveryEvent.detail).order_by(DeliveryEvent.id))
        assert details.all() == [{"provider": "fake", "attempt": 1}] * 2


async def service_texts(db: AsyncSession, *, number: int, **values: object) -> list[int]:
    """So many texts to LAN in a state of its own; their ids."""
    known = len((await db.scalars(select(Message.id))).all())
    ids = [
        await add_text(db, about=f"certificate:{known + n}", purpose="certificate_ready", phone=LAN)
        for n in range(number)
    ]
    await db.execute(update(Message).where(Message.id.in_(ids)).values(**values))
    return ids


async def test_sending_and_unknown_texts_count_for_the_daily_cap(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN, MINH)
    lease = EVE + CONFIG.lease
    async with sessions.begin() as db:
        claimed = await service_texts(db, number=6, state="claimed", lease_until=lease)
        for ids, values in (
            (claimed[2:], {"state": "sending", "tried_at": EVE}),
            (claimed[4:], {"state": "ambiguous", "lease_until": None}),
        ):
            await db.execute(update(Message).where(Message.id.in_(ids)).values(**values))

    await make_dispatcher(engine, FakeGateway(), clock).deliver_due()

    assert await on_the_eve(sessions) == [(LAN, "suppressed", "daily_cap"), (MINH, "sent", "")]


async def test_duty_texts_do_not_count_for_a_learners_cap(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN)
    async with sessions.begin() as db:
        await service_texts(
            db, number=6, message_class="operations", state="sent", sent_at=EVE - timedelta(hours=1)
        )

    await make_dispatcher(engine, FakeGateway(), clock).deliver_due()

    assert await on_the_eve(sessions) == [(LAN, "sent", "")]


async def test_change_notice_is_sent_beyond_the_daily_cap(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN)
    async with sessions.begin() as db:
        await service_texts(db, number=6, state="sent", sent_at=EVE - timedelta(hours=1))
        await db.execute(
            update(Message)
            .where(Message.purpose == "reminder_same_day")
            .values(purpose="session_moved", urgent=True, due_at=EVE)
        )
    gateway = FakeGateway()

    await make_dispatcher(engine, gateway, clock).deliver_due()

    assert await states(sessions) == [
        *[("certificate_ready", "sent", "")] * 6,
        (DAY_BEFORE, "suppressed", "daily_cap"),
        ("session_moved", "sent", ""),
    ]
    assert len(gateway.sent) == 1


async def test_suppressed_text_does_not_count_for_the_daily_cap(
    engine: AsyncEngine, sessions: Sessions, clock: MovableClock
) -> None:
    await a_class(sessions, LAN)
    async with sessions.begin() as db:
        await db.execute(update(ReminderPolicy).values(daily_cap=1))
        db.add(OptOut(phone=LAN, topic="results", how="page", since=NOON))
        await service_texts(db, number=1, due_at=EVE - timedelta(hours=1))

    await make_dispatcher(engine, FakeGateway(), clock).deliver_due()

    assert await on_the_eve(sessions) == [(LAN, "sent", "")]
