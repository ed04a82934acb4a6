"""Days off: the city's, and those a ward keeps for itself."""

from datetime import date, datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import Forbidden, InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.guards import in_city, in_ward
from lopso.web.pages import page, redirect
from scheduling.forms.typed import Mistakes, Typed, read_date, typed
from scheduling.queries.holidays import holidays_of_year
from scheduling.service import holidays as service

HERE = "/lich/{ward_id:str}/ngay-nghi"
FIRST_YEAR, LAST_YEAR = 2025, 2100


@get(HERE, opt=in_ward(Permission.SEE_CALENDAR))
async def holidays(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, nam: int = 0
) -> Response[Any]:
    """Days off of a year; two statements with the log-in."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    return await _list(db, actor, now, ward_id, nam)


@post(HERE, opt=in_ward(Permission.PLAN))
async def add_holiday(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Add a day, for this ward or for the whole city."""
    in_ward(actor, Permission.PLAN, ward_id)
    form = typed(await request.form())
    citywide = form.text("scope") == "city"
    if citywide:
        _city_only(actor)
    try:
        day = _day(form)
        await service.add_holiday(
            db,
            day=day,
            name=form.text("name"),
            ward_id=None if citywide else ward_id,
            tentative=form.text("tentative") == "1",
            by=actor,
            now=now,
        )
    except InvalidInput as error:
        return await _list(db, actor, now, ward_id, 0, form=form, errors=error.fields)
    return redirect(
        f"/lich/{ward_id}/ngay-nghi?nam={day.year}",
        flash=_("Đã thêm ngày nghỉ %(day)s.", day=formatting.weekday_and_date(day)),
    )


@post(HERE + "/{holiday_id:int}/bo", opt=in_ward(Permission.PLAN))
async def remove_holiday(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    holiday_id: int,
) -> Response[Any]:
    """Take a day out: the ward's own, or for the city's administrator one of the city."""
    in_ward(actor, Permission.PLAN, ward_id)
    citywide = typed(await request.form()).text("scope") == "city"
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
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Add the country's days off of a year that are missing."""
    in_ward(actor, Permission.PLAN, ward_id)
    _city_only(actor)
    year = _year(typed(await request.form()).text("nam"), now)
    number = await service.load_holidays(db, [year], by=actor, now=now)
    return redirect(
        f"/lich/{ward_id}/ngay-nghi?nam={year}",
        flash=ngettext("Đã nạp %(n)s ngày lễ của cả nước.", "Đã nạp %(n)s ngày lễ của cả nước.", number),
    )


def _city_only(actor: Actor) -> None:
    if not actor.everywhere(Permission.MANAGE_CITY):
        raise Forbidden


def _year(text: str, now: datetime) -> int:
    year = int(text) if text.isdecimal() and len(text) == 4 else local_day(now).year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _day(form: Typed) -> date:
    mistakes = Mistakes()
    day = read_date(form.text("day"))
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        mistakes.at("day", _("Xin ghi ngày, ví dụ 24/11/2026."))
    if not form.text("name"):
        mistakes.at("name", _("Xin ghi tên ngày nghỉ, ví dụ “Lễ hội điện Hòn Chén”."))
    mistakes.stop()
    return day or date.min


async def _list(
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward_id: str,
    year: int,
    *,
    form: Typed | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    form = form or Typed()
    day = read_date(form.text("day"))
    year = _year(str(year or (day.year if day else "")), now)
    return page(
        "scheduling/holidays.html",
        status=422 if errors else 200,
        ward_id=ward_id,
        calendar_of=ward_id,
        here=f"/lich/{ward_id}/ngay-nghi",
        year=year,
        today=local_day(now),
        found=await holidays_of_year(db, ward_id, year),
        in_words=formatting.weekday_and_date,
        form_values=form,
        errors=errors or {},
        may_plan=actor.may(Permission.PLAN, ward_id),
        may_city=actor.everywhere(Permission.MANAGE_CITY),
    )


HANDLERS = [holidays, add_holiday, remove_holiday, load_holidays]
