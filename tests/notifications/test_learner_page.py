"""The learner's own page: what it shows, what never, and what its holder can do."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import icalendar
import pytest
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from competency.models import Certificate
from competency.rules import grouped
from competency.service.certificates import issue_certificate
from competency.service.demonstrations import Shown, record_demonstrations
from competency.service.sign_offs import sign_off
from learners.models import Consent, Learner
from learners.queries import consents_of
from lopso.kernel.audit import AuditEntry
from lopso.kernel.events import publish
from lopso.kernel.settings import Settings
from notifications.models import LearnerPage
from notifications.queries.opt_outs import standing
from notifications.service.learner_pages import print_cards, renew_page, turn_off_page
from notifications.service.opt_outs import opt_out
from notifications.service.wordings import load_policy, load_wordings
from scheduling.events import SessionsPublished
from scheduling.models import Enrolment
from scheduling.service.enrolments import give_up
from scheduling.service.sessions import cancel_session
from skills.models import Skill
from tests.classroom import WARD, Classroom, add_classroom, add_learner
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_assignment, add_enrolment, add_helper, add_session, add_ward
from tests.notifications.stories import ledger, withdraw_consent
from tests.notifications.test_pages import words_of
from venues.models import Ward

LARGEST = 14 * 1024
THURSDAY = NOON + timedelta(days=3, hours=2)
SHARED = "+84912345678"


async def card_of(db: AsyncSession, learner: Learner, settings: Settings) -> str:
    """Print a card: the path of the page behind it."""
    tokens = await print_cards(
        db, [learner], secret=settings.secret, subject=("learner", learner.id), by=TEST, now=NOON
    )
    return f"/hv/{tokens[learner.id]}"


@pytest.fixture
async def hong(app: TestApp) -> Learner:
    """Bà Nguyễn Thị Hồng, with nothing planned yet."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await load_wordings(db, by=TEST, now=NOON)
        await load_policy(db, by=TEST, now=NOON)
        return await add_learner(db, "Nguyễn Thị Hồng", phone=SHARED)


@pytest.fixture
async def page(app: TestApp, hong: Learner, settings: Settings) -> str:
    """The path of her page."""
    async with app.sessions.begin() as db:
        return await card_of(db, hong, settings)


async def state_of(app: TestApp, session_id: int, learner_id: int) -> str | None:
    async with app.sessions() as db:
        return await db.scalar(
            select(Enrolment.state).where(
                Enrolment.session_id == session_id, Enrolment.learner_id == learner_id
            )
        )


async def test_the_next_class_comes_first_with_all_one_needs_to_go_there(
    app: TestApp, hong: Learner, page: str
) -> None:
    async with app.sessions.begin() as db:
        later = await add_session(db, title="Buổi sau", starts_at=THURSDAY + timedelta(days=2))
        soon = await add_session(db, title="Quét mã QR", starts_at=NOON + timedelta(hours=20))
        draft = await add_session(db, title="Chưa công bố", published=False)
        past = await add_session(db, title="Đã qua", starts_at=NOON - timedelta(days=1))
        for each in (later, soon, draft, past):
            await add_enrolment(db, each, hong)
    async with app.client() as client:
        answer = await client.get(page)
    said = words_of(answer.text)
    assert "Chào bà Hồng" in said
    assert "Thẻ học viên: Nguyễn Thị Hồng" in said
    assert said.index("Ngày mai, thứ Ba 24/11 08h00 – 10h00") < said.index("thứ Bảy 28/11 14h00 – 16h00")
    assert said.index("Quét mã QR") < said.index("Buổi sau")
    assert "Nhà văn hóa TDP 5" in said
    assert "Mang theo điện thoại và dây sạc." in said
    assert '<a href="tel:+842343823456"><b>0234 3823 456</b></a>' in answer.text
    assert "Chưa công bố" not in said
    assert "Đã qua" not in said


async def test_without_a_class_it_says_whom_to_call(app: TestApp, page: str) -> None:
    async with app.client() as client:
        said = words_of((await client.get(page)).text)
        async with app.sessions.begin() as db:
            await db.execute(update(Ward).values(phone=None))
        without_phone = words_of((await client.get(page)).text)
    assert "Hiện chưa có buổi học nào. Muốn học tiếp, xin gọi phường Phú Xuân: 0234 3823 456" in said
    assert "Muốn học tiếp, xin hỏi Ủy ban nhân dân phường Phú Xuân" in without_phone


