"""Pages about mails: the test mailbox, a ward's mails, the panel of a session, a subscription."""

import re
from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from invitations.delivery.sandbox import SandboxMailTransport
from invitations.models import Mail
from lopso.kernel.access import Role
from lopso.kernel.settings import Settings
from scheduling.models import ClassSession
from scheduling.service.sessions import cancel_session
from tests.classroom import WARD
from tests.conftest import TestApp
from tests.factories import TEST, add_user, add_ward
from tests.invitations.mail_factories import add_helper_with_email, dispatcher_for, mail_ledger
from tests.invitations.mail_server import MailServer, invitations, mail_server_running
from tests.notifications.scenario import add_city, add_class, announce
from trainers.models import Trainer

COORDINATOR, STRANGER = "ha@example.org", "la@example.org"


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|\u2060", " ", html))


@pytest.fixture
async def session(app: TestApp) -> ClassSession:
    """A class with a helper who reads mail; a coordinator here, another elsewhere."""
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await add_ward(db, ward_id="20014", name="Vỹ Dạ")
        await add_user(db, (Role.COORDINATOR, WARD))
        await add_user(db, (Role.COORDINATOR, "20014"), name="Người Lạ", email=STRANGER)
        session = await add_class(db, course)
        await add_helper_with_email(db, session)
        await announce(db, session)
    return session


async def delivered(app: TestApp, engine: AsyncEngine) -> None:
    app.clock.forward(timedelta(minutes=2))
    await dispatcher_for(engine, app.clock, SandboxMailTransport(engine, app.clock)).deliver_due()


async def test_sandbox_mailbox_shows_mails_of_own_wards(
    app: TestApp, engine: AsyncEngine, session: ClassSession
) -> None:
    async with app.client_as(COORDINATOR) as client:
        empty = await client.get("/hop-thu-thu")
        await delivered(app, engine)
        shown = await client.get("/hop-thu-thu")
        link = re.search(r"/hop-thu-thu/\d+/1", shown.text)
        assert link is not None
        file = await client.get(link[0])
        beyond = await client.get(link[0][:-1] + "9")
    async with app.client_as(STRANGER) as client:
        elsewhere = await client.get("/hop-thu-thu")
        stolen = await client.get(link[0])

    assert "Chưa có thư nào" in empty.text
    assert "Mời hỗ trợ: Thanh toán QR, buổi 3, 14h00 thứ Năm 26/11" in shown.text
    assert "Chào anh Lê Văn Minh" in shown.text
    assert file.headers["content-type"] == "text/calendar; charset=utf-8"
    assert file.headers["content-disposition"] == 'attachment; filename="loi-moi.ics"'
    assert icalendar.Calendar.from_ical(file.content, multiple=False)["METHOD"] == "REQUEST"
    assert "Lê Văn Minh" not in elsewhere.text
    assert (beyond.status_code, stolen.status_code) == (404, 404)


async def test_no_sandbox_mailbox_where_mails_are_sent(app: TestApp, settings: Settings) -> None:
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_user(db, (Role.COORDINATOR, WARD))
    app.app.state.settings = replace(settings, smtp=MailServer(port=25).settings)

    async with app.client_as(COORDINATOR) as client:
        assert (await client.get("/hop-thu-thu")).status_code == 404
        assert "Hộp thư thử" not in (await client.get(f"/thu/{WARD}")).text


async def test_failed_mail_is_listed_and_resent(
    app: TestApp, engine: AsyncEngine, session: ClassSession
) -> None:
    app.clock.forward(timedelta(minutes=2))
    async with mail_server_running(
        MailServer(lambda to, _try: "550" if to.startswith("minh@") else "accept")
    ) as server:
        dispatcher = dispatcher_for(engine, app.clock, server.settings)
        await dispatcher.deliver_due()
        async with app.client_as(COORDINATOR) as client:
            trouble = await client.get(f"/thu/{WARD}?loc=can-xem")
            panel = await client.get(f"/buoi/{session.id}/tin-nhan")
            async with app.sessions.begin() as db:
                await db.execute(update(Trainer).values(email="minh.le@example.org"))
                mail_id = await db.scalar(select(Mail.id))
            done = await client.post(f"/thu/{WARD}/{mail_id}/gui-lai")
            twice = await client.post(f"/thu/{WARD}/{mail_id + 1 if mail_id else 0}/gui-lai")
        app.clock.forward(timedelta(minutes=2))
        await dispatcher.deliver_due()

    said = words_of(trouble.text)
    assert "Lê Văn Minh Thư mời · Thanh toán QR, buổi 3, 14h00 thứ Năm 26/11" in said
    assert "địa chỉ không có hoặc không nhận thư (mã 550 5.1.1); xin sửa địa chỉ rồi gửi lại" in said
    assert "Thư mời lịch Thư mời 1 không gửi được" in words_of(panel.text)
    assert (done.status_code, twice.status_code) == (303, 404)
    assert [mail["To"].addresses[0].addr_spec for mail in server.mails()] == ["minh.le@example.org"]


async def test_failed_cancellation_can_be_resent_from_the_page(
    app: TestApp, engine: AsyncEngine, session: ClassSession
) -> None:
    app.clock.forward(timedelta(minutes=2))
    answers = iter(("accept", "550", "accept"))
    async with mail_server_running(MailServer(lambda _to, _try: next(answers))) as server:
        dispatcher = dispatcher_for(engine, app.clock, server.settings)
        await dispatcher.deliver_due()
        async with app.sessions.begin() as db:
            await cancel_session(db, session.id, reason="Mưa lớn", by=TEST, now=app.clock.now)
        app.clock.forward(timedelta(minutes=2))
        await dispatcher.deliver_due()
        async with app.client_as(COORDINATOR) as client:
            trouble = await client.get(f"/thu/{WARD}?loc=can-xem")
            button = re.search(rf"/thu/{WARD}/\d+/gui-lai", trouble.text)
            assert button is not None
            done = await client.post(button[0])
        app.clock.forward(timedelta(minutes=2))
        await dispatcher.deliver_due()

    assert "Thư bỏ khỏi lịch" in trouble.text
    assert done.status_code == 303
    assert [str(invitations(mail)[0]["METHOD"]) for mail in server.mails()] == ["REQUEST", "CANCEL"]


async def test_officer_subscribes_and_unsubscribes(
    app: TestApp, engine: AsyncEngine, session: ClassSession
) -> None:
    here = f"/lich/{WARD}/thu-moi"
    async with app.client_as(COORDINATOR) as client:
        before = await client.get(here)
        asked = await client.post(here, data={"gui": "1"})
        after = await client.get(here, headers={"hx-request": "true"})
        await delivered(app, engine)
        await client.post(here, data={"gui": "0"})
        await delivered(app, engine)
        shown = await client.get("/hop-thu-thu")

    assert "gửi một lời mời lịch vào ha@example.org" in words_of(before.text)
    assert asked.headers["location"] == f"/lich/{WARD}/lich-rieng"
    assert "Thôi gửi và bỏ khỏi lịch" in after.text
    assert "<html" not in after.text
    assert shown.text.index("Bỏ khỏi lịch: Thanh toán QR") < shown.text.index("Lịch: Thanh toán QR, buổi 3")
    async with app.sessions() as db:
        assert [each.state for each in await mail_ledger(db)] == ["sent", "sent", "sent"]
