"""Wordings of the city: drafted with a preview on real data, activated, never changed after."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateways.placeholders import NAMES, TYPES, shown
from lopso.kernel.access import Role
from lopso.kernel.errors import InvalidInput
from notifications.models import Message, Replanning
from notifications.service.replanning import process_next
from scheduling.models import Course
from tests.classroom import WARD, add_learner, add_session, enrol
from tests.conftest import TestApp
from tests.factories import NOON, TEST, actor_for, add_user, add_ward
from tests.notifications.scenario import LAN, MINH, THURSDAY, add_city, add_class, announce
from wordings.labels import placeholder_labels, placeholder_type_labels
from wordings.models import MessageTemplate
from wordings.service.drafts import activate_draft, save_draft
from wordings.service.shipped import load_wordings

ADMIN = "toan@example.org"
BODY = "{time} {day} tại {place}: {what}. Mời {names}. Số để hỏi: {contact}."
TYPED = "{giờ} {ngày} tại {nơi học}: {loại buổi}. Mời {người nhận}. Số để hỏi: {số để hỏi}."
OFFER = "{when}, {place}: mời {names}. Gọi {contact}."
HERE = "/mau-tin/reminder_day_before"


def read(page: str) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>|\u2060", " ", page)).split())


async def versions(db: AsyncSession, code: str) -> list[tuple[int, str, bool, bool, str | None]]:
    """Version, words, active, retired, registered id."""
    rows = await db.scalars(
        select(MessageTemplate)
        .where(MessageTemplate.code == code)
        .order_by(MessageTemplate.version)
        .execution_options(populate_existing=True)
    )
    return [
        (
            row.version,
            row.body_accented,
            row.activated_at is not None,
            row.retired_at is not None,
            row.registered_id,
        )
        for row in rows
    ]


async def a_city(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email=ADMIN)
        await add_user(db, (Role.COORDINATOR, WARD), name="Lê Hà", email="ha@example.org")
        people = (
            await add_learner(db, "Lê Thị Lan", phone=LAN),
            await add_learner(db, "Công Tằng Tôn Nữ Thị Nguyệt", phone=MINH),
        )
        await announce(db, await add_class(db, course, *people))


async def test_draft_has_no_effect_until_activated(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    await announce(db, session)
    user = await add_user(db, (Role.CITY_ADMIN, None), email=ADMIN)
    by = actor_for(user, (Role.CITY_ADMIN, None))
    [first] = await versions(db, "reminder_day_before")

    await save_draft(db, "reminder_day_before", "  " + BODY.replace(" tại", "  ở"), by=by, now=NOON)
    await save_draft(db, "reminder_day_before", BODY, by=by, now=NOON)
    assert await versions(db, "reminder_day_before") == [first, (3, BODY, False, False, None)]
    await activate_draft(db, "reminder_day_before", " VN-17 ", registration_required=True, by=by, now=NOON)
    assert await versions(db, "reminder_day_before") == [
        (*first[:3], True, None),
        (3, BODY, True, False, "VN-17"),
    ]

    async def eve() -> str:
        found = await db.scalars(
            select(Message.body_accented).where(
                Message.purpose == "reminder_day_before", Message.state == "planned"
            )
        )
        return found.one()

    assert (await eve()).startswith("14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: lớp")
    assert (await db.scalars(select(Replanning.ward_id))).all() == [WARD]
    await process_next(db, now=NOON)
    assert await eve() == (
        "14h00 thứ Năm 26/11 tại Nhà văn hóa TDP 5: lớp kỹ năng số. Mời bà Lê Thị Lan."
        " Số để hỏi: 0234 3823 456."
    )


async def test_registered_id_is_required_where_the_provider_requires_it(db: AsyncSession) -> None:
    await add_city(db)
    await save_draft(db, "reminder_day_before", BODY, by=TEST, now=NOON)

    with pytest.raises(InvalidInput) as refused:
        await activate_draft(db, "reminder_day_before", " ", registration_required=True, by=TEST, now=NOON)
    assert list(refused.value.fields) == ["registered_id"]
    await activate_draft(db, "reminder_day_before", "", registration_required=False, by=TEST, now=NOON)


async def test_release_keeps_the_wording_of_the_city_in_use(db: AsyncSession) -> None:
    await add_city(db)
    user = await add_user(db, (Role.CITY_ADMIN, None), email=ADMIN)
    by = actor_for(user, (Role.CITY_ADMIN, None))
    await save_draft(
        db, "assignment_offered", "{when}, {place}: mời {names}. Gọi {contact}.", by=by, now=NOON
    )
    await activate_draft(db, "assignment_offered", "", registration_required=False, by=by, now=NOON)
    # A shipped wording equals the city's: version 4 of the city stays.
    before = await versions(db, "assignment_offered")

    assert await load_wordings(db, by=TEST, now=NOON + timedelta(days=1)) == 0

    assert await versions(db, "assignment_offered") == before
    assert before[-1][:4] == (4, OFFER, True, False)


async def test_newer_shipped_wording_retires_the_older(db: AsyncSession) -> None:
    await add_city(db)
    row = await db.scalar(select(MessageTemplate).where(MessageTemplate.code == "assignment_offered"))
    assert row is not None
    row.version, row.body_accented = 1, "{when}, {place}: mời {names}. {contact}"
    await db.flush()

    assert await load_wordings(db, by=TEST, now=NOON) == 1

    assert [(each[0], each[3]) for each in await versions(db, "assignment_offered")] == [
        (1, True),
        (3, False),
    ]


async def test_shipped_wording_renumbers_a_city_draft_of_its_version(
    db: AsyncSession,
) -> None:
    await add_city(db)
    row = await db.scalar(select(MessageTemplate).where(MessageTemplate.code == "assignment_offered"))
    assert row is not None
    shipped, row.version, row.body_accented = row.body_accented, 2, "{when}, {place}: {names}. {contact}"
    await db.flush()
    user = await add_user(db, (Role.CITY_ADMIN, None), email=ADMIN)
    await save_draft(db, "assignment_offered", OFFER, by=actor_for(user, (Role.CITY_ADMIN, None)), now=NOON)

    assert await load_wordings(db, by=TEST, now=NOON) == 1
    assert await load_wordings(db, by=TEST, now=NOON) == 0

    assert [each[:4] for each in await versions(db, "assignment_offered")] == [
        (2, "{when}, {place}: {names}. {contact}", True, True),
        (3, shipped, True, False),
        (4, OFFER, False, False),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{giờ} {ngày}, {nơi học}: {học phí}. {số để hỏi}", "Chỗ trống không có trong danh mục: {học phí}."),
        ("{giờ} {ngày}, {nơi học}: {loại buổi}, {số để hỏi} {", "Dấu ngoặc nhọn chỉ dùng cho chỗ trống"),
        (
            "{giờ} {ngày}: {loại buổi}. {số để hỏi}",
            "Tin phải nói giờ, nơi và số để hỏi; còn thiếu {nơi học}.",
        ),
        (TYPED + " Xem lopso.vn", "Tin gửi người học không được có đường dẫn."),
        (TYPED + " Có quà", "Tin gửi người học không được nói đến tiền, quà"),
        (TYPED + " Chung tay", "Tin gửi người học không được có khẩu hiệu"),
        ("", "Xin ghi lời của tin."),
    ],
)
async def test_unsuitable_wording_is_refused_and_kept_in_the_form(app: TestApp, body: str, said: str) -> None:
    await a_city(app)
    async with app.client_as(ADMIN) as client:
        refused = await client.post(HERE + "/soan", data={"body": body, "phuong": WARD})

    assert refused.status_code == 422
    assert said in read(refused.text)
    assert f">{body}</textarea>" in unescape(refused.text)
    async with app.sessions() as db:
        assert len(await versions(db, "reminder_day_before")) == 1


async def test_preview_shows_real_messages_with_size_and_cost(app: TestApp) -> None:
    await a_city(app)
    async with app.client_as(ADMIN) as client:
        shown = read(
            (await client.post(HERE + "/soan", data={"body": BODY, "phuong": WARD, "viec": "xem"})).text
        )
        live = read((await client.post(HERE + "/xem-thu", data={"body": BODY, "phuong": WARD})).text)

    for page in (shown, live):
        assert (
            "14h00 thu Nam 26/11 tai Nha van hoa TDP 5: lop ky nang so. Moi ba Cong Tang Ton Nu Thi" in page
        )
        assert re.search(r"GSM-7, 1\d\d ký tự, 1 đoạn", page)
        assert "Tuần tới nơi này gửi 2 tin theo mẫu này, 2 đoạn." in page
    assert "Mẫu tin" not in live  # the part alone
    async with app.sessions() as db:
        assert len(await versions(db, "reminder_day_before")) == 1  # looking keeps nothing


async def test_price_of_the_week_is_that_of_its_messages(app: TestApp) -> None:
    """Two learners on Thursday, one of them again nine days later: two texts this week."""
    app.app.state.settings = replace(app.app.state.settings, sms_segment_price=850)
    await a_city(app)
    async with app.sessions.begin() as db:
        course = (await db.scalars(select(Course))).one()
        far = await add_class(
            db,
            course,
            await add_learner(db, "Hồ Xa", phone="+84903000001"),
            starts_at=THURSDAY + timedelta(days=9),
        )
        await announce(db, far)
    filler = " Xin bác mang theo kính đọc sách, điện thoại đã sạc pin và giấy bút để ghi lại điều đã học."
    async with app.client_as(ADMIN) as client:
        page = read((await client.post(HERE + "/xem-thu", data={"body": BODY + filler, "phuong": WARD})).text)
        moved = BODY.replace("{what}", "{what}, đổi từ {old_time} {old_day}")
        other = read(
            (await client.post("/mau-tin/session_moved/xem-thu", data={"body": moved, "phuong": WARD})).text
        )

    assert "Tuần tới nơi này gửi 2 tin theo mẫu này, 4 đoạn, hết 3.400 đồng." in page
    assert "Nếu báo mọi buổi tuần tới của nơi này: 2 tin, 2 đoạn, hết 1.700 đồng." in other


async def test_longest_message_of_any_ward_needs_confirmation(app: TestApp) -> None:
    await a_city(app)
    async with app.sessions.begin() as db:
        await add_ward(db, ward_id="20014", name="Chân Mây - Lăng Cô")
        there = await add_session(db, None, starts_at=THURSDAY, ward_id="20014")
        there.kind, there.place = "mass_event", "Nhà Rông " + " ".join(["Hồng Hạ"] * 6)
        await enrol(db, there, await add_learner(db, "Hồ Xa", ward_id="20014", phone="+84903000001"))
        await announce(db, there)
    form = {"body": BODY + " Xin mang kính và điện thoại.", "phuong": WARD}
    async with app.client_as(ADMIN) as client:
        asked = await client.post(HERE + "/soan", data=form)
        kept = await client.post(HERE + "/soan", data={**form, "dong_y": "2"})

    assert (asked.status_code, kept.status_code) == (422, 303)
    assert "Dài nhất trong thành phố, ở Phường Chân Mây - Lăng Cô" in read(asked.text)


async def test_placeholder_types_are_listed(app: TestApp) -> None:
    await a_city(app)
    async with app.client_as(ADMIN) as client:
        page = read((await client.get("/mau-tin/sign_off_reached/soan")).text)

    assert "{số kỹ năng} số kỹ năng kiểu: số" in page
    assert "kiểu: số điện thoại" in page
    assert set(TYPES) == set(NAMES) == set(placeholder_labels())
    assert set(TYPES.values()) == set(placeholder_type_labels())


async def test_placeholders_are_typed_by_vietnamese_names(app: TestApp) -> None:
    await a_city(app)
    typed = "{GIỜ} {ngay} tại {Noi Hoc}: {loại buổi}. Mời {nguoi nhan}. Số để hỏi: {số để hỏi}."
    async with app.client_as(ADMIN) as client:
        kept = await client.post(HERE + "/soan", data={"body": typed, "phuong": WARD})
        pages = [await client.get(path) for path in ("/mau-tin", HERE, HERE + "/soan")]

    assert kept.status_code == 303
    async with app.sessions() as db:
        assert [each[1] for each in await versions(db, "reminder_day_before")][1:] == [BODY]
    assert TYPED in read(pages[1].text)
    assert f">{TYPED}</textarea>" in unescape(pages[2].text)
    assert not any(re.search(r"\{[a-z_]+\}", unescape(page.text)) for page in pages[:1])


async def test_wording_over_one_segment_needs_confirmation(app: TestApp) -> None:
    await a_city(app)
    long = (
        BODY
        + " Xin bác mang theo kính đọc sách, điện thoại đã sạc pin và giấy bút để ghi lại điều đã học ở lớp."
    )
    form = {"body": long, "phuong": WARD}
    async with app.client_as(ADMIN) as client:
        asked = await client.post(HERE + "/soan", data=form)
        kept = await client.post(HERE + "/soan", data={**form, "dong_y": "2"})
        used = await client.post(HERE + "/dung", data={"registered_id": ""})
        page = read((await client.get(HERE)).text)

    assert asked.status_code == 422
    assert "Vẫn lưu: mỗi tin thành 2 đoạn" in asked.text
    assert (kept.status_code, used.status_code) == (303, 303)
    assert "Đang dùng: bản 3" in page
    assert "Trần Quốc Toàn" in page


async def test_draft_can_be_discarded(app: TestApp) -> None:
    await a_city(app)
    async with app.client_as(ADMIN) as client:
        await client.post(HERE + "/soan", data={"body": BODY, "phuong": WARD})
        listed = read((await client.get("/mau-tin")).text)
        await client.post(HERE + "/bo")
        after = read((await client.get("/mau-tin")).text)
        unused = await client.post(HERE + "/dung", data={"registered_id": ""})
        unknown = await client.get("/mau-tin/khong-co")

    assert "có bản nháp" in listed
    assert "có bản nháp" not in after
    assert (unused.status_code, unknown.status_code) == (404, 404)


async def test_list_shows_each_wording_as_an_example_without_placeholders(app: TestApp) -> None:
    await a_city(app)
    async with app.client_as(ADMIN) as client:
        listed = read((await client.get("/mau-tin")).text).partition("Gửi người học")[2]

    assert "{" not in listed
    assert "bà Công Tằng Tôn Nữ Thị Nguyệt" in listed
    assert "chị Nguyễn Khoa Diệu Phương" in listed
    assert "Nhà văn hóa tổ dân phố 7" in listed


async def test_former_version_can_start_a_draft(app: TestApp) -> None:
    await a_city(app)
    async with app.sessions() as db:
        first = (await db.scalars(select(MessageTemplate).filter_by(code="reminder_day_before"))).one()
    async with app.client_as(ADMIN) as client:
        before = (await client.get(HERE)).text
        await client.post(HERE + "/soan", data={"body": BODY, "phuong": WARD})
        await client.post(HERE + "/dung", data={"registered_id": ""})
        page = (await client.get(HERE)).text
        way_back = f"{HERE}/soan?ban={first.id}"
        former = await client.get(way_back)
        usual = await client.get(HERE + "/soan")
        unknown = await client.get(HERE + "/soan?ban=x")
        await client.post(HERE + "/soan", data={"body": BODY + " Xin đến sớm.", "phuong": WARD})
        drafted = await client.get(way_back)

    box = unescape(former.text).partition("<textarea")[2].partition("</textarea")[0]
    assert "Soạn lại từ bản này" not in before
    assert f'href="{way_back}"' in page
    assert shown(first.body_accented) in box
    assert TYPED in unescape(usual.text)
    assert TYPED in unescape(unknown.text)
    assert "Đang có bản nháp" not in former.text
    assert "Đang có bản nháp 4." in drafted.text


async def test_every_wording_can_be_previewed_in_an_empty_ward(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_city(db)
        await add_ward(db, ward_id="20179", name="Nam Đông")  # two wards: the page's frame lets one choose
        await add_user(db, (Role.CITY_ADMIN, None), name="Trần Quốc Toàn", email=ADMIN)
        codes = (await db.scalars(select(MessageTemplate.code))).all()
    async with app.client_as(ADMIN) as client:
        pages = {code: await client.get(f"/mau-tin/{code}/soan") for code in codes}

    assert len(codes) == 32
    assert {code: page.status_code for code, page in pages.items()} == dict.fromkeys(codes, 200)
    assert all("1 đoạn" in page.text and "ví dụ" in page.text for page in pages.values())


async def test_control_characters_are_dropped_from_a_wording(app: TestApp) -> None:
    await a_city(app)
    body = TYPED.replace("tại", "t\x00ại\x07\u200b\u2028")
    async with app.client_as(ADMIN) as client:
        kept = await client.post(HERE + "/soan", data={"body": body, "phuong": WARD})
        looked = await client.post(HERE + "/xem-thu", data={"body": body, "phuong": "\x00"})

    assert (kept.status_code, looked.status_code) == (303, 200)
    async with app.sessions() as db:
        assert (await versions(db, "reminder_day_before"))[1][1] == BODY


async def test_wordings_need_the_city_administrator(app: TestApp) -> None:
    await a_city(app)
    async with app.client_as("ha@example.org") as client:
        paths = ("/mau-tin", HERE, HERE + "/soan")
        answers = [(await client.get(path)).status_code for path in paths]
        answers.append((await client.post(HERE + "/soan", data={"body": BODY})).status_code)

    assert answers == [403] * 4