async def teach(db: AsyncSession, room: Classroom, learner: Learner) -> Certificate:
    """The learner shows two skills in class; the first is signed off and stands on a certificate."""
    await room.mark(db, learner)
    shown = [Shown(learner.id, skill.id, "alone", uuid4(), NOON) for skill in room.skills[:2]]
    await record_demonstrations(db, await room.roll_session(db), shown, by=room.as_helper, now=NOON)
    signed = await sign_off(db, WARD, [(learner.id, room.skills[0].id)], by=room.as_assessor, now=NOON)
    return await issue_certificate(
        db, WARD, learner.id, [signed.done[0].id], by=room.as_coordinator, now=NOON
    )


async def test_what_was_learned_stands_there_with_the_certificate_anybody_may_check(
    app: TestApp, settings: Settings
) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        certificate = await teach(db, room, room.learners[0])
        page = await card_of(db, room.learners[0], settings)
    async with app.client() as client:
        text = (await client.get(page)).text
        check = re.findall(r'href="(/kiem-tra/[^"]+)"', text)
        assert [(await client.get(each)).status_code for each in check] == [200]
    said = words_of(text)
    assert "Bà Ánh đã làm được Quét mã QR Tự làm được · xác nhận ngày 23/11/2026" in said
    assert "Đã làm ở lớp Chuyển tiền thử" in said
    assert "Nhận ra tin giả" not in said
    assert f"Số {grouped(certificate.serial)}" in said


async def test_nothing_of_anybody_else_stands_on_it(app: TestApp, settings: Settings) -> None:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        room = await add_classroom(db, ["Trần Thị Ngọc Ánh", "Lê Văn Bạn Cùng Lớp"])
        anh = room.learners[0]
        anh.phone, anh.phone_kind, anh.phone_note = SHARED, "mobile", "máy của con gái Hạnh"
        anh.note = "Ghi chú của cán bộ về bà Ánh"
        family = await add_learner(db, "Trần Văn Trong Nhà", phone=SHARED)
        coming = await add_session(db, title="Buổi tới", capacity=1)
        coming.note = "Đón bà Gái ở nhà cô Sáu 0987654321"
        helper = await add_helper(db, "Ngô Thị Người Hỗ Trợ", phone="+84905111222")
        await add_assignment(db, coming, helper)
        await add_enrolment(db, coming, anh)
        await add_enrolment(db, coming, family, state="waitlisted")
        await teach(db, room, anh)
        page, other = [await card_of(db, each, settings) for each in (anh, family)]
    async with app.client() as client:
        text = (await client.get(page)).text
        calendar = (await client.get(f"{page}/lich/{coming.id}.ics")).text.replace("\r\n ", "")
    assert "Quét mã QR" in text
    assert "SUMMARY:Buổi tới" in calendar
    for secret in (
        "Bạn Cùng Lớp", "Trong Nhà", "Hạnh", "Sáu", "Gái", "Ghi chú", "912345678", "912 345", "0987",
        "Hỗ Trợ", "905111222", "905 111", room.helper.name, room.assessor.name, room.coordinator.name,
        "example", other,
    ):  # fmt: skip
        assert secret not in text, secret
        assert secret not in calendar, secret


async def test_several_cards_of_one_phone_open_each_only_its_own_page(
    app: TestApp, hong: Learner, page: str, settings: Settings
) -> None:
    async with app.sessions.begin() as db:
        husband = await add_learner(db, "Trần Văn Dũng", phone=SHARED)
        session = await add_session(db)
        await add_enrolment(db, session, husband)
        his = await card_of(db, husband, settings)
    async with app.client() as client:
        refused = await client.post(f"{page}/buoi/{session.id}/ban")
        calendar = await client.get(f"{page}/lich/{session.id}.ics")
        assert "Dũng" in (await client.get(his)).text
    assert [refused.status_code, calendar.status_code] == [404, 404]
    assert await state_of(app, session.id, husband.id) == "enrolled"


async def test_a_busy_learner_leaves_the_seat_to_who_waits_and_may_come_back(
    app: TestApp, hong: Learner, page: str
) -> None:
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
            await give_up(db, [session.id], waiting.id, by=TEST, now=app.clock())
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


async def test_saying_it_twice_changes_nothing(app: TestApp, hong: Learner, page: str) -> None:
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


async def test_a_seat_taken_away_by_staff_is_not_taken_back_here(
    app: TestApp, hong: Learner, page: str
) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db)
        await add_enrolment(db, session, hong)
        await give_up(db, [session.id], hong.id, reason="Chuyển sang lớp khác", by=TEST, now=NOON)
    async with app.client() as client:
        assert "Tôi đi được" not in (await client.get(page)).text
        answer = await client.post(f"{page}/buoi/{session.id}/di")
    assert answer.status_code == 409
    assert "Phường, xã đã đổi danh sách của buổi này." in words_of(answer.text)
    assert f'href="{page}"' in answer.text
    assert await state_of(app, session.id, hong.id) == "cancelled"


