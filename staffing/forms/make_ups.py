"""The form that plans sessions to make up for cancelled ones."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from msgspec import Struct, field

from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form, IdField, Many, Tick
from scheduling.rules.recurrence import Slot
from staffing.queries.make_ups import ClosedSession
from staffing.rules.make_ups import TypedDate, read_typed_date
from staffing.service.make_ups import DAY

HOUR = "gio"
"""Before the id of a cancelled session: the field of its new hour."""


class MakeUpForm(Struct, frozen=True, kw_only=True):
    """Which cancelled sessions are made up for. Day and hour of each come as ``ngay12``, ``gio12``.

    `check`: only show what speaks against these dates.
    """

    picked: Annotated[tuple[int, ...], Many(IdField(), most=500)] = field(default=(), name="pick")
    check: Tick = field(default=False, name="xem")


def typed_dates(
    form: Form[MakeUpForm], sessions: Sequence[ClosedSession], today: date
) -> Mapping[int, TypedDate]:
    """What was typed for each session, by its id."""
    return {
        each.session.id: read_typed_date(
            each.missed,
            form.typed[f"{DAY}{each.session.id}"],
            form.typed[f"{HOUR}{each.session.id}"],
            today=today,
        )
        for each in sessions
    }


def wanted_dates(
    form: Form[MakeUpForm], typed: Mapping[int, TypedDate]
) -> tuple[dict[int, Slot], dict[str, str]]:
    """The dates of the sessions ticked, by session id; and the mistakes in them, by field."""
    wanted: dict[int, Slot] = {}
    errors: dict[str, str] = {}
    for number in form.sensible().picked:
        found = typed.get(number)
        if found is None:
            continue
        if found.slot is None:
            errors[f"{DAY}{number}"] = _("Xin ghi ngày và giờ, ví dụ 12/12/2026 và 8h30.")
        else:
            wanted[number] = found.slot
    return wanted, errors
