"""The form that cancels the sessions of wards on some days."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Annotated

from msgspec import Struct, field

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Choice, Day, Form, FreeText, Many, Text, Tick
from scheduling.models import SESSION_KINDS
from scheduling.rules.closures import MOST_DAYS, ClosurePlan

_YEARS = range(2020, 2091)
_NO_DAY = N_("Xin ghi ngày nghỉ đầu tiên, ví dụ 03/12/2026.")
_NO_LAST_DAY = N_("Xin ghi ngày nghỉ cuối cùng, ví dụ 04/12/2026.")


class ClosureForm(Struct, frozen=True, kw_only=True):
    """Which wards (`every_ward`: all), from which day to which (none: only that one), which kinds, why."""

    wards: Annotated[tuple[str, ...], Many(Text(5), most=100)] = field(default=(), name="phuong")
    every_ward: Tick = field(default=False, name="tat_ca")
    first_day: Annotated[date | None, Day(years=_YEARS, wrong=_NO_DAY)] = field(default=None, name="tu")
    last_day: Annotated[date | None, Day(years=_YEARS, wrong=_NO_LAST_DAY)] = field(default=None, name="den")
    kinds: Annotated[tuple[str, ...], Many(Choice(SESSION_KINDS))] = field(default=(), name="loai")
    reason: Annotated[str, FreeText(200)] = ""


def read_closure(form: Form[ClosureForm], ward_ids: Collection[str], today: date) -> tuple[ClosurePlan, str]:
    """The closure and its reason as typed.

    Args:
        ward_ids: of the wards that the reader may plan; where it is only one, it need not be ticked.

    Raises:
        InvalidInput: something is missing or makes no sense, each said at its field.
    """
    typed, errors = form.sensible(), dict(form.errors)
    wards = [each for each in ward_ids if typed.every_ward or len(ward_ids) == 1 or each in typed.wards]
    first_day = typed.first_day
    last_day = typed.last_day or first_day
    if not wards:
        errors.setdefault("phuong", _("Xin chọn ít nhất một phường, xã."))
    if not typed.kinds:
        errors.setdefault("loai", _("Xin chọn ít nhất một loại buổi."))
    if first_day is None:
        errors.setdefault("tu", _(_NO_DAY))
    elif first_day < today:
        errors.setdefault("tu", _("Ngày này đã qua; hãy chọn hôm nay hoặc một ngày sau."))
    if first_day is not None and last_day is not None:
        if last_day < first_day:
            errors.setdefault("den", _("Ngày cuối phải từ ngày đầu trở đi."))
        elif last_day - first_day >= timedelta(days=MOST_DAYS):
            errors.setdefault("den", _("Một lần nghỉ nhiều nhất %(n)s ngày.", n=MOST_DAYS))
    if not typed.reason:
        errors.setdefault("reason", _("Xin ghi lý do; người học và người hướng dẫn sẽ đọc lý do này."))
    if errors or first_day is None or last_day is None:
        raise InvalidInput(errors)
    return ClosurePlan(tuple(wards), first_day, last_day, typed.kinds), typed.reason
