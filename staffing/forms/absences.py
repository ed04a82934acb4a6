"""The form in which a helper says that they are away."""

from datetime import date, datetime
from typing import Annotated

from msgspec import field

from lopso.kernel.clock import local_day
from lopso.kernel.i18n import N_
from lopso.web.forms import Day, ReasonForm

WRONG_DAY = N_("Xin ghi ngày theo dạng ngày/tháng/năm, ví dụ 24/11/2026.")


class AbsenceForm(ReasonForm, frozen=True, kw_only=True):
    """From which day to which, and why; without the first day it is today, without the last it is one day."""

    first_day: Annotated[date | None, Day(wrong=WRONG_DAY)] = field(default=None, name="tu")
    last_day: Annotated[date | None, Day(wrong=WRONG_DAY)] = field(default=None, name="den")

    def days(self, now: datetime) -> tuple[date, date]:
        """First and last day."""
        first = self.first_day or local_day(now)
        return first, self.last_day or first
