"""Preview of a change: its texts, their number and cost; nothing is stored."""

import re
from dataclasses import replace
from datetime import time, timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

from learners.models import Learner
from lopso.kernel.access import Role
from notifications.models import Message
from notifications.service.change_preview import PreviewTarget, preview_cancellation
from scheduling.models import ClassSession, SeriesSlot
from scheduling.service.enrolments import enrol as give_seats
from scheduling.service.sessions import cancel_session
from staffing.service.offers import offer_assignments
from tests.classroom import WARD, add_learner
from tests.conftest import TestApp
from tests.factories import NOON, TEST, actor_for, add_user
from tests.notifications.scenario import LAN, MINH, add_city, withdraw_consent
from tests.notifications.series_texts import add_series, add_trainer, gone
from tests.notifications.test_message_action_pages import words_of
from trainers.models import Trainer

HTMX = {"HX-Request": "true"}
LEARNER = "15h00 thứ Năm hằng tuần từ 26/11, 6 buổi, Nhà văn hóa TDP 5: lớp kỹ năng số, đổi từ 14h00."


@pytest.fixture
async def sessions(app: TestApp) -> list[int]:
    """Six Thursdays with one learner and one helper, both notified."""
    async with app.sessions.begin() as db:
        found = await add_series(db, await add_city(db), weeks=6)
        ids = [each.id for each in found]
        user = await add_user(db, (Role.COORDINATOR, WARD))
        by = actor_for(user, (Role.COORDINATOR, WARD))
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        minh = await add_trainer(db, "Ngô Văn Minh", MINH)
        await give_seats(db, ids, [lan.id], by=by, now=NOON)
        await offer_assignments(db, ids, [minh.id], role="helper", agreed=True, by=by, now=NOON)
        await gone(db, at=NOON)
    app.clock.now = NOON + timedelta(hours=1)
    return ids


async def counts(app: TestApp) -> tuple[int, int]:
    """Number of texts in the ledger, and of sessions changed or cancelled."""
    async with app.sessions() as db:
        texts = await db.scalar(select(func.count()).select_from(Message))
        touched = await db.scalar(
            select(func.count()).select_from(ClassSession).where(ClassSession.version > 1)
        )
        return texts or 0, touched or 0


async def test_moving_a_series_previews_message_count_and_cost(app: TestApp, sessions: list[int]) -> None:
    before = await counts(app)
    app.app.state.settings = replace(app.app.state.settings, sms_segment_price=850)
    async with app.client_as("ha@example.org") as client:
        form = await client.get(f"/buoi/{sessions[0]}/sua?pham_vi=all")
        fields = {
            name: unescape(value)
            for name, value in re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', form.text)
        }
        wanted = {**fields, "pham_vi": "all", "since": "15:00", "until": "17:00"}
        preview = await client.get(f"/buoi/{sessions[0]}/sua/xem-truoc", params=wanted)
        address = re.search(r'href="([^"]*/sua/tin-nhan[^"]*)"', preview.text)
        assert address is not None, words_of(preview.text)
        here = unescape(address[1])
        part = await client.get(here, headers=HTMX)
        whole = await client.get(here)
        some = await client.get(f"{here}&chon=1&pick={sessions[1]}", headers=HTMX)

    assert "2 tin, khoảng 1.700 đồng." in words_of(part.text)
    assert LEARNER in words_of(part.text)
    assert "gửi ngay" in words_of(part.text)
    assert LEARNER in words_of(whole.text)
    assert "15h00 thứ Năm 03/12, Nhà văn hóa TDP 5" in words_of(some.text)
    assert await counts(app) == before


async def test_cancelling_several_sends_what_was_previewed(app: TestApp, sessions: list[int]) -> None:
    before = await counts(app)
    here = f"/buoi/{sessions[0]}/huy"
    picked = [str(each) for each in sessions[:2]]
    async with app.client_as("ha@example.org") as client:
        asked = await client.get(f"{here}?pham_vi=following")
        part = await client.get(
            f"{here}/tin-nhan",
            params={"pham_vi": "following", "chon": "1", "pick": picked, "reason": "Bão số 5"},
            headers=HTMX,
        )
        none = await client.get(f"{here}/tin-nhan?pham_vi=following&chon=1", headers=HTMX)
        assert await counts(app) == before
        silent = await client.post(here, data={"pham_vi": "following", "pick": picked, "reason": ""})
        done = await client.post(here, data={"pham_vi": "following", "pick": picked, "reason": "Bão số 5"})
        shown = await client.get(done.headers["location"])

    sample = "14h00 thứ Năm 26/11 và 03/12, Nhà văn hóa TDP 5: lớp kỹ năng số tạm nghỉ, vì bão số 5."
    assert asked.text.count('name="pick"') == 6
    assert sample in words_of(part.text)
    assert "Không có buổi nào được chọn." in words_of(none.text)
    assert silent.status_code == 422
    assert "Đã hủy 2 buổi." in words_of(shown.text)
    assert (await counts(app))[1] == 2
    async with app.sessions() as db:
        told = await db.scalars(select(Message.body_accented).where(Message.purpose == "session_cancelled"))
        assert [text.startswith(sample) for text in told] == [True]


