"""The form by which a series is given further meetings."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Struct, field

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Day, Form, InstantField, Many, Tick, WholeNumber
from scheduling.rules.recurrence import MOST_MEETINGS
from staffing.service.further_meetings import Extension

YEARS = range(2020, 2091)
_NUMBER = N_("Số buổi từ 1 đến %(high)s.")


class ExtensionForm(Struct, frozen=True, kw_only=True):
    """Until when a series goes on, or by how many meetings; who goes on with it; which dates."""

    meetings: Annotated[int | None, WholeNumber(1, MOST_MEETINGS, wrong=_NUMBER, outside=_NUMBER)] = None
    ends_on: Annotated[
        date | None, Day(years=YEARS, wrong=N_("Xin ghi ngày kết thúc, ví dụ 31/12/2026."))
    ] = None
    learners: Tick = field(default=False, name="nguoi_hoc")
    helpers: Tick = field(default=False, name="nguoi_day")
    publish: Tick = field(default=False, name="cong_bo")
    picked: Annotated[tuple[datetime, ...], Many(InstantField(), most=MOST_MEETINGS)] = field(
        default=(), name="pick"
    )


def read_extension(form: Form[ExtensionForm]) -> Extension:
    """How a series goes on, as typed.

    Raises:
        InvalidInput: something is missing or makes no sense, each said at its field.
    """
    typed, errors = form.sensible(), dict(form.errors)
    if bool(form.typed["ends_on"].strip()) == bool(form.typed["meetings"].strip()):
        errors["meetings"] = _("Ghi số buổi, hoặc ngày kết thúc: một trong hai.")
        errors.pop("ends_on", None)
    if errors:
        raise InvalidInput(errors)
    return Extension(typed.ends_on, typed.meetings, typed.learners, typed.helpers, typed.publish)
