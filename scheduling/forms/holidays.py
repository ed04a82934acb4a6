"""Forms about days off."""

from datetime import date
from typing import Annotated

from msgspec import Struct, field

from lopso.kernel.i18n import N_
from lopso.web.forms import Choice, Day, Text, Tick, WholeNumber

YEARS = range(2025, 2101)

OwnerOfDay = Annotated[str, Choice(("ward", "city"))]


class HolidayForm(Struct, frozen=True, kw_only=True):
    """One more day off, of the ward or of the whole city."""

    day: Annotated[date, Day(years=YEARS, wrong=N_("Xin ghi ngày, ví dụ 24/11/2026."))]
    name: Annotated[str, Text(120, required=N_("Xin ghi tên ngày nghỉ, ví dụ “Lễ hội điện Hòn Chén”."))]
    tentative: Tick = False
    scope: OwnerOfDay = "ward"


class HolidayOwner(Struct, frozen=True, kw_only=True):
    """Whose day off is removed."""

    scope: OwnerOfDay = "ward"


class HolidayYear(Struct, frozen=True, kw_only=True):
    """A year; None is the present one."""

    year: Annotated[int | None, WholeNumber(1, 9999)] = field(default=None, name="nam")
