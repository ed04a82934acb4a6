"""Days off: those of the country are loaded, city and wards keep their own."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import InvalidInput, NotFound
from scheduling.models import Holiday
from scheduling.queries.holidays import days_off
from scheduling.rules.recurrence import DayOff
from scheduling.service.holidays import add_holiday, load_holidays, remove_holiday
from tests.factories import NOON, TEST, add_ward


async def year(db: AsyncSession, number: int) -> dict[date, DayOff]:
    return await days_off(db, ward_id=None, since=date(number, 1, 1), until=date(number, 12, 31))


async def test_computed_holidays_are_tentative(db: AsyncSession) -> None:
    loaded = await load_holidays(db, [2026, 2027], by=TEST, now=NOON)

    this, coming = await year(db, 2026), await year(db, 2027)
    assert loaded == len(this) + len(coming)
    assert this[date(2026, 2, 17)] == DayOff("Tết Nguyên Đán", tentative=False)
    assert this[date(2026, 11, 24)] == DayOff("Ngày Văn hóa Việt Nam", tentative=False)
    assert coming[date(2027, 2, 6)] == DayOff("Tết Nguyên Đán", tentative=True)
    assert coming[date(2027, 9, 2)] == DayOff("Quốc khánh", tentative=False)
    assert not any(off.tentative for off in this.values())


async def test_loading_holidays_twice_keeps_manual_entries(db: AsyncSession) -> None:
    await add_holiday(
        db, day=date(2027, 2, 6), name="Tết Đinh Mùi", ward_id=None, tentative=False, by=TEST, now=NOON
    )
    await load_holidays(db, [2027], by=TEST, now=NOON)

    assert await load_holidays(db, [2027], by=TEST, now=NOON) == 0
    assert (await year(db, 2027))[date(2027, 2, 6)].name == "Tết Đinh Mùi"


async def test_tentative_holiday_is_renewed_when_decided(db: AsyncSession) -> None:
    await add_holiday(db, day=date(2026, 2, 17), name="Tết", ward_id=None, tentative=True, by=TEST, now=NOON)

    await load_holidays(db, [2026], by=TEST, now=NOON)

    assert (await year(db, 2026))[date(2026, 2, 17)] == DayOff("Tết Nguyên Đán", tentative=False)


async def test_ward_holidays_stand_beside_city_holidays(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="19774", name="Kim Long")
    day = date(2026, 12, 20)

    own = await add_holiday(
        db, day=day, name=" Lễ hội  làng ", ward_id="19753", tentative=False, by=TEST, now=NOON
    )

    span = {"since": date(2026, 12, 1), "until": date(2026, 12, 31)}
    assert await days_off(db, ward_id="19753", **span) == {day: DayOff("Lễ hội làng", tentative=False)}
    assert await days_off(db, ward_id="19774", **span) == {}
    with pytest.raises(InvalidInput):
        await add_holiday(db, day=day, name="Lại", ward_id="19753", tentative=False, by=TEST, now=NOON)
    with pytest.raises(InvalidInput):
        await add_holiday(db, day=day, name=" ", ward_id="19774", tentative=False, by=TEST, now=NOON)
    for foreign in ("19774", None):
        with pytest.raises(NotFound):
            await remove_holiday(db, own.id, ward_id=foreign, by=TEST, now=NOON)

    await remove_holiday(db, own.id, ward_id="19753", by=TEST, now=NOON)

    assert (await db.scalars(select(Holiday))).all() == []
    actions = await db.scalars(select(AuditEntry.action).where(AuditEntry.subject == "holiday"))
    assert actions.all() == ["holiday.added", "holiday.removed"]
