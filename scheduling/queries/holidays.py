"""Days off of the city and of a ward."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import extract, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import Holiday
from scheduling.rules.recurrence import DayOff


async def days_off(db: AsyncSession, *, ward_id: str | None, since: date, until: date) -> dict[date, DayOff]:
    """Days off between two days (both included), the ward's own before the city's; one statement.

    Args:
        ward_id: None gives the whole city's days only.
    """
    found = await db.scalars(
        select(Holiday)
        .where(Holiday.day.between(since, until), _of(ward_id))
        .order_by(Holiday.ward_id.nulls_first())
    )
    return {each.day: DayOff(each.name, each.tentative) for each in found}


async def holidays_of_year(db: AsyncSession, ward_id: str, year: int) -> Sequence[Holiday]:
    """The city's and the ward's days off in a year, in order; one statement."""
    found = await db.scalars(
        select(Holiday)
        .where(extract("year", Holiday.day) == year, _of(ward_id))
        .order_by(Holiday.day, Holiday.ward_id.nulls_first())
    )
    return found.all()


def _of(ward_id: str | None):
    return (
        Holiday.ward_id.is_(None)
        if ward_id is None
        else or_(Holiday.ward_id.is_(None), Holiday.ward_id == ward_id)
    )
