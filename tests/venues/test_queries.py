"""What the pages of places read: the right rows, in the order of people, in few statements."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application import reference
from tests.factories import NOON, TEST, add_room, add_ward
from venues import queries, service
from venues.errors import NoSuchWard


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("thuan hoa", ["Phường Thuận Hóa", "Phường Phú Xuân"]),
        ("Thuận Hoà", ["Phường Thuận Hóa", "Phường Phú Xuân"]),
        ("Tây Lộc", ["Phường Phú Xuân"]),
        ("19753", ["Phường Phú Xuân"]),
        ("THUỶ XUÂN", ["Phường Thủy Xuân"]),
        ("huyện A Lưới", ["Xã A Lưới 1", "Xã A Lưới 2", "Xã A Lưới 3", "Xã A Lưới 4", "Xã A Lưới 5"]),
        ("Sài Gòn", []),
        ("%", []),
    ],
)
async def test_wards_are_found_by_present_and_former_names(
    db: AsyncSession, spoken: str, expected: list[str]
) -> None:
    await reference.load(db, now=NOON)
    assert [found.ward.full_name for found in await queries.wards_matching(db, spoken)] == expected


async def test_match_by_former_name_tells_that_name(db: AsyncSession) -> None:
    await reference.load(db, now=NOON)
    found = await queries.wards_matching(db, "phuong duc")
    assert [(each.ward.name, each.through) for each in found] == [("Thuận Hóa", ("Phường Phường Đúc",))]


async def test_empty_search_gives_all_wards(db: AsyncSession) -> None:
    await reference.load(db, now=NOON)
    found = await queries.wards_matching(db, " ")
    assert (len(found), found[0].ward.slug) == (40, "a-luoi-1")


async def test_unknown_ward_is_named_in_the_error(db: AsyncSession) -> None:
    with pytest.raises(NoSuchWard, match="99999"):
        await queries.ward(db, "99999")


async def test_neighbourhoods_of_a_ward_sort_by_number(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    for name in ("TDP 10", "TDP 2", "TDP 2B", "Thôn Vỹ Dạ", "TDP 1"):
        await service.add_neighbourhood(db, "19753", name, by=TEST, now=NOON)
    await service.add_neighbourhood(db, "19789", "TDP 7", by=TEST, now=NOON)

    found = await queries.neighbourhoods_page(db, "19753", number=1)

    names = ["TDP 1", "TDP 2", "TDP 2B", "TDP 10", "Thôn Vỹ Dạ"]
    assert [row.name for row in found.items] == names
    assert [name for _id, name in await queries.neighbourhood_choices(db, "19753")] == names


async def test_venues_list_open_rooms_first_and_only_their_ward(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    hall = await add_room(db, name="Hội trường")
    await add_room(db, ward_id="19789", name="Phòng khác")
    small = await service.add_room(
        db, "19753", hall.venue_id, service.RoomFacts("Buồng nhỏ", 8), by=TEST, now=NOON
    )
    await service.close_room(db, "19753", small.id, by=TEST, now=NOON)

    found = await queries.venues_page(db, "19753", number=1)

    assert [[room.name for room in place.rooms] for place in found.items] == [["Hội trường", "Buồng nhỏ"]]
    assert [room.name for room in found.items[0].open_rooms] == ["Hội trường"]


async def test_closed_venue_is_in_the_closed_list_only(db: AsyncSession) -> None:
    await add_ward(db)
    room = await add_room(db)
    await service.close_venue(db, "19753", room.venue_id, by=TEST, now=NOON)
    assert (await queries.venues_page(db, "19753", number=1)).total == 0
    closed = await queries.venues_page(db, "19753", number=1, closed=True)
    assert [place.venue.id for place in closed.items] == [room.venue_id]
