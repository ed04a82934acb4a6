"""The calendar as a plan sheet again."""

from datetime import date, datetime
from typing import Annotated

from litestar import get
from litestar.response import Response
from msgspec import Struct, field
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Permission
from lopso.kernel.clock import local_day, monday_of
from lopso.kernel.search import LONGEST
from lopso.web.forms import Choice, Day, Text
from lopso.web.guards import in_ward
from lopso.web.uploads import workbook_answer
from plan_sheets.labels.sheet import plan_workbook
from plan_sheets.queries.export import rows_of_series, rows_of_week
from scheduling.queries.series_list import SERIES_STATES

SEEN = in_ward(Permission.SEE_CALENDAR)


class SeriesSheetQuery(Struct, frozen=True, kw_only=True):
    """Which series, as on their list."""

    state: Annotated[str, Choice(SERIES_STATES)] = field(default="", name="tinh_trang")
    typed: Annotated[str, Text(LONGEST)] = field(default="", name="q")


class WeekSheetQuery(Struct, frozen=True, kw_only=True):
    """A day of the week; without one this week."""

    day: Annotated[date | None, Day()] = field(default=None, name="tuan")


@get("/lich/{ward_id:str}/chuoi/ke-hoach.xlsx", opt=SEEN)
async def series_sheet(
    db: AsyncSession, now: datetime, ward_id: str, params: SeriesSheetQuery
) -> Response[bytes]:
    """The series of a list as a plan sheet."""
    rows = await rows_of_series(db, ward_id, state=params.state, typed=params.typed, now=now)
    return workbook_answer(plan_workbook(rows), "ke-hoach-lop.xlsx")


@get("/lich/{ward_id:str}/tuan/ke-hoach.xlsx", opt=SEEN)
async def week_sheet(
    db: AsyncSession, now: datetime, ward_id: str, params: WeekSheetQuery
) -> Response[bytes]:
    """The meetings of a week as a plan sheet."""
    monday = monday_of(params.day or local_day(now))
    return workbook_answer(plan_workbook(await rows_of_week(db, ward_id, monday)), "ke-hoach-tuan.xlsx")


HANDLERS = [series_sheet, week_sheet]
