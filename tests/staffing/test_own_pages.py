"""A helper's own pages: what they show and hide, accepting and declining."""

import re
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.kernel.access import Role
from scheduling.models import Assignment, ClassSession
from scheduling.service.sessions import cancel_session
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_course,
    add_enrolment,
    add_helper,
    add_learner,
    add_room,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from tests.statements import statements_of
from trainers.models import Trainer
from wordings.service.shipped import load_wordings

HERE = "/viec-cua-toi"


@dataclass
class Scene:
    """Lê An, asked into a class today and one tomorrow."""

    me: Trainer
    today: int
    tomorrow: int
    row_today: int
    row_tomorrow: int


async def scene(app: TestApp) -> Scene:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        user = await add_user(db, (Role.TRAINER, "19753"), name="Lê An", email="an@example.org")
        await add_user(db, (Role.TRAINER, "19753"), name="Đỗ Bình", email="binh@example.org")
        await add_user(db, (Role.VIEWER, "19753"), email="xem@example.org")
        me = await add_helper(db, "Lê Văn An", user=user)
        room = await add_room(db)
        course = await add_course(db)
        today = await add_session(
            db, title="Thanh toán QR", starts_at=NOON + timedelta(hours=2), room=room, course=course
        )
        tomorrow = await add_session(
            db, title="Dùng VNeID", starts_at=NOON + timedelta(days=1, hours=2), course=course
        )
        await add_enrolment(db, today, await add_learner(db, "Trần Thị Hòa", phone="+84912345678"))
        await add_assignment(db, today, await add_helper(db, "Hồ Chi"), role="trainer")
        await add_assignment(db, today, await add_helper(db, "Võ Dũng"), state="declined")
        row_today = await add_assignment(db, today, me)
        row_tomorrow = await add_assignment(db, tomorrow, me, role="trainer", state="offered")
    return Scene(me, today.id, tomorrow.id, row_today.id, row_tomorrow.id)


def text_of(answer: httpx.Response) -> str:
    words = " ".join(re.sub(r"<[^>]+>|\u2060", " ", answer.text).split())
    return words[words.index("Việc của tôi", words.index("Đăng xuất")) :]


async def state(app: TestApp, row_id: int) -> tuple[str, str]:
    async with app.sessions() as db:
        row = await db.get_one(Assignment, row_id)
        return row.state, row.reason


