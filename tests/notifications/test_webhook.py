"""Delivery reports of Twilio: signed, late, repeated, unknown."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from lopso.kernel.clock import utc_now
from lopso.kernel.settings import Settings
from notifications.models import DeliveryEvent, Message
from tests.conftest import MakeApp, MovableClock, TestApp
from tests.gateways.provider import Provider, Taken
from tests.notifications.scenario import LAN, THURSDAY, add_city, add_class, add_learner, announce

PUBLIC = "https://lop-so.example.vn"
EVE = THURSDAY - timedelta(hours=20)


@pytest.fixture
def app(make_app: MakeApp, settings: Settings) -> TestApp:
    """The application with the Twilio gateway, reached under a public name behind a proxy."""
    twilio = replace(settings, gateway="twilio", twilio=Provider().settings, public_url=PUBLIC)
    return make_app(twilio, clock=MovableClock(EVE))


async def a_text(app: TestApp, state: str = "sent") -> Taken:
    """A text in this state, as the provider knows it."""
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await announce(db, await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN)))
        for each in ("claimed", "sending", state):
            await db.execute(
                update(Message)
                .where(Message.purpose == "reminder_day_before")
                .values(
                    state=each,
                    lease_until=None if each not in ("claimed", "sending") else EVE + timedelta(minutes=1),
                    sent_at=EVE if each == "sent" else None,
                    attempts=1,
                    tried_at=EVE,
                )
            )
        row = (await db.scalars(select(Message).where(Message.purpose == "reminder_day_before"))).one()
    callback = f"{PUBLIC}/webhook/twilio/{row.reference}"
    return Taken("SM" + "1" * 32, row.to_phone, row.body, callback, 3600, utc_now())


async def report(app: TestApp, text: Taken, status: str, *, token: str | None = None, **extra: str) -> int:
    """Post a report; the status of the answer."""
    provider = Provider(token=token) if token else Provider()
    address, form, headers = provider.callback(text, status, **extra)
    async with app.client() as client:
        answer = await client.post(address.removeprefix(PUBLIC), data=form, headers=headers)
    return answer.status_code


async def now_is(app: TestApp) -> tuple[str, str | None, str | None, list[str]]:
    """State, provider id, error code of the text, and the states in its history."""
    async with app.sessions() as db:
        row = (await db.scalars(select(Message).where(Message.purpose == "reminder_day_before"))).one()
        events = await db.scalars(
            select(DeliveryEvent.state).where(DeliveryEvent.message_id == row.id).order_by(DeliveryEvent.id)
        )
        return row.state, row.provider_id, row.error_code, list(events)


async def test_signed_report_updates_the_state(app: TestApp) -> None:
    text = await a_text(app)

    assert await report(app, text, "delivered", RawDlrDoneDate="2611251800", NewField="who knows") == 204
    assert await now_is(app) == ("delivered", text.sid, None, ["delivered"])


async def test_unreadable_characters_of_a_signed_report_are_left_out(app: TestApp) -> None:
    text = await a_text(app)

    assert await report(app, text, "undelivered", ErrorCode="3\x0000\x1b03") == 204
    assert (await now_is(app))[:1] == ("undelivered",)


async def test_forged_or_unsigned_report_is_refused(app: TestApp) -> None:
    text = await a_text(app)
    address, form, headers = Provider().callback(text, "delivered")
    path = address.removeprefix(PUBLIC)

    assert await report(app, text, "delivered", token="x" * 32) == 403
    async with app.client() as client:
        unsigned = await client.post(path, data=form)
        altered = await client.post(path, data={**form, "MessageStatus": "failed"}, headers=headers)
    assert (unsigned.status_code, altered.status_code) == (403, 403)
    assert await now_is(app) == ("sent", None, None, [])


async def test_repeated_and_late_reports_change_nothing(app: TestApp) -> None:
    text = await a_text(app)

    statuses = ("queued", "delivered", "delivered", "sent", "undelivered")
    answers = [await report(app, text, status) for status in statuses]

    assert answers == [204] * 5
    assert await now_is(app) == ("delivered", text.sid, None, ["delivered"])


async def test_undelivered_text_keeps_its_error_code(app: TestApp) -> None:
    text = await a_text(app)

    assert await report(app, text, "undelivered", ErrorCode="30003") == 204
    assert await now_is(app) == ("undelivered", text.sid, "30003", ["undelivered"])


@pytest.mark.parametrize("state", ["sending", "ambiguous"])
async def test_report_resolves_an_unknown_outcome(app: TestApp, state: str) -> None:
    text = await a_text(app, state)

    assert await report(app, text, "sent") == 204
    assert (await now_is(app))[:2] == ("sent", text.sid)


async def test_late_report_prevents_a_resend(app: TestApp) -> None:
    """A lookup had not found it, so it was planned again; then its report comes."""
    text = await a_text(app, "ambiguous")
    async with app.sessions.begin() as db:
        await db.execute(update(Message).where(Message.state == "ambiguous").values(state="planned"))

    assert await report(app, text, "sent") == 204
    assert (await now_is(app))[:2] == ("sent", text.sid)


async def test_report_about_an_unknown_text_is_answered_ok(app: TestApp) -> None:
    text = await a_text(app)
    text.callback = f"{PUBLIC}/webhook/twilio/{uuid4()}"

    assert await report(app, text, "delivered") == 204
    assert (await now_is(app))[0] == "sent"


async def test_report_without_twilio_is_not_found(make_app: MakeApp, settings: Settings) -> None:
    sandbox = make_app(settings, clock=MovableClock(EVE))
    async with sandbox.client() as client:
        answer = await client.post(f"/webhook/twilio/{UUID(int=1)}", data={"MessageStatus": "delivered"})
    assert answer.status_code == 404