async def test_once_a_class_has_begun_or_is_called_off_nothing_changes(
    app: TestApp, hong: Learner, page: str
) -> None:
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


async def test_a_class_goes_into_the_phones_calendar(app: TestApp, hong: Learner, page: str) -> None:
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


async def test_language_and_size_stay_with_the_card(app: TestApp, page: str) -> None:
    async with app.client() as first, app.client() as second:
        assert 'class="big"' not in (await first.get(page)).text
        await first.post(f"{page}/cach-doc", data={"doc": "to"})
        await first.post(f"{page}/cach-doc", data={"doc": "en"})
        elsewhere = (await second.get(page)).text
        assert '<html lang="en" class="big">' in elsewhere
        await second.post(f"{page}/cach-doc", data={"doc": "vi"})
        await second.post(f"{page}/cach-doc", data={"doc": "vua"})
        await second.post(f"{page}/cach-doc", data={"doc": "tàu"})
        assert '<html lang="vi">' in (await second.get(page)).text


async def test_dead_addresses_look_and_cost_alike(
    app: TestApp, engine: AsyncEngine, settings: Settings
) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        names = ("Đổi Mã", "Tắt Trang", "Lưu Trữ")
        people = [await add_learner(db, name) for name in names]
        dead = [await card_of(db, each, settings) for each in people]
        await renew_page(db, WARD, people[0].id, secret=settings.secret, by=TEST, now=NOON)
        await turn_off_page(db, WARD, people[1].id, by=TEST, now=NOON)
        people[2].archived_at = NOON
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    answers: list[tuple[int, bytes, Mapping[str, str], tuple[str, ...]]] = []
    async with app.client() as client:
        await client.get(dead[0])  # the frame's list of wards is read once a minute
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        for path in (*dead, "/hv/chua-bao-gio-co", "/hv/" + "x" * 5000):
            seen.clear()
            answer = await client.get(path)
            headers = {key: value for key, value in answer.headers.items() if key != "date"}
            answers.append((answer.status_code, answer.content, headers, tuple(seen)))
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert all(answer == answers[0] for answer in answers)
    status, body, _headers, statements = answers[0]
    assert status == 404
    assert len(statements) == 1
    assert "Xin gọi phường, xã nơi đăng ký học để được cấp thẻ khác." in body.decode()
    assert "Phú Xuân" not in body.decode()
    async with app.client() as client:
        for path in dead:
            assert (await client.post(f"{path}/cach-doc", data={"doc": "to"})).status_code == 404


async def test_the_address_stays_between_the_card_and_the_house(app: TestApp, page: str) -> None:
    async with app.client() as client:
        answers = [await client.get(page), await client.post(f"{page}/cach-doc", data={"doc": "to"})]
        answers.append(await client.get("/hv/khong-co"))
        cookies = dict(client.cookies)
    for answer in answers:
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert cookies == {}


async def test_the_style_sent_is_the_one_the_policy_allows(app: TestApp, page: str) -> None:
    async with app.client() as client:
        answer = await client.get(page)
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert "/static/" not in answer.text


async def test_another_sites_form_changes_nothing(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db)
        await add_enrolment(db, session, hong)
    async with app.client() as client:
        for site in ("cross-site", "same-site"):
            answer = await client.post(f"{page}/buoi/{session.id}/ban", headers={"sec-fetch-site": site})
            assert answer.status_code == 403
        assert await state_of(app, session.id, hong.id) == "enrolled"
        for site in ("same-origin", "none"):
            answer = await client.post(f"{page}/buoi/{session.id}/ban", headers={"sec-fetch-site": site})
            assert answer.status_code == 303


async def test_its_use_is_noted_once_an_hour(app: TestApp, hong: Learner, page: str) -> None:
    async def used() -> datetime | None:
        async with app.sessions() as db:
            return (await db.get_one(LearnerPage, hong.id)).last_used_at

    seen: list[datetime | None] = []
    async with app.client() as client:
        for minutes in (0, 59, 1):
            app.clock.forward(timedelta(minutes=minutes))
            await client.get(page)
            seen.append(await used())
    assert seen == [NOON, NOON, NOON + timedelta(hours=1)]


async def test_what_was_typed_is_shown_never_run(app: TestApp, settings: Settings) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        learner = await add_learner(db, "<b>Đậm</b> {{7*191}}")
        session = await add_session(db, title="<i>Nghiêng</i>", place="</style><script>1</script>")
        await add_enrolment(db, session, learner)
        page = await card_of(db, learner, settings)
    async with app.client() as client:
        text = (await client.get(page)).text
    for trap in ("<b>Đậm", "<i>", "<script", "1337"):
        assert trap not in text


