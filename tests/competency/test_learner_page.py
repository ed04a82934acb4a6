"""The learner's page answers the telephone: when, where, who teaches; leaving, moving, enrolling."""

import re
from datetime import timedelta
from html import unescape

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.access import Role
from notifications.models import Message
from notifications.service.policy import load_policy
from scheduling.models import ClassSession, Enrolment
from tests.classroom import WARD, add_classroom
from tests.competency.evidence import certified
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_course,
    add_enrolment,
    add_helper,
    add_learner,
    add_series,
    add_session,
    add_text,
    add_user,
    add_ward,
)
from wordings.service.shipped import load_wordings

WEEK = timedelta(days=7)


def words(text: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>|\u2060", " ", text.partition("<main")[2])).split())


async def seed(
    app: TestApp, *, meetings: int = 24, phone: str | None = "+84912345678"
) -> tuple[str, list[int]]:
    """A learner in a series; her page and the ids of the meetings."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await load_wordings(db, by=TEST, now=NOON)
        await load_policy(db, by=TEST, now=NOON)
        await add_user(db, (Role.COORDINATOR, WARD))
        learner = await add_learner(db, phone="+84912345678")
        sessions = await add_meetings(db, meetings)
        await add_assignment(db, sessions[0], await add_helper(db, "Trần Thị Lành"), role="trainer")
        for each in sessions:
            await add_enrolment(db, each, learner)
    return f"/nguoi-hoc/{WARD}/{learner.id}", [each.id for each in sessions]


async def add_meetings(db: AsyncSession, count: int, *, days: int = 3) -> list[ClassSession]:
    course = await add_course(db, title=f"Thanh toán QR {days}" if days != 3 else "Thanh toán QR")
    series = await add_series(db, course=course)
    return [
        await add_session(
            db,
            title=course.title,
            course=course,
            series=series,
            starts_at=NOON + timedelta(days=days, hours=2) + WEEK * n,
        )
        for n in range(count)
    ]


async def state(app: TestApp, session_id: int) -> str | None:
    async with app.sessions() as db:
        return await db.scalar(select(Enrolment.state).where(Enrolment.session_id == session_id))


def undo_of(page: httpx.Response) -> str:
    """Where the undo button of the flash posts to."""
    found = re.search(r'class="flash[^>]*>.*?action="([^"]+)"', page.text, re.DOTALL)
    assert found is not None
    return unescape(found[1])


async def test_series_of_24_is_one_card_with_the_next_class(app: TestApp) -> None:
    here, ids = await seed(app)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(here)
        dates = await client.get(f"{here}/lop/1")
        nothing = await client.get(f"{here}/lop/99")

    said = words(page.text)
    assert page.text.count("<article") == 1
    assert said.index("Sắp học") < said.index("Kỹ năng") < said.index("Đã qua")
    assert "Thứ Năm 26/11, 14h00 – 16h00" in said
    assert "Thứ Năm 14h00 – 16h00 hằng tuần, còn 24 buổi" in said
    assert "Trần Thị Lành dạy" in said
    assert page.text.count('<div class="rows-item">') == 11
    assert "Xem cả 24 buổi" in said
    assert (dates.text.count('<div class="rows-item">'), nothing.status_code) == (24, 404)
    assert f'href="/buoi/{ids[0]}"' in page.text


async def test_learner_without_classes_is_offered_to_enrol(app: TestApp) -> None:
    here, _ids = await seed(app, meetings=1)
    async with app.sessions.begin() as db:
        other = await add_learner(db, "Người Mới")
    async with app.client_as("ha@example.org") as client:
        page = await client.get(here.rpartition("/")[0] + f"/{other.id}")

    assert "Chưa ghi danh buổi nào sắp tới" in page.text
    assert f'href="/nguoi-hoc/{WARD}/{other.id}/ghi-danh"' in page.text


async def test_leaving_can_be_undone(app: TestApp) -> None:
    here, ids = await seed(app, meetings=2)
    async with app.client_as("ha@example.org") as client:
        left = await client.post(f"{here}/buoi/{ids[0]}/nghi")
        after = await client.get(left.headers["location"])
        gone = await state(app, ids[0])
        undone = await client.post(undo_of(after))
        again = await client.get(undone.headers["location"])
        twice = await client.get((await client.post(undo_of(after))).headers["location"])

    assert gone == "cancelled"
    assert "Đã ghi Bà Nguyễn Thị Hoa nghỉ Thanh toán QR, thứ Năm 26/11, 14h00 – 16h00." in words(after.text)
    assert (await state(app, ids[0])) == "enrolled"
    assert "Đã ghi lại 1 buổi, Bà Nguyễn Thị Hoa vẫn học như cũ." in again.text
    assert "Việc này đã được hoàn tác rồi." in twice.text


async def test_leaving_a_whole_series_leaves_no_class(app: TestApp) -> None:
    here, ids = await seed(app, meetings=3)
    async with app.client_as("ha@example.org") as client:
        left = await client.post(f"{here}/buoi/{ids[0]}/nghi", data={"pham_vi": "loat"})
        after = await client.get(left.headers["location"])
        await client.post(undo_of(after))

    assert "nghỉ 3 buổi: Thanh toán QR." in after.text
    assert [await state(app, each) for each in ids] == ["enrolled"] * 3


async def test_reminders_follow_leaving_and_undo(app: TestApp) -> None:
    here, ids = await seed(app, meetings=1)
    async with app.sessions() as db:
        planned = select(Message.purpose).where(Message.session_id == ids[0], Message.state == "planned")
        async with app.client_as("ha@example.org") as client:
            left = await client.post(f"{here}/buoi/{ids[0]}/nghi")
            without = (await db.scalars(planned)).all()
            await db.rollback()
            await client.post(undo_of(await client.get(left.headers["location"])))
        again = (await db.scalars(planned.order_by(Message.purpose))).all()

    assert without == []
    assert again == ["reminder_day_before", "reminder_same_day"]


async def test_move_is_previewed_and_done_in_one_press(app: TestApp) -> None:
    here, ids = await seed(app, meetings=1)
    async with app.sessions.begin() as db:
        old = await db.get_one(ClassSession, ids[0])
        new = await add_session(db, title="Thanh toán QR, tối", starts_at=NOON + timedelta(days=4))
        new.course_id, new.kind = old.course_id, "ward_class"
    doi = f"{here}/buoi/{ids[0]}/doi"
    async with app.client_as("ha@example.org") as client:
        choices = await client.get(doi)
        preview = await client.get(doi, params={"sang": str(new.id), "pham_vi": "buoi"})
        texts = await client.get(
            f"{doi}/tin-nhan", params={"sang": str(new.id)}, headers={"hx-request": "true"}
        )
        done = await client.post(doi, data={"sang": str(new.id), "pham_vi": "buoi"})
        after = await client.get(done.headers["location"])

    assert f'value="{new.id}"' in choices.text
    assert "nhận tin về chỗ mới, thôi nhận tin nhắc của buổi cũ" in preview.text
    assert "Đã ghi tên" in texts.text
    moved = "Đã đổi cho Bà Nguyễn Thị Hoa: học Thanh toán QR, tối, thứ Sáu 27/11, 12h00 – 14h00."
    assert moved in words(after.text)
    assert ((await state(app, ids[0])), (await state(app, new.id))) == ("cancelled", "enrolled")


async def test_move_offers_the_later_sessions_of_the_class(app: TestApp) -> None:
    here, ids = await seed(app, meetings=2)
    async with app.sessions.begin() as db:
        old = await db.get_one(ClassSession, ids[0])
        new = await add_session(db, title="Thanh toán QR, tối", starts_at=NOON + timedelta(days=4))
        new.course_id, new.kind = old.course_id, "ward_class"
    async with app.client_as("ha@example.org") as client:
        first, last = [await client.get(f"{here}/buoi/{each}/doi") for each in ids]

    assert "Buổi này và 1 buổi sau của lớp" in first.text
    assert "pham_vi" not in last.text


async def test_move_into_a_class_filled_meanwhile_says_so(app: TestApp) -> None:
    here, ids = await seed(app, meetings=1)
    async with app.sessions.begin() as db:
        old = await db.get_one(ClassSession, ids[0])
        new = await add_session(db, title="Đã đầy", starts_at=NOON + timedelta(days=4), capacity=1)
        new.course_id, new.kind = old.course_id, "ward_class"
        await add_enrolment(db, new, await add_learner(db, "Người Nhanh"))
    doi = f"{here}/buoi/{ids[0]}/doi"
    async with app.client_as("ha@example.org") as client:
        preview = await client.get(doi, params={"sang": str(new.id)})
        refused = await client.post(doi, data={"sang": str(new.id)})
        unsaid = await client.post(doi)

    assert "Có buổi đã hết chỗ nên chưa đổi được." in preview.text
    assert (refused.status_code, "người học vẫn giữ chỗ cũ" in refused.text) == (409, True)
    assert unsaid.status_code == 422
    assert (await state(app, ids[0])) == "enrolled"


async def test_enrolling_in_a_whole_series_says_who_is_told(app: TestApp) -> None:
    here, _ids = await seed(app, meetings=1)
    async with app.sessions.begin() as db:
        meetings = await add_meetings(db, 3, days=4)
    join = f"{here}/ghi-danh"
    async with app.client_as("ha@example.org") as client:
        found = await client.get(join, params={"q": "qr 4"})
        none = await client.get(join, params={"q": "không có"})
        nothing = await client.post(join)
        done = await client.post(join, data={"chon": f"loat-{meetings[0].id}"})
        after = await client.get(done.headers["location"])

    assert "Cả lớp: 3 buổi, từ thứ Sáu 27/11" in found.text
    assert "Không tìm thấy lớp nào có" in none.text
    assert (nothing.status_code, "Xin chọn ít nhất một lớp." in nothing.text) == (422, True)
    assert "Đã ghi danh Bà Nguyễn Thị Hoa vào 3 buổi, từ 14h00 thứ Sáu 27/11." in after.text
    assert "Người học được báo bằng tin nhắn." in after.text
    assert [await state(app, each.id) for each in meetings] == ["enrolled"] * 3


async def test_texts_say_whether_each_class_was_told(app: TestApp) -> None:
    here, ids = await seed(app, meetings=2)
    async with app.client_as("ha@example.org") as client:
        left = await client.post(f"{here}/buoi/{ids[0]}/nghi")
        await client.post(undo_of(await client.get(left.headers["location"])))
        texts = f"/tin-nhan/{WARD}{here.removeprefix('/nguoi-hoc/' + WARD).replace('/', '/nguoi-hoc/', 1)}"
        part = await client.get(texts, headers={"hx-request": "true"})
        async with app.sessions.begin() as db:
            for message in await db.scalars(select(Message).where(Message.session_id == ids[0])):
                if message.purpose == "reminder_day_before" and message.state == "planned":
                    message.state, message.sent_at = "delivered", NOON
        told = await client.get(texts, headers={"hx-request": "true"})
        whole = await client.get(texts)

    assert "Chưa báo; sẽ nhắn 18h00 thứ Tư 25/11." in part.text
    assert f'id="bao-{ids[0]}"' in part.text
    assert "Đã báo 12h00 hôm nay (nhắc trước một ngày)." in told.text
    assert "Chưa báo bằng tin nhắn." in told.text  # the second meeting
    assert "đã đến máy" in whole.text
    said = words(whole.text)
    assert said.index("đã đến máy") < said.index("đã lên lịch")  # what was said comes first


async def test_text_that_failed_asks_for_a_call_until_somebody_called(app: TestApp) -> None:
    here, ids = await seed(app, meetings=1)
    async with app.client_as("ha@example.org") as client:
        texts = f"/tin-nhan/{WARD}/nguoi-hoc/{here.rpartition('/')[2]}"
        async with app.sessions.begin() as db:
            learner = (await db.scalars(select(Learner))).one()
            failed = await add_text(db, await db.get_one(ClassSession, ids[0]), learner)
            failed.state, failed.due_at = "failed", NOON - timedelta(hours=1)
        call = await client.get(texts, headers={"hx-request": "true"})
        async with app.sessions.begin() as db:
            message = await db.get_one(Message, failed.id)
            message.resolved_at, message.resolution = NOON, "called"
        called = await client.get(texts, headers={"hx-request": "true"})

    assert "Tin báo không đến được: xin gọi điện." in call.text
    assert "xin gọi điện" not in called.text
    assert "Đã báo 12h00 hôm nay (nhắc trong ngày)." in called.text


async def test_certificate_is_offered_once_something_can_be_printed(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        room = await add_classroom(db)
        anh, binh = room.learners[:2]
        await certified(db, room, anh, skills=(0,))
    async with app.client_as("ha@example.org") as client:
        printed = await client.get(f"/nguoi-hoc/{WARD}/{anh.id}")
        none = await client.get(f"/nguoi-hoc/{WARD}/{binh.id}")

    assert "Chứng nhận cấp ngày 23/11/2026" in printed.text
    assert 'class="button main"' not in printed.text
    assert "Chưa cấp chứng nhận được" in none.text
    assert f'href="/nguoi-hoc/{WARD}/{binh.id}/chung-nhan"' not in none.text
