"""What the holder of a card can do on the page: seats, calendars, texts, language, letters."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import icalendar
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Invite
from invitations.rules.feeds import FeedOwner
from invitations.service.feeds import create_feed
from learner_portal.service.pages import renew_page
from learners.models import Consent, Learner
from learners.queries.consents import consents_of
from lopso.kernel.audit import AuditEntry
from lopso.kernel.events import publish
from lopso.kernel.settings import Settings
from notifications.queries.opt_outs import active_opt_outs
from notifications.service.opt_outs import opt_out
from scheduling.events import SessionsPublished
from scheduling.service.enrolments import cancel_enrolments
from scheduling.service.sessions import cancel_session
from tests.classroom import WARD, add_learner
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_enrolment, add_session
from tests.invitations.mail_factories import LAN_EMAIL, agree_to_mail
from tests.learner_portal.cards import SHARED, state_of
from tests.notifications.scenario import ledger, withdraw_consent
from tests.notifications.test_pages import words_of


async def test_busy_learner_frees_the_seat_and_may_return(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db, capacity=1)
        waiting = await add_learner(db, "Lê Văn Chờ")
        await add_enrolment(db, session, hong)
        await add_enrolment(db, session, waiting, state="waitlisted")
    here = f"{page}/buoi/{session.id}"
    async with app.client() as client:
        answer = await client.post(f"{here}/ban")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{page}#b{session.id}")
        assert await state_of(app, session.id, hong.id) == "cancelled"
        assert await state_of(app, session.id, waiting.id) == "enrolled"
        said = words_of((await client.get(page)).text)
        assert "Đã báo bận. Chỗ này nhường cho người đang chờ." in said
        assert "Tôi bận buổi này" not in said

        app.clock.forward(timedelta(minutes=5))
        await client.post(f"{here}/di")
        assert await state_of(app, session.id, hong.id) == "waitlisted"
        said = words_of((await client.get(page)).text)
        assert "Lớp đang đủ người, xin chờ chỗ. Có chỗ, phường, xã sẽ báo." in said

        async with app.sessions.begin() as db:
            await cancel_enrolments(db, [session.id], waiting.id, by=TEST, now=app.clock())
        assert await state_of(app, session.id, hong.id) == "enrolled"
        await client.post(f"{here}/ban")
        await client.post(f"{here}/di")
    assert await state_of(app, session.id, hong.id) == "enrolled"
    async with app.sessions() as db:
        noted = await db.execute(
            select(AuditEntry.action, AuditEntry.facts)
            .where(AuditEntry.actor_name == "Trang của người học")
            .order_by(AuditEntry.id)
        )
        first = next(iter(noted))
    assert (first.action, first.facts) == ("enrolment.cancelled", {"learner_id": hong.id})


async def test_repeated_busy_or_coming_changes_nothing(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db)
        await add_enrolment(db, session, hong)
    async with app.client() as client:
        for way, state in (
            ("ban", "cancelled"),
            ("ban", "cancelled"),
            ("di", "enrolled"),
            ("di", "enrolled"),
        ):
            assert (await client.post(f"{page}/buoi/{session.id}/{way}")).status_code == 303
            assert await state_of(app, session.id, hong.id) == state


async def test_enrolment_cancelled_by_staff_cannot_be_restored(
    app: TestApp, hong: Learner, page: str
) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db)
        await add_enrolment(db, session, hong)
        await cancel_enrolments(db, [session.id], hong.id, reason="Chuyển sang lớp khác", by=TEST, now=NOON)
    async with app.client() as client:
        assert "Tôi đi được" not in (await client.get(page)).text
        answer = await client.post(f"{page}/buoi/{session.id}/di")
    assert answer.status_code == 409
    assert "Phường, xã đã đổi danh sách của buổi này." in words_of(answer.text)
    assert f'href="{page}"' in answer.text
    assert await state_of(app, session.id, hong.id) == "cancelled"


async def test_begun_or_cancelled_class_cannot_be_changed(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        begun = await add_session(db, title="Đang học", starts_at=NOON - timedelta(minutes=30))
        off = await add_session(db, title="Buổi nghỉ")
        for each in (begun, off):
            await add_enrolment(db, each, hong)
        await cancel_session(db, off.id, reason="Mưa lớn", by=TEST, now=NOON)
    async with app.client() as client:
        said = words_of((await client.get(page)).text)
        late = await client.post(f"{page}/buoi/{begun.id}/ban")
        gone = await client.post(f"{page}/buoi/{off.id}/ban")
        calendar = await client.get(f"{page}/lich/{off.id}.ics")
    assert "Buổi này nghỉ: Mưa lớn." in said
    assert "Tôi bận buổi này" not in said
    assert "Buổi học đã bắt đầu." in words_of(late.text)
    assert [late.status_code, gone.status_code] == [409, 409]
    assert "STATUS:CANCELLED" in calendar.text
    assert await state_of(app, begun.id, hong.id) == "enrolled"


async def test_class_can_be_added_to_the_calendar(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db, title="Quét mã QR; chuyển tiền, nhận tiền")
        await add_enrolment(db, session, hong)
    async with app.client() as client:
        answer = await client.get(f"{page}/lich/{session.id}.ics")
        others = [
            (await client.get(f"{page}/lich/{name}")).status_code
            for name in (f"{session.id}", "999999.ics", "x.ics", "9" * 30 + ".ics")
        ]
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["referrer-policy"] == "no-referrer"
    whole: Any = icalendar.Calendar.from_ical(answer.content)
    [entry] = whole.walk("VEVENT")
    assert str(entry["SUMMARY"]) == "Quét mã QR; chuyển tiền, nhận tiền"
    assert str(entry["UID"]) == f"buoi-{session.id}.hoc-{hong.id}@lopso"
    assert f"{entry['DTSTART'].dt:%Y-%m-%d %H:%M %Z}" == "2026-11-26 14:00 +07"
    assert str(entry["DESCRIPTION"]) == "Có gì thay đổi, gọi 0234 3823 456."
    assert others == [404] * 4


async def test_language_and_letter_size_are_kept_with_the_card(app: TestApp, page: str) -> None:
    async with app.client() as first, app.client() as second:
        assert 'class="large"' not in (await first.get(page)).text
        await first.post(f"{page}/cach-doc", data={"doc": "to"})
        await first.post(f"{page}/cach-doc", data={"doc": "en"})
        elsewhere = (await second.get(page)).text
        assert '<html lang="en" class="large">' in elsewhere
        await second.post(f"{page}/cach-doc", data={"doc": "vi"})
        await second.post(f"{page}/cach-doc", data={"doc": "vua"})
        await second.post(f"{page}/cach-doc", data={"doc": "tàu"})
        assert '<html lang="vi">' in (await second.get(page)).text


async def test_page_feed_has_a_stable_secret_until_renewal(
    app: TestApp, hong: Learner, page: str, settings: Settings
) -> None:
    async def feed(client: httpx.AsyncClient) -> str:
        answer = await client.post(f"{page}/lich-rieng")
        assert answer.headers["referrer-policy"] == "no-referrer"
        [found] = re.findall(r'value="http://127\.0\.0\.1(/lich-rieng/[^"]+)"', answer.text)
        assert f'href="webcal://127.0.0.1{found}"' in answer.text
        return found

    async with app.sessions.begin() as db:
        session = await add_session(db, title="Quét mã QR")
        await add_enrolment(db, session, hong)
    async with app.client() as client:
        first = await feed(client)
        assert await feed(client) == first  # the daughter's phone goes on when grandmother presses too
        assert page.rpartition("/")[2] not in first
        whole: Any = icalendar.Calendar.from_ical((await client.get(first)).content)
        [entry] = whole.walk("VEVENT")
        assert str(entry["UID"]) == f"buoi-{session.id}.hoc-{hong.id}@lopso"
        async with app.sessions.begin() as db:
            await renew_page(db, WARD, hong.id, secret=settings.secret, by=TEST, now=NOON)
        assert (await client.get(first)).status_code == 404
    async with app.sessions() as db:
        noted = await db.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.action.startswith("calendar_feed"))
            .order_by(AuditEntry.id)
        )
    assert noted.all() == ["calendar_feed.made", "calendar_feed.ended"]


async def test_page_feed_is_in_the_language_of_the_page(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        await add_enrolment(db, await add_session(db), hong)
    said: list[str] = []
    async with app.client() as client:
        for chosen in ("vi", "en", "vi"):
            await client.post(f"{page}/cach-doc", data={"doc": chosen})
            shown = (await client.post(f"{page}/lich-rieng")).text
            [feed] = re.findall(r'value="http://127\.0\.0\.1(/lich-rieng/[^"]+)"', shown)
            said += re.findall(r"X-WR-CALNAME:(.+)\r", (await client.get(feed)).text)
    assert said == ["Lớp Số: lịch học", "Lớp Số: classes", "Lớp Số: lịch học"]


async def test_page_feed_replaces_a_newer_feed(app: TestApp, hong: Learner, page: str) -> None:
    async def feed(client: httpx.AsyncClient) -> str:
        shown = (await client.post(f"{page}/lich-rieng")).text
        return re.findall(r'value="http://127\.0\.0\.1(/lich-rieng/[^"]+)"', shown)[0]

    async with app.client() as client:
        first = await feed(client)
        async with app.sessions.begin() as db:
            owner = FeedOwner("learner", hong.id, WARD)
            other = await create_feed(db, owner, by=TEST, now=NOON)
        assert await feed(client) == first
        states = [(await client.get(each)).status_code for each in (first, f"/lich-rieng/{other}.ics")]
    assert states == [200, 404]


async def states_of_reminders(db: AsyncSession) -> set[str]:
    return {each.state for each in await ledger(db) if each.purpose.startswith("reminder")}


async def refused(app: TestApp) -> set[str | None]:
    async with app.sessions() as db:
        return {each.topic for each in await active_opt_outs(db, SHARED)}


async def test_texts_are_stopped_and_resumed_for_the_number(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db)
        await add_enrolment(db, session, hong)
        await publish(db, SessionsPublished((session.id,), TEST, NOON))
        assert await states_of_reminders(db) == {"planned"}
        # A helper of the family on the same number: what is asked of helpers stays as they said it.
        await opt_out(db, SHARED, "duties", how="staff", ward_id=WARD, by=TEST, now=NOON)
    async with app.client() as client:
        said = words_of((await client.get(page)).text)
        assert "phường, xã nhắn tin nhắc về số 0912 ••• 678." in said
        assert "Nhiều người học" not in said
        await client.post(f"{page}/tin-nhan", data={"tin": "thoi-nhac"})
        async with app.sessions.begin() as db:
            assert await states_of_reminders(db) == {"suppressed"}
            await add_learner(db, "Trần Văn Trong Nhà", phone=SHARED)
        assert await refused(app) == {"duties", "reminders"}
        said = words_of((await client.get(page)).text)
        assert "Không nhắn tin nhắc về số 0912 ••• 678 nữa. Khi đổi lịch hay nghỉ học vẫn báo." in said
        assert "Nhiều người học cùng dùng số này" in said
        await client.post(f"{page}/tin-nhan", data={"tin": "thoi-het"})
        assert await refused(app) == {"duties", "reminders", "changes", "results"}
        assert "Không nhắn tin về số 0912 ••• 678." in words_of((await client.get(page)).text)
        await client.post(f"{page}/tin-nhan", data={"tin": "nhan"})
    assert await refused(app) == {"duties"}
    async with app.sessions() as db:
        assert "planned" in await states_of_reminders(db)


async def test_resuming_texts_renews_withdrawn_consent(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        await withdraw_consent(db, hong)
    async with app.client() as client:
        assert "Nhận lại tin nhắn" in (await client.get(page)).text
        await client.post(f"{page}/tin-nhan", data={"tin": "nhan"})
        assert "nhắn tin nhắc về số" in (await client.get(page)).text
    async with app.sessions() as db:
        assert (await consents_of(db, hong.id))["sms"] is True
        how = await db.scalar(select(Consent.how).where(Consent.withdrawn_at.is_(None)))
    assert how == "page"


async def test_mail_invitations_are_stopped_and_resumed(app: TestApp, hong: Learner, page: str) -> None:
    async def invited() -> Sequence[str]:
        async with app.sessions() as db:
            return (await db.scalars(select(Invite.state))).all()

    async with app.client() as client:
        assert "Thư điện tử" not in (await client.get(page)).text  # she gave no address
        assert (await client.post(f"{page}/thu-moi", data={"thu": "nhan"})).status_code == 409
        async with app.sessions.begin() as db:
            session = await add_session(db)
            await add_enrolment(db, session, hong)
            await agree_to_mail(db, await db.get_one(Learner, hong.id))
            await publish(db, SessionsPublished((session.id,), TEST, NOON))
        assert await invited() == ["invited"]
        shown = (await client.get(page)).text
        assert f"gửi thư về {LAN_EMAIL[:1]}•••@{LAN_EMAIL.partition('@')[2]}" in shown
        assert LAN_EMAIL not in shown
        await client.post(f"{page}/thu-moi", data={"thu": "gì đó"})
        await client.get(f"{page}/thu-moi")
        async with app.sessions() as db:
            assert (await consents_of(db, hong.id))["invitation"] is True
        answer = await client.post(f"{page}/thu-moi", data={"thu": "thoi"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{page}#thu")
        assert "Không gửi thư về" in (await client.get(page)).text
        assert await invited() == ["cancelled"]
        await client.post(f"{page}/thu-moi", data={"thu": "nhan"})
        assert "Không nhận thư điện tử nữa" in (await client.get(page)).text
    async with app.sessions() as db:
        assert (await consents_of(db, hong.id))["invitation"] is True
        how = await db.scalar(select(Consent.how).where(Consent.withdrawn_at.is_(None)))
    assert how == "page"
    assert await invited() == ["invited"]


async def test_learner_without_mobile_cannot_stop_texts(app: TestApp, hong: Learner, page: str) -> None:
    async with app.client() as client:
        for number, kind, words in (
            ("+842343529999", "landline", "là máy bàn, không nhận được tin nhắn"),
            (None, "none", "Chưa có số di động nào để nhắn tin"),
        ):
            async with app.sessions.begin() as db:
                await db.execute(update(Learner).values(phone=number, phone_kind=kind))
            assert words in (await client.get(page)).text
            assert (await client.post(f"{page}/tin-nhan", data={"tin": "thoi-het"})).status_code == 409
