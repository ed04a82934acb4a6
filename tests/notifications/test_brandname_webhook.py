"""Delivery reports of the brand-name gateway, authenticated by the secret in their address."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from lopso.kernel.settings import Settings
from notifications.models import Message
from tests.conftest import MakeApp, MovableClock, TestApp
from tests.gateways.brandname_provider import TOKEN, description, settings_for
from tests.notifications.scenario import LAN, THURSDAY, add_city, add_class, add_learner, announce

EVE = THURSDAY - timedelta(hours=20)


@pytest.fixture
def app(make_app: MakeApp, settings: Settings, tmp_path: Path) -> TestApp:
    """The application with the brand-name gateway."""
    described = settings_for(description("https://sms.example.vn"), tmp_path)
    return make_app(replace(settings, gateway="brandname", brandname=described), clock=MovableClock(EVE))


async def a_text(app: TestApp) -> Message:
    """A sent text without a delivery report."""
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await announce(db, await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN)))
        mine = update(Message).where(Message.purpose == "reminder_day_before")
        await db.execute(mine.values(state="claimed", lease_until=EVE))
        await db.execute(mine.values(state="sending", attempts=1, tried_at=EVE))
        await db.execute(mine.values(state="sent", sent_at=EVE, lease_until=None))
        return (await db.scalars(select(Message).where(Message.purpose == "reminder_day_before"))).one()


async def tell(app: TestApp, path: str, body: bytes, *, token: str = TOKEN) -> int:
    """Post a report; the status of the answer."""
    async with app.client() as client:
        answer = await client.post(f"/webhook/tin-nhan{path}?khoa={token}", content=body)
    return answer.status_code


async def now_is(app: TestApp) -> tuple[str, str | None, str | None]:
    """State, provider id and error code of the text."""
    async with app.sessions() as db:
        row = (await db.scalars(select(Message).where(Message.purpose == "reminder_day_before"))).one()
        return row.state, row.provider_id, row.error_code


def said(**more: Any) -> bytes:
    return json.dumps({"SMSID": "V1", "SendStatus": 5, **more}).encode()


async def test_report_addressed_to_a_text_updates_its_state(app: TestApp) -> None:
    row = await a_text(app)

    assert await tell(app, f"/{row.reference}", said(Unknown={"field": 1})) == 200
    assert await now_is(app) == ("delivered", "V1", None)
    again = [await tell(app, f"/{row.reference}", said(SendStatus=status)) for status in (5, 1, 4)]
    assert again == [200, 200, 200]
    assert await now_is(app) == ("delivered", "V1", None)


@pytest.mark.parametrize("shape", ["json", "list", "form"])
async def test_report_to_the_shared_address_names_its_text(app: TestApp, shape: str) -> None:
    row = await a_text(app)
    told = {"RequestId": row.reference.hex, "SMSID": "V1", "SendStatus": "4", "Error": "70"}
    bodies = {
        "json": json.dumps(told).encode(),
        "list": json.dumps([{"RequestId": "nobody"}, told, "nonsense"]).encode(),
        "form": "&".join(f"{name}={value}" for name, value in told.items()).encode(),
    }

    assert await tell(app, "", bodies[shape]) == 200
    assert await now_is(app) == ("undelivered", "V1", "70")


@pytest.mark.parametrize("code", ["7\0" + "0", "\ud800", "\u202e70", "9" * 5000])
async def test_unreadable_characters_of_a_report_are_left_out(app: TestApp, code: str) -> None:
    row = await a_text(app)
    told = {"RequestId": row.reference.hex, "SMSID": "V1\0", "SendStatus": "4", "Error": code}

    assert await tell(app, "", json.dumps(told).encode()) == 200
    assert (await now_is(app))[:2] == ("undelivered", "V1")


async def test_report_nested_beyond_reason_tells_nothing(app: TestApp) -> None:
    assert await tell(app, "", b"[" * 100_000) == 200


async def test_report_without_the_secret_is_refused(app: TestApp) -> None:
    row = await a_text(app)

    answers = [
        await tell(app, f"/{row.reference}", said(), token=token) for token in ("", "c" * 39, "ç" * 20)
    ]

    assert answers == [403, 403, 403]
    assert await now_is(app) == ("sent", None, None)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"{}", b'{"SendStatus": "who knows"}', b"\xff\xfe", b'"5"']
)
async def test_malformed_and_unknown_reports_are_answered_ok(app: TestApp, body: bytes) -> None:
    row = await a_text(app)

    assert await tell(app, f"/{row.reference}", body) == 200
    assert await tell(app, f"/{uuid4()}", said()) == 200
    assert await tell(app, "", said(RequestId="nobody")) == 200
    assert await now_is(app) == ("sent", None, None)


async def test_report_without_brandname_gateway_is_not_found(make_app: MakeApp, settings: Settings) -> None:
    sandbox = make_app(settings, clock=MovableClock(EVE))

    assert await tell(sandbox, f"/{uuid4()}", said()) == 404
