"""Where people begin, and in which ward."""

from lopso.kernel.access import Role
from tests.conftest import TestApp
from tests.factories import add_user, add_ward


async def test_who_works_in_the_whole_city_chooses_a_ward_first(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_ward(db, ward_id="20056", name="A Lưới 1")
        await add_user(db, (Role.CITY_ADMIN, None))
    async with app.client_as("ha@example.org") as client:
        home = await client.get("/")
        wards = await client.get("/phuong-xa")
        week = await client.get("/lich/19753")

    assert home.headers["location"] == "/phuong-xa"
    assert "Chọn phường, xã" in wards.text
    assert 'href="/lich/20056"' in wards.text
    assert "/lich/19753" not in wards.text.partition('class="side-nav"')[2].partition("</nav>")[0]
    assert "Chọn phường, xã" not in week.text


async def test_who_works_in_one_ward_begins_there(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_ward(db, ward_id="20056", name="A Lưới 1")
        await add_user(db, (Role.COORDINATOR, "19753"))
    async with app.client_as("ha@example.org") as client:
        assert (await client.get("/")).headers["location"] == "/lich/19753"
