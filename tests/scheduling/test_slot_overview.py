"""What the form of a session shows beside its fields: the room then, other rooms, what is unusual."""

from datetime import date, time

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from scheduling.models import ClassSession, Holiday
from scheduling.service.sessions import cancel_session, plan_session
from tests.conftest import TestApp
from tests.factories import NOON, add_room
from tests.planning import OTHER_WARD, WARD, slot
from tests.scheduling.plan_pages import MONDAY, published, seeded, words
from tests.statements import statements_of
from venues.models import Room

NEW = f"/lich/{WARD}/buoi-moi"
PART = f"{NEW}/phong-va-nguoi"


def part(text: str) -> str:
    """The part on one line."""
    return words(f"<main{text}</main>")


async def test_part_names_what_is_in_the_room_that_day_and_what_clashes(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        for title, start in (("An toàn số", time(9)), ("Thanh toán QR", time(14))):
            await plan_session(db, WARD, here.details(title=title), slot(MONDAY, start), by=here.by, now=NOON)
        gone = await plan_session(
            db, WARD, here.details(title="Đã hủy"), slot(MONDAY, time(7)), by=here.by, now=NOON
        )
        await cancel_session(db, gone.id, reason="Mưa lớn", by=here.by, now=NOON)
        await plan_session(
            db, WARD, here.details(title="Hôm khác"), slot(date(2026, 12, 8)), by=here.by, now=NOON
        )
    typed = {"kind": "ward_class", "day": "7/12/2026", "since": "8h30", "room": str(here.hall.id)}
    async with app.client_as("ha@example.org") as client:
        clash = part((await client.get(PART, params=typed)).text)
        free = part((await client.get(PART, params=typed | {"since": "10h30"})).text)
        no_time = part((await client.get(PART, params=typed | {"since": ""})).text)
        elsewhere = part((await client.get(PART, params=typed | {"room": str(here.small.id)})).text)

    assert "Thứ Hai 07/12/2026, 08h30 – 10h00" in clash  # without a course: the usual ninety minutes
    assert "Nhà văn hóa Hội trường: bận lúc đó" in clash
    assert "“An toàn số”, 09h00 – 10h30 trùng giờ" in clash
    assert "“Thanh toán QR”, 14h00 – 15h30" in clash
    assert "15h30 trùng giờ" not in clash
    assert "Đã hủy" not in clash
    assert "Hôm khác" not in clash
    assert "Phòng khác còn trống lúc đó: Nhà văn hóa Phòng đọc." in clash
    assert clash.endswith("phòng bận, thiếu người")
    assert "Nhà văn hóa Hội trường: trống lúc đó" in free  # half-open: the other ends at this minute
    assert "trùng giờ" not in free
    assert free.endswith("phòng trống, thiếu người")
    assert "Xin ghi giờ bắt đầu" in no_time
    assert "“An toàn số”, 09h00 – 10h30" in no_time
    assert "lúc đó" not in no_time
    assert "Cả ngày chưa có buổi nào trong phòng này." in elsewhere


async def test_part_says_what_is_missing_or_unusual(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        db.add(Holiday(day=date(2026, 12, 8), ward_id=None, name="Ngày lễ thử", tentative=True))
    room = str(here.hall.id)

    async with app.client_as("ha@example.org") as client:

        async def said(**typed: str) -> str:
            return part((await client.get(PART, params={"kind": "ward_class", **typed})).text)

        assert "chỗ này cho biết hôm đó phòng có trống không" in await said()
        assert "không có" in await said(day="31/02/2027", since="8h")
        assert "Xin ghi ngày, ví dụ 26/11/2026." in await said(day="xyz")
        assert "Xin ghi giờ bắt đầu, ví dụ 8h30." in await said(day="7/12/2026", since="xyz")
        assert "Giờ kết thúc phải sau giờ bắt đầu." in await said(day="7/12/2026", since="8h", until="7h")
        assert "Ngày giờ này đã qua." in await said(day="2/11/2026", since="8h", room=room)
        assert "ngày nghỉ: Ngày lễ thử (dự kiến)." in await said(day="8/12/2026", since="8h", room=room)
        assert "Hôm đó là Chủ nhật." in await said(day="6/12/2026", since="8h", room=room)
        none_chosen = await said(day="7/12/2026", since="8h")
        assert "Chưa chọn phòng." in none_chosen
        assert "Phòng còn trống lúc đó: Nhà văn hóa Hội trường; Nhà văn hóa Phòng đọc" in none_chosen
        in_words = await said(day="7/12/2026", since="8h", place="Sân đình")
        assert "Nơi ghi bằng lời không được kiểm tra trùng lịch." in in_words
        visit = await said(day="7/12/2026", since="8h", kind="home_visit", room=room)
        assert visit.startswith("Thứ Hai 07/12/2026, 08h00 – 09h30 Người hỗ trợ, cần 2")


async def test_no_free_room_is_said_and_rooms_of_other_wards_stay_out(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        other = await add_room(db, ward_id=OTHER_WARD, name="Phòng xa")
        for room in (here.hall, here.small):
            await plan_session(db, WARD, here.details(room=room), slot(MONDAY), by=here.by, now=NOON)
    typed = {"kind": "ward_class", "day": "7/12/2026", "since": "8h30"}
    async with app.client_as("ha@example.org") as client:
        full = part((await client.get(PART, params=typed)).text)
        foreign = part((await client.get(PART, params=typed | {"room": str(other.id)})).text)
    assert "Không còn phòng nào trống lúc đó." in full
    assert foreign == full


async def test_form_without_scripts_shows_the_part_and_keeps_what_was_typed(app: TestApp) -> None:
    here = await seeded(app)
    typed = {
        "kind": "ward_class",
        "title": "Lớp tối",
        "day": "7/12/2026",
        "since": "8 rưỡi",
        "note": "Mang bàn",
    }
    typed |= {"room": str(here.hall.id), "xem": "1"}
    async with app.client_as("ha@example.org") as client:
        page = await client.post(NEW, data=typed)
    assert page.status_code == 200
    assert "trống lúc đó" in words(page.text)
    assert "Xin chọn nội dung" not in page.text  # nothing is checked yet
    for value in ("Lớp tối", "07/12/2026", "08h30", "Mang bàn"):
        assert value in page.text
    async with app.sessions() as db:
        assert await db.get(ClassSession, 1) is None


async def test_change_form_leaves_the_session_itself_out(app: TestApp) -> None:
    here = await seeded(app)
    session_id = await published(app, here)
    async with app.sessions.begin() as db:
        await plan_session(
            db, WARD, here.details(title="An toàn số"), slot(MONDAY, time(14)), by=here.by, now=NOON
        )
    edit = f"/buoi/{session_id}/sua"
    async with app.client_as("ha@example.org") as client:
        first = words((await client.get(edit)).text)
        typed = {"day": "7/12/2026", "since": "14h30", "until": "16h", "room": str(here.hall.id)}
        moved = part((await client.get(f"{edit}/phong-va-nguoi", params=typed)).text)
        kept = words((await client.get(edit, params=typed | {"title": "Tên mới", "xem": "1"})).text)
    assert "Nhà văn hóa Hội trường: trống lúc đó" in first
    assert "“An toàn số”, 14h00 – 15h30" in first
    assert "“Dùng VNeID”" not in first
    assert "“An toàn số”, 14h00 – 15h30 trùng giờ" in moved
    assert "“An toàn số”, 14h00 – 15h30 trùng giờ" in kept


async def test_statements_of_the_part_do_not_grow(app: TestApp, engine: AsyncEngine) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        for hour in range(7, 20, 2):
            await plan_session(db, WARD, here.details(), slot(MONDAY, time(hour)), by=here.by, now=NOON)
    typed = {"kind": "ward_class", "since": "8h30", "room": str(here.hall.id)}
    counts: list[int] = []

    async with app.client_as("ha@example.org") as client:
        await client.get(PART, params=typed | {"day": "7/12/2026"})
        for day in ("7/12/2026", "14/12/2026"):
            with statements_of(engine) as statements:
                await client.get(PART, params=typed | {"day": day})
            counts.append(len(statements))
    assert max(counts) <= 16, counts


async def test_closed_room_is_offered_nowhere(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        await db.execute(update(Room).where(Room.id == here.small.id).values(closed_at=NOON))
    typed = {"kind": "ward_class", "day": "7/12/2026", "since": "8h30", "room": str(here.small.id)}
    async with app.client_as("ha@example.org") as client:
        said = part((await client.get(PART, params=typed)).text)
    assert "Phòng đọc" not in said
    assert "Phòng còn trống lúc đó: Nhà văn hóa Hội trường." in said
