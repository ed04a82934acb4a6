"""The learner's own page: what it shows, and what never."""

import re
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import update

from competency.rules import grouped
from competency.service.certificates import issue_certificate
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from competency.service.sign_offs import sign_off
from learners.models import Learner
from lopso.kernel.settings import Settings
from scheduling.service.sessions import cancel_session
from skills.models import Skill
from tests.classroom import WARD, add_classroom, add_learner
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_enrolment,
    add_helper,
    add_room,
    add_session,
    add_ward,
)
from tests.invitations.mail_factories import agree_to_mail
from tests.learner_portal.cards import SHARED, THURSDAY, card_of, teach
from tests.notifications.test_pages import words_of
from venues.models import Venue, Ward
from wordings.service.shipped import load_wordings

LARGEST = 14 * 1024  # bytes


async def test_page_shows_next_class_first_with_place_and_time(
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
    assert said.index("Ngày mai, thứ Ba 24/11 08h00 – 10h00") < said.index("Thứ Bảy 28/11 14h00 – 16h00")
    assert said.index("Quét mã QR") < said.index("Buổi sau")
    assert "Nhà văn hóa TDP 5" in said
    assert "Mang theo điện thoại và dây sạc." in said
    assert '<a href="tel:+842343823456"><b>0234 3823 456</b></a>' in answer.text
    assert "Chưa công bố" not in said
    assert "Đã qua" not in said


async def test_cancelled_and_declined_classes_hide_no_other(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        planned = [
            await add_session(db, title=f"Buổi {n:02}", starts_at=THURSDAY + timedelta(days=n))
            for n in range(12)
        ]
        for each in planned:
            await add_enrolment(db, each, hong)
        for each in planned[:3]:
            await cancel_session(db, each.id, reason="Mưa lớn", by=TEST, now=NOON)
    async with app.client() as client:
        for each in (planned[3], planned[4], planned[11], planned[10]):
            app.clock.forward(timedelta(minutes=1))
            await client.post(f"{page}/buoi/{each.id}/ban")
        text = (await client.get(page)).text
    assert re.findall(r"<h3>Buổi (\d+)", text) == ["00", "01", "05", "06", "07", "08", "10"]
    said = words_of(text)
    assert said.count("Buổi này nghỉ: Mưa lớn.") == 2
    assert said.count("Đã báo bận.") == 1  # the last one said, which may be a slip of the finger
    assert "Còn 1 buổi nữa sau đó." in said  # the ninth; those called off are no classes to come


async def test_button_labels_name_the_day(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        planned = [await add_session(db, starts_at=THURSDAY + timedelta(days=n)) for n in range(3)]
        for session in planned:
            await add_enrolment(db, session, hong)
    async with app.client() as client:
        await client.post(f"{page}/buoi/{planned[2].id}/ban")
        text = (await client.get(page)).text
    assert re.findall(r'aria-label="([^"]+)"', text.replace("\u00a0", " ")) == [
        "Thêm vào lịch điện thoại, thứ Năm 26/11",
        "Tôi bận buổi này, thứ Năm 26/11",
        "Thêm vào lịch điện thoại, thứ Sáu 27/11",
        "Tôi bận buổi này, thứ Sáu 27/11",
        "Tôi đi được, thứ Bảy 28/11",
    ]


async def test_page_without_class_shows_contact(app: TestApp, page: str) -> None:
    async with app.client() as client:
        said = words_of((await client.get(page)).text)
        async with app.sessions.begin() as db:
            await db.execute(update(Ward).values(phone=None))
        without_phone = words_of((await client.get(page)).text)
    assert "Hiện chưa có buổi học nào. Muốn học tiếp, xin gọi phường Phú Xuân: 0234 3823 456" in said
    assert "Muốn học tiếp, xin hỏi Ủy ban nhân dân phường Phú Xuân" in without_phone


async def test_page_shows_skills_and_certificates(app: TestApp, settings: Settings) -> None:
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


async def test_page_shows_nothing_about_others(app: TestApp, settings: Settings) -> None:
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


async def test_typed_text_is_escaped(app: TestApp, settings: Settings) -> None:
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


async def test_page_hides_typed_text_of_home_visits(app: TestApp, hong: Learner, page: str) -> None:
    async with app.sessions.begin() as db:
        session = await add_session(db, title="Thăm nhà bà Gái", place="Nhà bà Gái, kiệt 12")
        session.kind = "home_visit"
        await add_enrolment(db, session, hong)
    async with app.client() as client:
        text = (await client.get(page)).text
        calendar = (await client.get(f"{page}/lich/{session.id}.ics")).text
    assert "Hướng dẫn tại nhà" in text
    assert "Gái" not in text + calendar


LONG = (
    "Dịch vụ công trực tuyến: nộp hồ sơ, theo dõi hồ sơ và thanh toán lệ phí trên Cổng dịch vụ công quốc gia "
)
TITLE = (LONG * 2)[:120].strip()  # as long as the form lets it be
PLACE = (LONG * 2)[:200].strip()


async def test_fullest_page_is_at_most_fourteen_kilobytes(app: TestApp, settings: Settings) -> None:
    """Long names, titles and places, classes called off and said busy, more skills than are shown."""
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        room = await add_classroom(db, ["Công Tằng Tôn Nữ Thị Ngọc Ưỡn Thùy Dương Huyền Trân"], skills=16)
        [learner] = room.learners
        learner.phone, learner.phone_kind = SHARED, "mobile"
        await agree_to_mail(db, learner, f"{'ba.ngoc.uon.' * 4}huyen.tran@{'thu-dien-tu.' * 4}example.org")
        await add_learner(db, "Người Trong Nhà", phone=SHARED)
        await db.execute(update(Skill).values(name_vi=LONG.strip(), name_en=LONG.strip()))
        await db.execute(update(Ward).values(full_name="Xã Chân Mây – Lăng Cô"))
        await room.mark(db, learner)
        shown = [ObservedSkill(learner.id, skill.id, "alone", uuid4(), NOON) for skill in room.skills]
        await record_demonstrations(db, await room.roll_session(db), shown, by=room.as_helper, now=NOON)
        pairs = [(learner.id, skill.id) for skill in room.skills[:9]]
        signed = await sign_off(db, WARD, pairs, by=room.as_assessor, now=NOON)
        for each in signed.done[:5]:
            await issue_certificate(db, WARD, learner.id, [each.id], by=room.as_coordinator, now=NOON)
        hall = await add_room(db, name="Phòng sinh hoạt chung tầng hai")
        await db.execute(update(Venue).values(name=PLACE, address=PLACE, landmark=PLACE))
        planned = [
            await add_session(
                db, title=TITLE, room=hall, starts_at=THURSDAY + timedelta(days=n), capacity=1 + n % 2
            )
            for n in range(15)
        ]
        for n, session in enumerate(planned):
            await add_enrolment(db, session, learner, state=("enrolled", "waitlisted")[n % 2])
        for session in planned[:2]:
            await cancel_session(db, session.id, reason=PLACE, by=TEST, now=NOON)
        page = await card_of(db, learner, settings)
    async with app.client() as client:
        for number in (2, 14):
            app.clock.forward(timedelta(minutes=1))
            await client.post(f"{page}/buoi/{planned[number].id}/ban")
        await client.post(f"{page}/cach-doc", data={"doc": "to"})
        whole = await client.get(page, headers={"accept-encoding": "identity"})
        packed = await client.get(page, headers={"accept-encoding": "gzip"})
        said = words_of(whole.text)
        assert "Còn 8 buổi nữa sau đó." in said
        assert "Và 4 kỹ năng khác." in said
        assert said.count("cấp ngày") == 3
        assert said.count("Buổi này nghỉ") == 2
        assert said.count("Đã báo bận") == 1
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < LARGEST // 3
        answers = {"vi": whole, "refused": await client.post(f"{page}/buoi/{planned[0].id}/ban")}
        await client.post(f"{page}/cach-doc", data={"doc": "en"})
        answers["en"] = await client.get(page, headers={"accept-encoding": "identity"})
        answers["calendar"] = await client.post(f"{page}/lich-rieng")
        answers["gone"] = await client.get("/hv/khong-co")
        answers["astray"] = await client.get(f"{page}/a/b")
    sizes = {name: len(answer.content) for name, answer in answers.items()}
    assert answers["refused"].status_code == 409
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}, sizes
