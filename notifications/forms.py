"""What people type, as values."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from msgspec import Struct, field

from lopso.kernel import formatting
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Context, FieldType, Lenient, Text, Tick, WholeNumber
from notifications.rules.timing import WIDEST, Policy, Times

LONGEST_SEARCH = 80
YEARS = range(2000, 2101)
"""Years of which there can be texts; beyond them lies the end of the calendar, which has no day after."""


class SearchText(FieldType[str]):
    """What was typed into a search box; unreadable characters and what is too long are left out."""

    def take(self, texts: Sequence[str], context: Context) -> str | None:
        typed = "".join(char for char in (texts[-1] if texts else "") if char.isprintable())
        return typed.strip()[:LONGEST_SEARCH]


class MessageSearch(Struct, frozen=True, kw_only=True):
    """A name or a number to look for; posted, so that neither stands in an address."""

    q: Annotated[str, SearchText()] = ""
    page: Annotated[int, Lenient(WholeNumber(1, 99_999))] = field(name="trang", default=1)


class ActionForm(Struct, frozen=True, kw_only=True):
    """An action on messages.

    Attributes:
        how: how a delivery problem was resolved, by its word in the page.
        confirmed: send again although the first may have arrived.
        purpose: only messages of this purpose.
        back: the page to return to.
    """

    how: Annotated[str, Text(20)] = field(name="cach", default="da-goi")
    confirmed: Tick = field(name="chac", default=False)
    purpose: Annotated[str, Text(60)] = field(name="loai", default="")
    back: Annotated[str, Text(2000)] = field(name="ve", default="")


class PreferenceForm(Struct, frozen=True, kw_only=True):
    """A change of what a phone number gets: a command, the topic it is about, whether staff asked first."""

    command: Annotated[str, Text(20)] = field(name="viec", default="")
    topic: Annotated[str, Text(20)] = field(name="loai", default="")
    confirmed: Tick = field(name="chac", default=False)


def read_day(typed: str | None, today: date) -> date:
    """A day of an address (2026-11-25); today when it makes no sense."""
    try:
        day = date.fromisoformat(typed or "")
    except ValueError:
        return today
    return day if day.year in YEARS else today


KINDS = ("market_round", "home_visit", "mass_event", "team_training", "ward_class")


def read_policy(
    form: Mapping[str, Any], differs: Collection[str] = (), *, within: tuple[time, time] = WIDEST
) -> Policy:
    """Reminder times as typed, without a budget; an empty time or number switches that reminder off.

    Args:
        differs: kinds of session with times of their own, in `market_round_day_before_at` and so on.
        within: the earliest and the latest hour at which texts may go.

    Raises:
        InvalidInput: with a sentence for each field that needs mending.
    """
    wrong: dict[str, str] = {}
    number = partial(_number, form, wrong)

    def clock_time(name: str) -> time | None:
        typed = str(form.get(name, "")).strip()
        if not typed:
            return None
        if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d(:00)?", typed, re.ASCII):
            wrong[name] = _("Xin ghi giờ như 18:00.")
            return None
        hour, minute = typed.split(":")[:2]
        return time(int(hour), int(minute))

    usual = Times(clock_time("day_before_at"), number("hours_before", 1, 23))
    kinds = {
        kind: Times(clock_time(f"{kind}_day_before_at"), number(f"{kind}_hours_before", 1, 23))
        for kind in KINDS
        if kind in differs
    }
    quiet_until, quiet_from = clock_time("quiet_until"), clock_time("quiet_from")
    daily_cap, useless_minutes = number("daily_cap", 1, 50), number("useless_minutes", 0, 240)
    for name, value in (("quiet_until", quiet_until), ("quiet_from", quiet_from), ("daily_cap", daily_cap)):
        if value is None:
            wrong.setdefault(name, _("Mục này không để trống được."))
    if quiet_until and quiet_from and quiet_until >= quiet_from:
        wrong["quiet_from"] = _("Giờ ngừng gửi phải sau giờ bắt đầu gửi.")
    earliest, latest = within
    if quiet_until and quiet_until < earliest:
        wrong.setdefault("quiet_until", _("Sớm nhất là %(hour)s.", hour=formatting.hour(earliest)))
    if quiet_from and quiet_from > latest:
        wrong.setdefault("quiet_from", _("Muộn nhất là %(hour)s.", hour=formatting.hour(latest)))
    if quiet_until and quiet_from and not {"quiet_until", "quiet_from"} & wrong.keys():
        span = {"from": formatting.hour(quiet_until), "to": formatting.hour(quiet_from)}
        for prefix, times in {"": usual, **{f"{kind}_": own for kind, own in kinds.items()}}.items():
            if times.day_before_at and not quiet_until <= times.day_before_at <= quiet_from:
                wrong[f"{prefix}day_before_at"] = _("Giờ nhắc phải trong khoảng %(from)s đến %(to)s.", **span)
    if wrong or quiet_until is None or quiet_from is None or daily_cap is None:
        raise InvalidInput(wrong)
    return Policy(
        usual.day_before_at,
        usual.hours_before,
        quiet_until,
        quiet_from,
        daily_cap,
        useless_minutes or 0,
        kinds,
    )


def read_budgets(form: Mapping[str, Any]) -> tuple[Decimal | None, Decimal | None, int]:
    """A ward's own budget and that of every ward, in đồng (empty: none), and the per cent of the warning.

    Raises:
        InvalidInput: with a sentence for each field that needs mending.
    """
    wrong: dict[str, str] = {}
    own, citys = (_number(form, wrong, name, 0, 999_999_999) for name in ("ward_budget", "monthly_budget"))
    warning = _number(form, wrong, "budget_warning", 1, 100)
    if wrong:
        raise InvalidInput(wrong)
    return (
        None if own is None else Decimal(own),
        None if citys is None else Decimal(citys),
        warning or 80,
    )


def _number(form: Mapping[str, Any], wrong: dict[str, str], name: str, least: int, most: int) -> int | None:
    typed = re.sub(r"[ .]", "", str(form.get(name, "")))  # as people write thousands
    if not typed:
        return None
    if not typed.isdecimal() or not least <= int(typed[:12]) <= most:
        wrong[name] = _("Xin ghi một số từ %(least)s đến %(most)s.", least=least, most=most)
        return None
    return int(typed)
