"""The form by which a series is copied to other dates."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Struct, field

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Day, Form, IdField, InstantField, Many, Tick
from scheduling.rules.recurrence import MOST_MEETINGS
from staffing.service.series_copy import SeriesCopy

NO_START = N_("Xin ghi ngày bắt đầu, ví dụ 07/12/2026.")


class CopyForm(Struct, frozen=True, kw_only=True):
    """From when, in which room (none: where the original was), with whom, on which dates.

    `lacking`: of the learners only those who still lack a skill of the course.
    """

    starts_on: Annotated[date | None, Day(years=range(2020, 2091), wrong=NO_START)] = None
    room: Annotated[int | None, IdField()] = None
    learners: Tick = field(default=False, name="nguoi_hoc")
    lacking: Tick = field(default=False, name="con_thieu")
    helpers: Tick = field(default=False, name="nguoi_day")
    picked: Annotated[tuple[datetime, ...], Many(InstantField(), most=MOST_MEETINGS)] = field(
        default=(), name="pick"
    )


def read_copy(form: Form[CopyForm]) -> SeriesCopy:
    """The copy as typed.

    Raises:
        InvalidInput: something is missing or makes no sense, each said at its field.
    """
    typed, errors = form.sensible(), dict(form.errors)
    if typed.starts_on is None:
        errors.setdefault("starts_on", _(NO_START))
    if errors or typed.starts_on is None:
        raise InvalidInput(errors)
    return SeriesCopy(typed.starts_on, typed.room, typed.learners, typed.helpers, typed.lacking)