async def test_preview_leaves_out_messages_planned_before(app: TestApp, sessions: list[int]) -> None:
    night = NOON + timedelta(hours=10)
    async with app.sessions.begin() as db:
        await cancel_session(db, sessions[0], reason="Bão", by=TEST, now=night)
    async with app.sessions() as db:
        preview = await preview_cancellation(db, PreviewTarget(sessions[1]), "Mưa lớn", by=TEST, now=night)

    assert sorted((each.purpose, each.count) for each in preview.messages) == [
        ("helper_cancelled", 1),
        ("session_cancelled", 1),
    ]
    assert all("vì mưa lớn" in each.sample for each in preview.messages)


async def test_preview_says_why_fewer_texts_go_than_people_hear_of_it(
    app: TestApp, sessions: list[int]
) -> None:
    async with app.sessions.begin() as db:
        shares = await add_learner(db, "Lê Thị Lụa", phone=LAN)
        refuses = await add_learner(db, "Võ Thị Cúc", phone="+84912000091")
        without = [await add_learner(db, name, phone=None) for name in ("Hồ Văn Bốn", "Hồ Văn Năm")]
        called = await add_learner(db, "Hồ Thị Sáu", phone="+842343823456")
        called.phone_kind = "landline"
        for each in (shares, refuses, *without, called):
            await give_seats(db, sessions[:1], [each.id], by=TEST, now=NOON)
        await withdraw_consent(db, refuses)
        await gone(db, at=NOON)
    async with app.client_as("ha@example.org") as client:
        part = await client.get(f"/buoi/{sessions[0]}/huy/tin-nhan?reason=Bão", headers=HTMX)
        nobody = await client.get(f"/buoi/{sessions[1]}/huy/tin-nhan?reason=Bão", headers=HTMX)

    # Lan and Lụa have one phone; Minh helps.
    assert (
        "Báo cho 7 người bằng 2 tin: 1 người dùng chung máy với người khác, 3 người không có số di động,"
        " 1 người không nhận tin nhắn. Ai không có số di động hoặc không nhận tin nhắn, xin gọi điện."
    ) in words_of(part.text)
    assert "Báo cho 2 người bằng 2 tin." in words_of(nobody.text)
    async with app.sessions() as db:
        preview = await preview_cancellation(db, PreviewTarget(sessions[0]), "Bão", by=TEST, now=NOON)
    assert preview.reach is not None
    told = preview.reach
    assert told.people == told.texts + told.sharing + sum(told.reasons.values())


async def test_preview_without_texts_says_why(app: TestApp, sessions: list[int]) -> None:
    async with app.sessions.begin() as db:
        for learner in await db.scalars(select(Learner)):
            learner.phone, learner.phone_kind = None, "none"
        for helper in await db.scalars(select(Trainer)):
            helper.phone = None
    async with app.client_as("ha@example.org") as client:
        part = await client.get(f"/buoi/{sessions[0]}/huy/tin-nhan?reason=Bão", headers=HTMX)

    assert "Không có tin nào cho 2 người này: 2 người không có số di động." in words_of(part.text)


async def test_who_only_waits_for_a_seat_is_counted_apart(app: TestApp, sessions: list[int]) -> None:
    async with app.sessions.begin() as db:
        session = await db.get_one(ClassSession, sessions[0])
        session.capacity = 1
        waits = await add_learner(db, "Hồ Văn Chờ", phone="+84912000092")
        await give_seats(db, sessions[:1], [waits.id], by=TEST, now=NOON)
    async with app.client_as("ha@example.org") as client:
        part = await client.get(f"/buoi/{sessions[0]}/huy/tin-nhan?reason=Bão", headers=HTMX)

    assert "Báo cho 3 người bằng 2 tin: 1 người còn chờ chỗ." in words_of(part.text)


async def test_further_meetings_preview_seats_and_offers_with_cost(app: TestApp, sessions: list[int]) -> None:
    before = await counts(app)
    app.app.state.settings = replace(app.app.state.settings, sms_segment_price=850)
    async with app.sessions.begin() as db:
        series = (await db.get_one(ClassSession, sessions[0])).series_id or 0
        db.add(SeriesSlot(series_id=series, weekday=3, starts_at=time(14), duration_minutes=120))
    page = f"/lich/{WARD}/chuoi/{series}/them-buoi"
    wanted = {"meetings": "2", "nguoi_hoc": "1", "nguoi_day": "1", "cong_bo": "1"}
    async with app.client_as("ha@example.org") as client:
        asks = (await client.get(f"{page}/xem-truoc", params=wanted)).text
        every = await client.get(f"{page}/tin-nhan", params=wanted, headers=HTMX)
        none = await client.get(f"{page}/tin-nhan", params=wanted | {"chon": "1"}, headers=HTMX)
        whole = await client.get(f"{page}/tin-nhan", params=wanted)
        neither = await client.get(f"{page}/tin-nhan")

    assert f'hx-get="{page}/tin-nhan?' in asks
    assert "2 tin" in words_of(every.text)
    assert "1.700" in every.text
    assert "Xin chọn ít nhất một ngày." in none.text
    assert "Quay lại" in whole.text
    assert "một trong hai" in neither.text
    assert await counts(app) == before