async def test_own_page_shows_time_place_and_colleagues(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("an@example.org") as client:
        page = await client.get(HERE)

    words = text_of(page)
    assert "Chào An. Hôm nay có 1 buổi. 1 buổi đang chờ bạn trả lời." in words
    assert (
        "Hôm nay , thứ Hai 23/11 14h00 – 16h00 Bạn đã nhận Thanh toán QR Nhà văn hóa Hội trường"
        " 12 Đinh Tiên Hoàng, cạnh trường mầm non Hoa Sen" in words
    )
    assert "1 người học Bạn là người hỗ trợ, cùng Hồ Chi (dạy chính) Mở điểm danh" in words
    assert "Ngày mai, thứ Ba 24/11 14h00 – 16h00 Chờ bạn trả lời Dùng VNeID" in words
    assert "Bạn là người dạy chính Tôi nhận Tôi bận" in words
    assert "Có gì thay đổi, gọi Phường Phú Xuân 0234 3823 456" in words
    assert f'<a href="#viec-{s.row_tomorrow}">1 buổi đang chờ bạn trả lời.</a>' in page.text
    assert f'id="viec-{s.row_tomorrow}"' in page.text
    assert f'href="/buoi/{s.today}/diem-danh"' in page.text
    assert f'href="/buoi/{s.tomorrow}/diem-danh"' not in page.text
    for leaked in ("Hòa", "0912", "Võ Dũng"):
        assert leaked not in page.text


async def test_later_days_show_weekday_once(app: TestApp) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        me = await db.get_one(Trainer, s.me.id)
        await add_assignment(db, await add_session(db, title="Ngày hội"), me)
    async with app.client_as("an@example.org") as client:
        words = text_of(await client.get(HERE))
    assert "Thứ Năm 26/11 14h00 – 16h00 Bạn đã nhận Ngày hội" in words


async def test_drafts_and_sessions_of_others_are_hidden(app: TestApp) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        me = await db.get_one(Trainer, s.me.id)
        draft = await add_session(
            db, title="Bản nháp kín", starts_at=NOON + timedelta(days=5), published=False
        )
        row = await add_assignment(db, draft, me, state="offered")
    async with app.client_as("an@example.org") as client:
        page = await client.get(HERE)
        answers = [
            (await client.post(f"{HERE}/{row.id}/nhan")).status_code,
            (await client.get(f"{HERE}/{row.id}/ban")).status_code,
            (await client.post(f"{HERE}/{row.id}/ban", data={"ly_do": "x"})).status_code,
            (await client.post(f"{HERE}/{row.id}/hoan-tac")).status_code,
            (await client.post(f"{HERE}/{row.id}/nhan-ca-lop")).status_code,
        ]
    assert "Bản nháp kín" not in page.text
    assert answers == [404] * 5
    async with app.client_as("binh@example.org") as client:
        other = await client.get(HERE)
        answers = [
            (await client.post(f"{HERE}/{s.row_tomorrow}/nhan")).status_code,
            (await client.get(f"{HERE}/{s.row_tomorrow}/ban")).status_code,
            (await client.post(f"{HERE}/{s.row_tomorrow}/hoan-tac")).status_code,
        ]
    assert "Tài khoản này chưa gắn với người hướng dẫn nào" in other.text
    assert answers == [404] * 3
    assert await state(app, s.row_tomorrow) == ("offered", "")


async def test_accepting_is_undone_then_declined_with_ready_reason(app: TestApp) -> None:
    s = await scene(app)
    mine = f"{HERE}/{s.row_tomorrow}"
    async with app.client_as("an@example.org") as client:
        yes = await client.post(f"{mine}/nhan")
        shown = await client.get(yes.headers["location"])
        assert (yes.status_code, await state(app, s.row_tomorrow)) == (303, ("accepted", ""))
        assert "Đã nhận. Cảm ơn bạn." in shown.text
        assert f'action="{mine}/hoan-tac"' in shown.text
        await client.post(f"{mine}/hoan-tac")
        assert await state(app, s.row_tomorrow) == ("offered", "")
        assert (await client.get(f"{mine}/ban")).status_code == 200
        empty = await client.post(f"{mine}/ban", data={"ly_do": "  "})
        assert empty.status_code == 422
        assert "Xin cho biết lý do, một vài chữ là đủ." in empty.text
        await client.post(f"{mine}/ban", data={"ly_do_san": "Bận lịch học", "ly_do": ""})
        assert await state(app, s.row_tomorrow) == ("declined", "Bận lịch học")
        after = await client.get(HERE)
        assert "Bạn đã báo bận" in after.text
        await client.post(f"{mine}/ban", data={"ly_do_san": "Bận lịch học", "ly_do": "Ý khác"})
        assert await state(app, s.row_tomorrow) == ("declined", "Bận lịch học")  # said once is said
        await client.post(f"{mine}/nhan")
        assert await state(app, s.row_tomorrow) == ("accepted", "")


async def test_typed_reason_wins_over_ready_reason(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("an@example.org") as client:
        await client.post(
            f"{HERE}/{s.row_tomorrow}/ban", data={"ly_do_san": "Bận lịch học", "ly_do": "Đi Đà Nẵng"}
        )
    assert await state(app, s.row_tomorrow) == ("declined", "Đi Đà Nẵng")


async def test_late_and_cancelled_answers_show_a_sentence(app: TestApp) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        await cancel_session(db, s.tomorrow, reason="Mưa lớn", by=TEST, now=NOON)
    async with app.client_as("an@example.org") as client:
        page = await client.get(HERE)
        called_off = await client.post(f"{HERE}/{s.row_tomorrow}/nhan")
        form = await client.get(f"{HERE}/{s.row_tomorrow}/ban")
        app.clock.forward(timedelta(hours=3))
        begun = await client.post(f"{HERE}/{s.row_today}/ban", data={"ly_do": "bận"})

    words = text_of(page)
    assert "Ngày mai, thứ Ba 24/11 14h00 – 16h00 Đã hủy Dùng VNeID Lý do: Mưa lớn" in words
    assert "Tôi nhận" not in words
    assert (called_off.status_code, form.status_code, begun.status_code) == (409, 303, 409)
    assert "Buổi này đã hủy, không cần trả lời nữa." in called_off.text
    assert "Buổi này đã bắt đầu nên không đổi câu trả lời được nữa." in begun.text


async def test_series_is_accepted_at_once(app: TestApp) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        me = await db.get_one(Trainer, s.me.id)
        course = await add_course(db, title="Loạt")
        series = await add_series(db, course=course)
        rows: list[Assignment] = []
        for n in range(4):
            week = await add_session(
                db,
                title=f"Loạt {n}",
                starts_at=NOON + timedelta(days=7 * (n + 1)),
                course=course,
                series=series,
                published=n != 2,
            )
            rows.append(await add_assignment(db, week, me, state="offered"))
    async with app.client_as("an@example.org") as client:
        assert "Nhận cả 3 buổi của lớp này" in (await client.get(HERE)).text
        done = await client.post(f"{HERE}/{rows[0].id}/nhan-ca-lop")
        shown = await client.get(done.headers["location"])

    assert "Đã nhận 3 buổi." in shown.text
    assert [(await state(app, row.id))[0] for row in rows] == ["accepted", "accepted", "offered", "accepted"]
    assert await state(app, s.row_tomorrow) == ("offered", "")


async def test_offers_come_before_later_days_and_weeks_are_folded(app: TestApp) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        me = await db.get_one(Trainer, s.me.id)
        series = await add_series(db, course=await add_course(db, title="Loạt"))
        for weeks in (1, 2):
            asked = await add_session(
                db, title=f"Loạt {weeks}", starts_at=NOON + timedelta(weeks=weeks), series=series
            )
            await add_assignment(db, asked, me, state="offered")
        for days, title in ((3, "Gần"), (7, "Tuần sau"), (14, "Tuần sau nữa")):
            coming = await add_session(db, title=title, starts_at=NOON + timedelta(days=days, hours=4))
            await add_assignment(db, coming, me)
    async with app.client_as("an@example.org") as client:
        words = text_of(await client.get(HERE))

    order = [
        "Hôm nay , thứ Hai 23/11",
        "Thanh toán QR",
        "Chờ bạn trả lời Ngày mai, thứ Ba 24/11",
        "Dùng VNeID",
        "Thứ Hai 30/11 12h00",
        "Các buổi khác chờ trả lời 1 Thứ Hai 07/12 12h00",
        "7 ngày tới Thứ Năm 26/11 16h00",
        "Gần",
        "Các tuần sau Tuần 30/11 – 06/12 1 buổi Thứ Hai 30/11 16h00",
        "Tuần 07/12 – 13/12 1 buổi Thứ Hai 07/12 16h00",
    ]
    places = [words.find(each) for each in order]
    assert -1 not in places, dict(zip(order, places, strict=True))
    assert places == sorted(places)
    assert words.count("12h00 –") == 2


async def test_last_of_several_offers_is_shown(app: TestApp) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        me = await db.get_one(Trainer, s.me.id)
        old = await db.get_one(Assignment, s.row_tomorrow)
        old.state, old.reason, old.answered_at = "withdrawn", "nhầm", NOON
        await db.flush()
        await add_assignment(db, await db.get_one(ClassSession, s.tomorrow), me, state="accepted")
    async with app.client_as("an@example.org") as client:
        words = text_of(await client.get(HERE))
    assert words.count("Dùng VNeID") == 1
    assert "Bạn đã nhận Dùng VNeID" in words


async def test_past_sessions_link_roll_call_for_three_days(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("an@example.org") as client:
        assert "Chưa có buổi nào đã qua" in (await client.get(f"{HERE}/da-qua")).text
        app.clock.forward(timedelta(days=1))
        page = await client.get(f"{HERE}/da-qua")
        assert "Thanh toán QR Thứ Hai 23/11/2026, 14h00 – 16h00" in text_of(page)
        assert f'href="/buoi/{s.today}/diem-danh"' in page.text
        app.clock.forward(timedelta(days=4))
        later = await client.get(f"{HERE}/da-qua")
        assert "diem-danh" not in later.text
        assert "2 buổi" in text_of(later)
        assert "Sắp tới chưa có buổi nào" in (await client.get(HERE)).text


async def test_own_sessions_are_paged_with_fixed_statements(app: TestApp, engine: AsyncEngine) -> None:
    s = await scene(app)
    counts: list[int] = []

    async def counted(client: httpx.AsyncClient) -> str:
        with statements_of(engine) as statements:
            words = text_of(await client.get(HERE))
        counts.append(len(statements))
        return words

    async with app.client_as("an@example.org") as client:
        await counted(client)
        await counted(client)
        async with app.sessions.begin() as db:
            me = await db.get_one(Trainer, s.me.id)
            for n in range(120):
                later = await add_session(db, title=f"Buổi {n}", starts_at=NOON + timedelta(days=3 + n))
                await add_assignment(db, later, me)
        words = await counted(client)
    assert counts[1] == counts[2]
    assert "Từ 1 đến 50 trong 122" in words


async def test_account_without_helper_sees_what_to_do(app: TestApp) -> None:
    await scene(app)
    async with app.client_as("xem@example.org") as client:
        page = await client.get(HERE)
        others = [(await client.get(f"{HERE}/{path}")).status_code for path in ("da-qua", "lich-rieng")]
    assert "Tài khoản này chưa gắn với người hướng dẫn nào" in page.text
    assert others == [404, 404]
    async with app.sessions() as db:
        assert len((await db.scalars(select(Assignment.id))).all()) == 4