async def test_the_whole_calendar_follows_under_an_address_of_its_own(
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
        first, second = await feed(client), await feed(client)
        assert [(await client.get(each)).status_code for each in (first, second)] == [404, 200]
        whole: Any = icalendar.Calendar.from_ical((await client.get(second)).content)
        [entry] = whole.walk("VEVENT")
        assert str(entry["UID"]) == f"buoi-{session.id}.hoc-{hong.id}@lopso"
        async with app.sessions.begin() as db:
            await renew_page(db, WARD, hong.id, secret=settings.secret, by=TEST, now=NOON)
        assert (await client.get(second)).status_code == 404


async def test_what_was_typed_for_a_visit_to_homes_stays_off_the_page(
    app: TestApp, hong: Learner, page: str
) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db, title="Thăm nhà bà Gái", place="Nhà bà Gái, kiệt 12")
        session.kind = "home_visit"
        await add_enrolment(db, session, hong)
    async with app.client() as client:
        text = (await client.get(page)).text
        calendar = (await client.get(f"{page}/lich/{session.id}.ics")).text
    assert "Hướng dẫn tại nhà" in text
    assert "Gái" not in text + calendar


async def states_of_reminders(db: AsyncSession) -> set[str]:
    return {each.state for each in await ledger(db) if each.purpose.startswith("reminder")}


async def refused(app: TestApp) -> set[str | None]:
    async with app.sessions() as db:
        return {each.topic for each in await standing(db, SHARED)}


async def test_texts_are_stopped_and_wanted_again_for_the_number(
    app: TestApp, hong: Learner, page: str
) -> None:
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


async def test_wanting_texts_again_gives_a_consent_taken_back_anew(
    app: TestApp, hong: Learner, page: str
) -> None:
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


async def test_without_a_mobile_it_says_so_and_stops_nothing(app: TestApp, hong: Learner, page: str) -> None:
    async with app.client() as client:
        for number, kind, words in (
            ("+842343529999", "landline", "là máy bàn, không nhận được tin nhắn"),
            (None, "none", "Chưa có số di động nào để nhắn tin"),
        ):
            async with app.sessions.begin() as db:
                await db.execute(update(Learner).values(phone=number, phone_kind=kind))
            assert words in (await client.get(page)).text
            assert (await client.post(f"{page}/tin-nhan", data={"tin": "thoi-het"})).status_code == 409


LONG = (
    "Dịch vụ công trực tuyến: nộp hồ sơ, theo dõi hồ sơ và thanh toán lệ phí trên Cổng dịch vụ công quốc gia"
)


async def test_the_fullest_page_is_one_answer_of_fourteen_kilobytes(app: TestApp, settings: Settings) -> None:
    """Long names, long titles, ten classes, more skills and certificates than are shown."""
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        room = await add_classroom(db, ["Công Tằng Tôn Nữ Thị Ngọc Ưỡn Thùy Dương Huyền Trân"], skills=16)
        [learner] = room.learners
        learner.phone, learner.phone_kind = SHARED, "mobile"
        await add_learner(db, "Người Trong Nhà", phone=SHARED)
        await db.execute(update(Skill).values(name_vi=LONG, name_en=LONG))
        await db.execute(update(Ward).values(full_name="Xã Chân Mây – Lăng Cô"))
        await room.mark(db, learner)
        shown = [Shown(learner.id, skill.id, "alone", uuid4(), NOON) for skill in room.skills]
        await record_demonstrations(db, await room.roll_session(db), shown, by=room.as_helper, now=NOON)
        pairs = [(learner.id, skill.id) for skill in room.skills[:9]]
        signed = await sign_off(db, WARD, pairs, by=room.as_assessor, now=NOON)
        for each in signed.done[:5]:
            await issue_certificate(db, WARD, learner.id, [each.id], by=room.as_coordinator, now=NOON)
        place = f"Phòng sinh hoạt chung, Nhà sinh hoạt cộng đồng thôn Phú Gia, {LONG}"
        for n in range(10):
            session = await add_session(
                db, title=LONG, place=place, starts_at=THURSDAY + timedelta(days=n), capacity=1 + n % 2
            )
            await add_enrolment(db, session, learner, state=("enrolled", "waitlisted")[n % 2])
        page = await card_of(db, learner, settings)
    async with app.client() as client:
        await client.post(f"{page}/cach-doc", data={"doc": "to"})
        whole = await client.get(page, headers={"accept-encoding": "identity"})
        packed = await client.get(page, headers={"accept-encoding": "gzip"})
    said = words_of(whole.text)
    assert "Còn 7 buổi nữa sau đó." in said
    assert "Và 4 kỹ năng khác." in said
    assert said.count("cấp ngày") == 3
    assert len(whole.content) <= LARGEST, f"{len(whole.content)} bytes"
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < LARGEST // 3
