"""Days off: the city's, and those a ward keeps for itself."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import Forbidden, InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.lunar import lunar_words
from lopso.kernel.parsing import read_date
from lopso.web.forms import Form
from lopso.web.guards import in_city, in_ward
from lopso.web.pages import page, redirect
from scheduling.forms.holidays import YEARS, HolidayForm, HolidayOwner, HolidayYear
from scheduling.labels.calendar_views import calendar_tabs
from scheduling.queries.holidays import holidays_of_year
from scheduling.service import holidays as service

HERE = "/lich/{ward_id:str}/ngay-nghi"


@get(HERE, opt=in_ward(Permission.SEE_CALENDAR))
async def holidays(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, params: HolidayYear
) -> Response[Any]:
    """Days off of a year; two statements with the log-in."""
    return await _list(db, actor, now, ward_id, params.year, Form.blank(HolidayForm))


@post(HERE, opt=in_ward(Permission.PLAN))
async def add_holiday(
    form: Form[HolidayForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Add a day, for this ward or for the whole city."""
    if form.typed["scope"] == "city":
        _city_only(actor)
    try:
        typed = form.value()
        await service.add_holiday(
            db,
            day=typed.day,
            name=typed.name,
            ward_id=None if typed.scope == "city" else ward_id,
            tentative=typed.tentative,
            by=actor,
            now=now,
        )
    except InvalidInput as error:
        day = read_date(form.typed["day"], today=local_day(now))
        return await _list(db, actor, now, ward_id, day.year if day else None, form.refused(error))
    return redirect(
        f"/lich/{ward_id}/ngay-nghi?nam={typed.day.year}",
        flash=_("Đã thêm ngày nghỉ %(day)s.", day=formatting.weekday_and_date(typed.day)),
    )


@post(HERE + "/{holiday_id:int}/bo", opt=in_ward(Permission.PLAN))
async def remove_holiday(
    form: Form[HolidayOwner], db: AsyncSession, actor: Actor, now: datetime, ward_id: str, holiday_id: int
) -> Response[Any]:
    """Remove a day: the ward's own, or for the city's administrator one of the city."""
    citywide = form.sensible().scope == "city"
    if citywide:
        _city_only(actor)
    removed = await service.remove_holiday(
        db, holiday_id, ward_id=None if citywide else ward_id, by=actor, now=now
    )
    return redirect(
        f"/lich/{ward_id}/ngay-nghi?nam={removed.day.year}",
        flash=_("Đã bỏ ngày nghỉ %(day)s.", day=formatting.weekday_and_date(removed.day)),
    )


@post(HERE + "/nap", opt=in_city(Permission.MANAGE_CITY))
async def load_holidays(
    form: Form[HolidayYear], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Add the country's days off of a year that are missing."""
    year = _year(form.sensible().year, now)
    number = await service.load_holidays(db, [year], by=actor, now=now)
    return redirect(
        f"/lich/{ward_id}/ngay-nghi?nam={year}",
        flash=ngettext("Đã nạp %(n)s ngày lễ của cả nước.", "Đã nạp %(n)s ngày lễ của cả nước.", number),
    )


def _city_only(actor: Actor) -> None:
    if not actor.everywhere(Permission.MANAGE_CITY):
        raise Forbidden


def _year(year: int | None, now: datetime) -> int:
    return min(max(year or local_day(now).year, YEARS[0]), YEARS[-1])


async def _list(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, year: int | None, form: Form[HolidayForm]
) -> Response[Any]:
    year = _year(year, now)
    return page(
        "scheduling/holidays.html",
        ward_id=ward_id,
        form=form,
        closing_ward=ward_id,
        calendar_tabs=calendar_tabs(ward_id, "holidays", actor=actor),
        here=f"/lich/{ward_id}/ngay-nghi",
        year=year,
        today=local_day(now),
        found=await holidays_of_year(db, ward_id, year),
        lunar=lunar_words,
        may_plan=actor.may(Permission.PLAN, ward_id),
        may_city=actor.everywhere(Permission.MANAGE_CITY),
    )


HANDLERS = [holidays, add_holiday, remove_holiday, load_holidays]
