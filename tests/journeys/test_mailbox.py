"""An officer asks for the ward's sessions by mail, looks into the test mailbox, takes the file."""

from datetime import timedelta

import anyio
import icalendar
from sqlalchemy.ext.asyncio import AsyncEngine

from invitations.delivery.sandbox import SandboxMailTransport
from lopso.kernel.access import Role
from tests.classroom import WARD
from tests.factories import add_user
from tests.invitations.mail_factories import add_helper_with_email, dispatcher_for
from tests.invitations.mail_server import MailServer, events, mail_server_running
from tests.journeys.conftest import Site, look_at
from tests.notifications.scenario import THURSDAY, add_city, add_class, announce


async def test_invitations_are_seen_in_the_test_mailbox(site: Site, engine: AsyncEngine) -> None:
    async with site.sessions.begin() as db:
        course = await add_city(db)
        await add_user(db, (Role.COORDINATOR, WARD))
        series = [await add_class(db, course, starts_at=THURSDAY + timedelta(days=7 * n)) for n in range(6)]
        await add_helper_with_email(db, *series)
        await announce(db, *series)
        refused = await add_class(db, course, starts_at=THURSDAY + timedelta(days=1))
        await add_helper_with_email(db, refused, name="Trần Thị Lành", email="lanh@example.org")
        await announce(db, refused)
    async with mail_server_running(MailServer(lambda to, _n: "550" if "lanh" in to else "451")) as server:
        site.clock.forward(timedelta(minutes=2))
        await dispatcher_for(engine, site.clock, server.settings).deliver_due()

    async with site.person("ha@example.org") as page:
        await page.goto(f"/lich/{WARD}/lich-rieng")
        await page.get_by_role("button", name="Gửi lời mời lịch vào thư của tôi").click()
        await page.get_by_text("Từ nay lời mời lịch được gửi vào thư của bạn.").wait_for()
        await page.get_by_role("button", name="Thôi gửi và bỏ khỏi lịch").wait_for()
        await look_at(page, "thu-moi-cua-toi")
        site.clock.forward(timedelta(minutes=2))
        await dispatcher_for(engine, site.clock, SandboxMailTransport(engine, site.clock)).deliver_due()

        await page.goto(f"/thu/{WARD}")
        await look_at(page, "thu-cua-phuong")
        await page.get_by_role("link", name="Cần xem").click()
        await page.get_by_text("xin sửa địa chỉ rồi gửi lại").wait_for()
        await page.goto(f"/buoi/{refused.id}/tin-nhan")
        await look_at(page, "thu-trong-buoi")

        await page.goto("/hop-thu-thu")
        await look_at(page, "hop-thu-thu")
        await page.get_by_text("Tệp kèm theo").last.click()
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="buoi-6-ngay-31-12-14h00.ics").last.click()
        saved = await anyio.Path(await (await waiting.value).path()).read_bytes()

    [event] = events(icalendar.Calendar.from_ical(saved, multiple=False))
    assert str(event["UID"]).startswith(f"buoi-{series[5].id}.")
