"""What the form of a series shows beside its fields: the dates that follow from what was typed so far."""

from datetime import date

from scheduling.models import Holiday, Series
from scheduling.service.sessions import plan_session
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, slot
from tests.scheduling.plan_pages import FORM, seeded, series_form, words

PART = f"{FORM}/cac-ngay"


def part(text: str) -> str:
    """The part on one line."""
    return words(f"<main{text}</main>")


async def test_dates_with_days_off_and_clashes_follow_from_what_was_typed(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        db.add(Holiday(day=date(2026, 12, 8), ward_id=None, name="Ngày lễ thử", tentative=True))
        await plan_session(
            db, WARD, here.details(title="An toàn số"), slot(date(2026, 12, 9)), by=here.by, now=NOON
        )
    typed = series_form(here, title="", course="")  # what the class is about is not needed for its dates
    async with app.client_as("ha@example.org") as client:
        said = part((await client.get(PART, params=typed)).text)
        kept = part((await client.get(PART, params=typed | {"skip": ""})).text)
    assert "4 buổi lập được, 07/12 – 16/12/2026" in said
    assert "Phòng bận 1 ngày." in said
    assert "Bỏ qua 1 ngày nghỉ." in said
    assert "Thứ Ba 08/12/2026, 14h00 – 15h30 bỏ qua: Ngày lễ thử (dự kiến)" in said
    assert "Thứ Tư 09/12/2026, 08h30 – 10h00 phòng đã có: “An toàn số”, 08h30 – 10h00" in said
    assert said.endswith("4 buổi")
    assert "Thứ Ba 08/12/2026, 14h00 – 15h30 ngày nghỉ: Ngày lễ thử (dự kiến)" in kept


async def test_missing_pieces_are_named_and_nothing_typed_is_explained(app: TestApp) -> None:
    here = await seeded(app)
    async with app.client_as("ha@example.org") as client:

        async def said(**typed: str) -> str:
            return part((await client.get(PART, params=series_form(here, **typed))).text)

        nothing = part((await client.get(PART, params={"kind": "ward_class", "meetings": "8"})).text)
        assert nothing == "Chọn ngày trong tuần và giờ: chỗ này liệt kê từng ngày học."
        assert "Xin ghi giờ bắt đầu, ví dụ 8h30." in await said(from0="")
        assert "không có" in await said(starts_on="31/2/2027")
        assert "một trong hai" in await said(ends_on="31/12/2026")
        no_date = await said(day1="", from1="", meetings="", starts_on="10/12/2026", ends_on="11/12/2026")
        assert "Trong khoảng này không có ngày nào khớp" in no_date
        assert "Ngày kết thúc phải sau" in await said(meetings="", ends_on="1/12/2026")
        assert "5 ngày đã qua." in await said(starts_on="2/11/2026")


async def test_long_series_names_the_first_dates_and_later_exceptions(app: TestApp) -> None:
    here = await seeded(app)
    async with app.sessions.begin() as db:
        late = slot(date(2027, 3, 1))
        await plan_session(db, WARD, here.details(title="An toàn số"), late, by=here.by, now=NOON)
    typed = series_form(here, day1="", from1="", day0="0", meetings="20")
    async with app.client_as("ha@example.org") as client:
        said = part((await client.get(PART, params=typed)).text)
    assert "19 buổi lập được, 07/12 – 19/04/2027" in said
    assert said.count("08h30 – 10h00") == 12 + 2  # the first ones; the one that clashes with what is there
    assert "và 7 ngày nữa" in said
    assert "Sau đó cần để ý: Thứ Hai 01/03/2027" in said


async def test_form_without_scripts_shows_the_dates_and_keeps_what_was_typed(app: TestApp) -> None:
    here = await seeded(app)
    async with app.client_as("ha@example.org") as client:
        page = await client.get(FORM, params=series_form(here, title="Lớp tối", xem="1"))
    said = words(page.text)
    assert "5 buổi lập được, 07/12 – 15/12/2026" in said
    assert 'value="Lớp tối"' in page.text
    assert page.text.count(" data-open-wide open>") == 1
    async with app.sessions() as db:
        assert await db.get(Series, 1) is None
