"""The form that ends a series early."""

from datetime import date
from typing import Annotated

from msgspec import Struct

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Day, Form, FreeText, Text

NO_DAY = N_("Xin ghi ngày học cuối cùng, ví dụ 31/12/2026.")


class EndForm(Struct, frozen=True, kw_only=True):
    """The last day on which the series meets, and why it ends.

    Attributes:
        seen: how the meetings after it stood when the preview was made.
    """

    last_day: Annotated[date | None, Day(years=range(2020, 2091), wrong=NO_DAY)] = None
    reason: Annotated[str, FreeText(200)] = ""
    seen: Annotated[str, Text(40)] = ""


def read_end(form: Form[EndForm], today: date) -> tuple[date, str]:
    """The last day and the reason.

    Raises:
        InvalidInput: something is missing, or the day is over, each said at its field.
    """
    typed, errors = form.sensible(), dict(form.errors)
    if typed.last_day is None:
        errors.setdefault("last_day", _(NO_DAY))
    elif typed.last_day < today:
        errors.setdefault("last_day", _("Ngày này đã qua; hãy chọn hôm nay hoặc một ngày sau."))
    if not typed.reason:
        errors.setdefault("reason", _("Xin ghi lý do; người học và người hướng dẫn sẽ đọc lý do này."))
    if errors or typed.last_day is None:
        raise InvalidInput(errors)
    return typed.last_day, typed.reason
