"""Forms of the reminder policy and of budgets."""

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Literal

from msgspec import Struct

from lopso.kernel import formatting
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Choice, Form, Many, Money, TimeOfDay, WholeNumber
from notifications.rules.timing import WIDEST, Policy, Times

KINDS = ("market_round", "home_visit", "mass_event", "team_training", "ward_class")
Owner = Literal["ward", "city", "everyone"]
"""The ward's own policy, the city's again for this ward, or the city's for every ward."""

_RANGE = N_("Xin ghi một số từ %(low)s đến %(high)s.")
_NEEDED = N_("Mục này không để trống được.")

Hour = Annotated[time | None, TimeOfDay()]
NeededHour = Annotated[time, TimeOfDay(required=_NEEDED)]


class TimesForm(Struct, frozen=True, kw_only=True):
    """Times of reminders; an empty one switches that reminder off."""

    day_before_at: Hour = None
    hours_before: Annotated[int | None, WholeNumber(1, 23, wrong=_RANGE, outside=_RANGE)] = None

    @property
    def times(self) -> Times:
        """The times as the policy holds them."""
        return Times(self.day_before_at, self.hours_before)


class PolicyForm(TimesForm, frozen=True, kw_only=True):
    """Reminder times and caps; the quiet hours beside them are `QuietHoursForm`.

    Attributes:
        differs: kinds of session with times of their own, in `market_round_day_before_at` and so on.
    """

    whose: Annotated[Owner, Choice[Owner](("ward", "city", "everyone"))] = "ward"
    differs: Annotated[tuple[str, ...], Many(Choice(KINDS))] = ()
    daily_cap: Annotated[int, WholeNumber(1, 50, wrong=_RANGE, outside=_RANGE, required=_NEEDED)]
    useless_minutes: Annotated[int, WholeNumber(0, 240, wrong=_RANGE, outside=_RANGE)] = 0


class QuietHoursForm(Struct, frozen=True, kw_only=True):
    """Nothing is sent before the one and after the other."""

    quiet_until: NeededHour
    quiet_from: NeededHour

    def mistakes(self) -> Mapping[str, str]:
        """They must leave a part of the day."""
        if self.quiet_until >= self.quiet_from:
            return {"quiet_from": _("Giờ ngừng gửi phải sau giờ bắt đầu gửi.")}
        return {}


def read_policy(form: Form[PolicyForm], *, today: date, within: tuple[time, time] = WIDEST) -> Policy:
    """The policy as typed, without a budget.

    Args:
        within: the earliest and the latest hour at which texts may go.

    Raises:
        InvalidInput: with a sentence for each wrong field.
    """
    quiet_form = Form.read(QuietHoursForm, form.sent, today=today)
    errors = form.errors | quiet_form.errors
    kinds: dict[str, Times] = {}
    for kind in KINDS:
        if kind in form.typed.many("differs"):
            own = Form.read(TimesForm, form.sent.group(f"{kind}_"), today=today)
            errors |= {f"{kind}_{name}": sentence for name, sentence in own.errors.items()}
            kinds[kind] = Times(None, None) if own.errors else own.value().times
    if errors:
        raise InvalidInput(errors)
    typed, quiet = form.value(), quiet_form.value()
    errors = _outside(quiet, {"": typed.times, **{f"{kind}_": own for kind, own in kinds.items()}}, within)
    if errors:
        raise InvalidInput(errors)
    return Policy(
        typed.day_before_at,
        typed.hours_before,
        quiet.quiet_until,
        quiet.quiet_from,
        typed.daily_cap,
        typed.useless_minutes,
        kinds,
    )


def _outside(
    quiet: QuietHoursForm, reminders: Mapping[str, Times], within: tuple[time, time]
) -> dict[str, str]:
    """Sentences about quiet hours outside `within`, else about reminders (by prefix) in the quiet hours."""
    earliest, latest = within
    errors: dict[str, str] = {}
    if quiet.quiet_until < earliest:
        errors["quiet_until"] = _("Sớm nhất là %(hour)s.", hour=formatting.hour(earliest))
    if quiet.quiet_from > latest:
        errors["quiet_from"] = _("Muộn nhất là %(hour)s.", hour=formatting.hour(latest))
    if errors:
        return errors
    span = {"from": formatting.hour(quiet.quiet_until), "to": formatting.hour(quiet.quiet_from)}
    return {
        f"{prefix}day_before_at": _("Giờ nhắc phải trong khoảng %(from)s đến %(to)s.", **span)
        for prefix, times in reminders.items()
        if times.day_before_at and not quiet.quiet_until <= times.day_before_at <= quiet.quiet_from
    }


class BudgetForm(Struct, frozen=True, kw_only=True):
    """A ward's own budget and that of every ward, in đồng (empty: none), and the per cent of the warning."""

    ward_budget: Annotated[int | None, Money(0, 999_999_999, wrong=_RANGE, outside=_RANGE)] = None
    monthly_budget: Annotated[int | None, Money(0, 999_999_999, wrong=_RANGE, outside=_RANGE)] = None
    budget_warning: Annotated[int, WholeNumber(1, 100, wrong=_RANGE, outside=_RANGE)] = 80
