"""Places are added, corrected, closed and opened again; names stay single, wards stay apart, all is noted."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import InvalidInput, NotFound, Refused
from tests.factories import NOON, TEST, add_ward
from venues import queries, service
from venues.errors import NameTaken
from venues.models import Market, Room, Venue
from venues.service import RoomFacts


async def add_house(db: AsyncSession, name: str = "Nhà văn hóa TDP 5", ward_id: str = "19753") -> Venue:
    return await service.add_venue(db, ward_id, name=name, address="12 Đinh Tiên Hoàng", by=TEST, now=NOON)


async def actions(db: AsyncSession) -> list[str]:
    return list((await db.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all())


async def test_venue_name_is_unique_among_open_venues_ignoring_accents(db: AsyncSession) -> None:
    await add_ward(db)
    first = await add_house(db)
    with pytest.raises(NameTaken):
        await add_house(db, "NHA VAN HOA  TDP 5")
    await service.close_venue(db, "19753", first.id, by=TEST, now=NOON)
    second = await add_house(db, "Nhà Văn Hóa TDP 5")
    with pytest.raises(NameTaken):
        await service.reopen_venue(db, "19753", first.id, by=TEST, now=NOON)
    for venue in (first, second):
        await db.refresh(venue)
    assert (first.closed_at, second.closed_at) == (NOON, None)


async def test_venue_without_name_or_address_is_refused(db: AsyncSession) -> None:
    await add_ward(db)
    for name, address, field in (("  ", "12 Lê Lợi", "name"), ("Trường", "  ", "address")):
        with pytest.raises(InvalidInput) as refusal:
            await service.add_venue(db, "19753", name=name, address=address, by=TEST, now=NOON)
        assert list(refusal.value.fields) == [field]


async def test_name_unsuitable_for_texts_is_refused(db: AsyncSession) -> None:
    await add_ward(db)
    house = await add_house(db, "Nhà bà Quà, mặt tiền chợ")
    market = await service.add_market(db, "19753", name="Chợ Dinh", by=TEST, now=NOON)
    bad = "Nhận quà tại bit.ly/abc"
    attempts = (
        add_house(db, bad),
        service.add_room(db, "19753", house.id, RoomFacts(bad, 60), by=TEST, now=NOON),
        service.add_market(db, "19753", name=bad, by=TEST, now=NOON),
        service.edit_market(db, "19753", market.id, name=bad, by=TEST, now=NOON),
        service.add_aisle(db, "19753", market.id, bad, by=TEST, now=NOON),
    )
    for attempt in attempts:
        with pytest.raises(InvalidInput) as refusal:
            await attempt
        assert refusal.value.fields == {
            "name": "Tên này sẽ đứng trong tin nhắn. Tin gửi người học không được có đường dẫn."
        }


async def test_neighbourhood_of_another_ward_is_refused(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    elsewhere = await service.add_neighbourhood(db, "19789", "TDP 1", by=TEST, now=NOON)
    with pytest.raises(NotFound):
        await service.add_venue(
            db, "19753", name="Trường", address="1 Lê Lợi", neighbourhood_id=elsewhere.id, by=TEST, now=NOON
        )


async def test_reopened_venue_reopens_the_rooms_closed_with_it(db: AsyncSession) -> None:
    await add_ward(db)
    venue = await add_house(db)
    hall = await service.add_room(db, "19753", venue.id, RoomFacts("Hội trường", 60), by=TEST, now=NOON)
    attic = await service.add_room(db, "19753", venue.id, RoomFacts("Gác", 8), by=TEST, now=NOON)
    await service.close_room(db, "19753", attic.id, by=TEST, now=NOON)
    later = NOON.replace(hour=9)
    await service.close_venue(db, "19753", venue.id, by=TEST, now=later)
    with pytest.raises(Refused, match="đang đóng"):
        await service.reopen_room(db, "19753", hall.id, by=TEST, now=later)

    await service.reopen_venue(db, "19753", venue.id, by=TEST, now=later)

    open_rooms = select(Room.name).where(Room.closed_at.is_(None))
    assert list(await db.scalars(open_rooms)) == ["Hội trường"]
    await service.reopen_room(db, "19753", attic.id, by=TEST, now=later)
    assert sorted(await db.scalars(open_rooms)) == ["Gác", "Hội trường"]


@pytest.mark.parametrize("seats", [0, 2001])
async def test_impossible_number_of_seats_is_refused(db: AsyncSession, seats: int) -> None:
    await add_ward(db)
    venue = await add_house(db)
    with pytest.raises(InvalidInput, match="mục cần xem lại") as refusal:
        await service.add_room(db, "19753", venue.id, RoomFacts("Phòng", seats), by=TEST, now=NOON)
    assert list(refusal.value.fields) == ["seats"]


async def test_row_of_another_ward_is_not_found(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    venue = await add_house(db)
    with pytest.raises(NotFound):
        await service.close_venue(db, "19789", venue.id, by=TEST, now=NOON)
    with pytest.raises(NotFound):
        await service.add_room(db, "19789", venue.id, RoomFacts("Phòng", 20), by=TEST, now=NOON)


async def test_market_without_ward_is_claimed_once(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    db.add(Market(name="Chợ An Cựu", name_key="cho an cuu"))
    await db.flush()
    market = (await queries.markets_without_ward(db))[0]

    await service.claim_market(db, "19789", market.id, by=TEST, now=NOON)

    with pytest.raises(NotFound):
        await service.claim_market(db, "19753", market.id, by=TEST, now=NOON)
    assert [(each.market.name, each.market.verified) for each in await queries.markets_of(db, "19789")] == [
        ("Chợ An Cựu", True)
    ]
    assert await queries.markets_of(db, "19753") == []


async def test_aisles_keep_their_order_without_duplicates(db: AsyncSession) -> None:
    await add_ward(db)
    market = await service.add_market(db, "19753", name="Chợ Tây Lộc", by=TEST, now=NOON)
    for name in ("Cổng chính", "Đường số 9", "cong chinh", "Lô bạ"):
        aisle = await service.add_aisle(db, "19753", market.id, name, by=TEST, now=NOON)
    assert aisle.name == "Lô bạ"
    second = (await queries.market(db, "19753", market.id)).aisles[1]

    assert await service.remove_aisle(db, "19753", market.id, second.id, by=TEST, now=NOON) == "Đường số 9"
    await service.add_aisle(db, "19753", market.id, "Đường số 4", by=TEST, now=NOON)

    aisles = (await queries.market(db, "19753", market.id)).aisles
    assert [aisle.name for aisle in aisles] == ["Cổng chính", "Lô bạ", "Đường số 4"]
    with pytest.raises(NotFound):
        await service.remove_aisle(db, "19753", market.id, second.id, by=TEST, now=NOON)


async def test_neighbourhood_cannot_take_the_name_of_another(db: AsyncSession) -> None:
    await add_ward(db)
    first_id = (await service.add_neighbourhood(db, "19753", "tổ 4", by=TEST, now=NOON)).id
    await service.add_neighbourhood(db, "19753", "Tổ dân phố 5", by=TEST, now=NOON)
    with pytest.raises(NameTaken):
        await service.rename_neighbourhood(db, "19753", first_id, "tdp 05", by=TEST, now=NOON)
    renamed = await service.rename_neighbourhood(db, "19753", first_id, "TDP 4a", by=TEST, now=NOON)
    assert (renamed.name, renamed.name_key) == ("TDP 4A", "tdp 4a")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("0234 3823 456", "+842343823456"), ("3823456", "+842343823456"), ("0912.345.678", "+84912345678")],
)
async def test_contact_number_that_can_be_called_is_stored(db: AsyncSession, typed: str, kept: str) -> None:
    await add_ward(db)
    assert await service.set_contact(db, "19753", typed, by=TEST, now=NOON) == kept
    assert (await queries.ward(db, "19753")).phone == kept


@pytest.mark.parametrize("typed", ["", "12", "không có", "01234567890"])
async def test_contact_number_that_cannot_be_called_is_refused(db: AsyncSession, typed: str) -> None:
    await add_ward(db)
    with pytest.raises(InvalidInput) as refusal:
        await service.set_contact(db, "19753", typed, by=TEST, now=NOON)
    assert list(refusal.value.fields) == ["phone"]
    assert (await queries.ward(db, "19753")).phone == "+842343823456"


async def test_every_change_is_in_the_audit_trail(db: AsyncSession) -> None:
    await add_ward(db)
    venue = await add_house(db)
    room = await service.add_room(db, "19753", venue.id, RoomFacts("Gác", 8), by=TEST, now=NOON)
    await service.edit_room(db, "19753", room.id, RoomFacts("Gác", 9, has_wifi=True), by=TEST, now=NOON)
    await service.close_venue(db, "19753", venue.id, by=TEST, now=NOON)
    market = await service.add_market(db, "19753", name="Chợ Tây Lộc", by=TEST, now=NOON)
    await service.edit_market(db, "19753", market.id, name="Chợ Tây Lộc mới", by=TEST, now=NOON)
    await service.close_market(db, "19753", market.id, by=TEST, now=NOON)
    await service.reopen_market(db, "19753", market.id, by=TEST, now=NOON)
    await service.set_contact(db, "19753", "02343823456", by=TEST, now=NOON)
    assert await actions(db) == [
        "venue.added",
        "room.added",
        "room.edited",
        "venue.closed",
        "market.added",
        "market.edited",
        "market.closed",
        "market.reopened",
        "ward.contact_set",
    ]
