"""Days off: the country's from the calendar library, the city's and the wards' by hand."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import nfc
from scheduling.models import Holiday

FIXED_DAYS = {(1, 1), (4, 30), (5, 1), (9, 2), (11, 24)}
"""(month, day) of holidays that need no yearly decision."""


def decided_through() -> int:
    """The last year whose days off the government has decided, as far as the library knows."""
    from holidays.countries.vietnam import VietnamStaticHolidays  # loads every country of the world

    return max(VietnamStaticHolidays.special_public_holidays)


async def load_holidays(db: AsyncSession, years: Iterable[int], *, by: Actor, now: datetime) -> int:
    """Add the country's days off for `years`, city-wide; how many rows are new or were renewed.

    A computed day of a year not yet decided (Tết, days in lieu) is tentative. Loading again renews
    tentative days and adds what is missing; nothing that people wrote is touched.
    """
    import holidays  # loads every country of the world

    years = sorted(set(years))
    known = holidays.country_holidays("VN", years=years, language="vi")
    rows = [
        {"day": day, "ward_id": None, "name": nfc(name), "tentative": _is_tentative(day)}
        for day, name in sorted(known.items())
        if day.year in years
    ]
    if not rows:
        return 0
    new = insert(Holiday).values(rows)
    changed = await db.scalars(
        new.on_conflict_do_update(
            constraint="uq_holiday_day_ward_id",
            set_={"name": new.excluded.name, "tentative": new.excluded.tentative},
            where=Holiday.tentative & ~new.excluded.tentative,
        ).returning(Holiday.id)
    )
    number = len(changed.all())
    if number:
        loaded = audit.Subject("holiday", f"{years[0]}-{years[-1]}")
        audit.note(db, loaded, "holidays.loaded", by=by, now=now, years=years, rows=number)
    return number


async def add_holiday(
    db: AsyncSession,
    *,
    day: date,
    name: str,
    ward_id: str | None,
    tentative: bool,
    by: Actor,
    now: datetime,
) -> Holiday:
    """Add a day off for one ward, or with `ward_id` None for the whole city.

    Raises:
        InvalidInput: no name, or that day is in the list already.
    """
    name = " ".join(nfc(name).split())
    if not name:
        raise InvalidInput({"name": _("Xin ghi tên ngày nghỉ, ví dụ “Lễ hội điện Hòn Chén”.")})
    holiday = await db.scalar(
        insert(Holiday)
        .values(day=day, name=name[:120], ward_id=ward_id, tentative=tentative)
        .on_conflict_do_nothing(constraint="uq_holiday_day_ward_id")
        .returning(Holiday)
    )
    if holiday is None:
        raise InvalidInput({"day": _("Ngày này đã có trong danh sách.")})
    _note(db, "holiday.added", holiday, by=by, now=now)
    return holiday


async def remove_holiday(
    db: AsyncSession, holiday_id: int, *, ward_id: str | None, by: Actor, now: datetime
) -> Holiday:
    """Take a day off out of the list of one ward, or with `ward_id` None of the city.

    Raises:
        NotFound: not in that list.
    """
    holiday = await db.scalar(
        select(Holiday)
        .where(Holiday.id == holiday_id, Holiday.ward_id.is_not_distinct_from(ward_id))
        .with_for_update()
    )
    if holiday is None:
        raise NotFound
    await db.delete(holiday)
    _note(db, "holiday.removed", holiday, by=by, now=now)
    return holiday


def _is_tentative(day: date) -> bool:
    return day.year > decided_through() and (day.month, day.day) not in FIXED_DAYS


def _note(db: AsyncSession, action: str, holiday: Holiday, *, by: Actor, now: datetime) -> None:
    audit.note(db, holiday, action, by=by, now=now, day=holiday.day.isoformat(), name=holiday.name)
