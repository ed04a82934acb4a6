"""Replies by text, where they exist: only plain commands opt out and in."""

import unicodedata
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select
from twilio.request_validator import (  # pyright: ignore[reportMissingTypeStubs]  (Twilio ships none)
    RequestValidator,
)

from lopso.kernel.settings import Settings
from notifications.models import Message, OptOut
from notifications.rules.replies import read_reply
from tests.conftest import MakeApp, TestApp
from tests.gateways.provider import SID, TOKEN, Provider
from tests.notifications.scenario import LAN, add_city, add_class, add_learner, announce

PUBLIC = "https://lop-so.example.vn"
DOOR = "/webhook/twilio/tin-den"


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("STOP", "stop"),
        (" stop. ", "stop"),
        ("HỦY", "stop"),
        ("Huỷ!", "stop"),
        ("huy", None),
        ("Dừng", "stop"),
        ("DUNG", "stop"),
        (unicodedata.normalize("NFD", "Từ chối"), "stop"),
        ("TU  CHOI", "stop"),
        ("START", "start"),
        ("Nhận lại", "start"),
        ("nhan lai", "start"),
        ("Đúng", None),  # "yes", one mark away from "stop"
        ("Đúng rồi", None),
        ("Dạ", None),
        ("Đừng hủy lớp", None),
        ("Tôi không đi được, xin hủy buổi này", None),
        ("Huy", None),  # how somebody signs
        ("Dung.", None),
        ("Huy cảm ơn", None),
        ("Chú Huy", None),
        ("HUY", "stop"),
        ("", None),
        ("👍", None),
    ],
)
def test_only_plain_commands_are_read(body: str, command: str | None) -> None:
    assert read_reply(body) == command


@pytest.fixture
def app(make_app: MakeApp, settings: Settings) -> TestApp:
    """The application with the Twilio gateway, reached under a public name."""
    twilio = replace(settings, gateway="twilio", twilio=Provider().settings, public_url=PUBLIC)
    return make_app(twilio)


async def say(
    app: TestApp, body: str, *, phone: str = LAN, token: str = TOKEN, sid: str | None = None
) -> tuple[int, str]:
    """Post a reply as Twilio does; the answer."""
    form = {
        "MessageSid": sid or f"SM{uuid4().hex}",
        "AccountSid": SID,
        "From": phone,
        "To": "+15005550006",
        "Body": body,
    }
    validator = RequestValidator(token)
    signature = validator.compute_signature(PUBLIC + DOOR, form)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  (untyped)
    async with app.client() as client:
        answer = await client.post(DOOR, data=form, headers={"X-Twilio-Signature": str(signature)})  # pyright: ignore[reportUnknownArgumentType]  (untyped)
    return answer.status_code, answer.text


async def kept(app: TestApp) -> tuple[list[tuple[str | None, str, bool]], set[str]]:
    """Opt-outs (topic, how, whether ended), and the states of Lan's texts."""
    async with app.sessions() as db:
        rows = await db.scalars(select(OptOut).order_by(OptOut.id))
        states = await db.scalars(select(Message.state).where(Message.to_phone == LAN))
        return [(row.topic, row.how, row.ended_at is not None) for row in rows], set(states)


async def test_stop_and_start_replies_opt_out_and_in(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await announce(db, await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN)))

    answers = [await say(app, "Dừng"), await say(app, "DUNG"), await say(app, "Cảm ơn")]
    assert answers == [(200, "<Response/>")] * 3
    assert await kept(app) == ([(None, "reply", False)], {"suppressed"})

    assert await say(app, "NHAN LAI") == (200, "<Response/>")
    assert await kept(app) == ([(None, "reply", True)], {"suppressed", "planned"})


async def test_forged_reply_and_unknown_sender_change_nothing(app: TestApp) -> None:
    assert (await say(app, "STOP", token="x" * 32))[0] == 403
    assert (await say(app, "STOP", phone="VIETTEL"))[0] == 200
    assert (await kept(app))[0] == []


async def test_replayed_stop_after_a_start_has_no_effect(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await announce(db, await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN)))

    await say(app, "STOP", sid="SM1")
    await say(app, "START", sid="SM2")
    after = await kept(app)
    assert [ended for _topic, _how, ended in after[0]] == [True]
    assert "planned" in after[1]
    assert (await say(app, "STOP", sid="SM1"))[0] == 200  # handed on once more, with its valid signature
    assert await kept(app) == after
    await say(app, "STOP", sid="SM3")
    assert [ended for _topic, _how, ended in (await kept(app))[0]] == [True, False]
