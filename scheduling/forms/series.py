"""The form of a weekly series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from msgspec import Struct, field

from lopso.kernel.clock import monday_of
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import N_
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import read_time
from lopso.kernel.search import LONGEST
from lopso.web.forms import (
    Choice,
    Day,
    Form,
    InstantField,
    Many,
    PageNumber,
    Text,
    Tick,
    TimeOfDay,
    Typed,
    WholeNumber,
)
from scheduling.forms.plans import WITH_COURSE, PlanForm, read_template
from scheduling.forms.sessions import USUAL_MINUTES
from scheduling.queries.choices import Choices
from scheduling.queries.series_list import SERIES_STATES
from scheduling.rules.plan import SeriesPlan, SessionPlace, SessionTemplate
from scheduling.rules.recurrence import (
    LONGEST_SERIES,
    MOST_MEETINGS,
    WeeklyRule,
    WeeklySlot,
    overlapping,
)

MOST_ROWS = 6
MOST_LEFT_OUT = 40  # dates told again on the page of the series; an address has an end
YEARS = range(2020, 2091)
_HOUR = TimeOfDay()
_ENDS = ("starts_on", "meetings", "ends_on")
NO_START = N_("Xin ghi ngày bắt đầu, ví dụ 07/12/2026.")


class SeriesListQuery(Struct, frozen=True, kw_only=True):
    """Which series of a ward to show."""

    state: Annotated[str, Choice(SERIES_STATES)] = field(default="", name="tinh_trang")
    typed: Annotated[str, Text(LONGEST)] = field(default="", name="q")
    number: PageNumber = field(default=1, name="trang")


SeriesKind = Annotated[str, Choice(WITH_COURSE)]
"""What is held again and again; a home visit or a big event is a session of its own."""


class SeriesForm(PlanForm, frozen=True, kw_only=True):
    """A weekly series.

    Its weekly times come as rows, ``day0``, ``from0``, ``until0`` and so on; see `rows_of`.

    Attributes:
        meetings, ends_on: how it ends; one of the two.
        rows: how many rows to show.
        switch_to: another kind to show the form for.
        look: the dates that follow from what was typed so far are asked for.
        picked: starts of the dates wanted, where the preview was seen.
    """

    kind: SeriesKind = "ward_class"
    starts_on: Annotated[date | None, Day(years=YEARS, wrong=NO_START)] = None
    meetings: Annotated[
        int | None,
        WholeNumber(
            1, MOST_MEETINGS, wrong=N_("Số buổi từ 1 đến %(high)s."), outside=N_("Số buổi từ 1 đến %(high)s.")
        ),
    ] = None
    ends_on: Annotated[
        date | None, Day(years=YEARS, wrong=N_("Xin ghi ngày kết thúc, ví dụ 31/12/2026."))
    ] = None
    skip: Tick = False
    switch_to: SeriesKind = ""
    look: Tick = field(default=False, name="xem")
    rows: Annotated[int, WholeNumber(1, MOST_ROWS)] = 1
    picked: Annotated[tuple[datetime, ...], Many(InstantField(), most=MOST_MEETINGS)] = field(
        default=(), name="pick"
    )


class LeftOutQuery(Struct, frozen=True, kw_only=True):
    """Starts of the dates that a plan left out, to be told on the page of its series."""

    left_out: Annotated[tuple[datetime, ...], Many(InstantField(), most=MOST_LEFT_OUT)] = field(
        default=(), name="con_lai"
    )


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A row of the form: several weekdays at one time; words ("8 rưỡi") as the hour they were taken for."""

    number: int
    days: Sequence[str]
    since: str
    until: str

    @property
    def empty(self) -> bool:
        """Whether nothing was put in it."""
        return not (self.days or self.since or self.until)


def proposed(today: date) -> SeriesForm:
    """What an empty form proposes: eight meetings from next Monday on, days off passed over."""
    return SeriesForm(starts_on=monday_of(today) + timedelta(days=7), meetings=8, skip=True)


def rows_of(form: Form[SeriesForm]) -> list[SlotRow]:
    """The rows to show: those filled in, one more when asked for, at most `MOST_ROWS`."""
    rows = [_row(form.typed, number) for number in range(MOST_ROWS)]
    used = max((row.number + 1 for row in rows if not row.empty), default=1)
    return rows[: max(used, form.sensible().rows)]


def read_series(form: Form[SeriesForm], choices: Choices) -> SeriesPlan:
    """The plan as typed.

    Raises:
        InvalidInput: something is missing or makes no sense, each said at its field.
        NotFound: a room, market or course that is not offered in this ward.
    """
    typed, errors = form.sensible(), dict(form.errors)
    template = read_template(typed, choices, errors)
    rule = _rule(form, choices, errors)
    if errors or rule is None:
        raise InvalidInput(errors)
    return SeriesPlan(template, rule, skips_holidays=typed.skip)


def dates_as_typed(form: Form[SeriesForm], choices: Choices) -> tuple[SeriesPlan | None, Mapping[str, str]]:
    """A plan of dates and room alone as typed so far, or what is missing of the rule, by field name."""
    typed = form.sensible()
    missing = {name: said for name, said in form.errors.items() if name in _ENDS}
    rule = _rule(form, choices, missing)
    if missing or rule is None:
        return None, missing
    room = choices.rooms.get(typed.room or 0)
    details = SessionTemplate(typed.kind, "", None, SessionPlace(room.id if room else None), 1, 0, 0)
    return SeriesPlan(details, rule, skips_holidays=typed.skip), {}


def _rule(form: Form[SeriesForm], choices: Choices, errors: dict[str, str]) -> WeeklyRule | None:
    """Mistakes are added to `errors`."""
    typed = form.sensible()
    course = choices.courses.get(typed.course or 0) if typed.kind in WITH_COURSE else None
    slots = _slots(form.typed, course.duration_minutes if course else USUAL_MINUTES, errors)
    _check_end(typed, form.typed, errors)
    if typed.starts_on is None:
        errors.setdefault("starts_on", _(NO_START))
    if errors or typed.starts_on is None:
        return None
    return WeeklyRule(slots, typed.starts_on, typed.ends_on, typed.meetings)


def _row(typed: Typed, number: int) -> SlotRow:
    days = [day for day in typed.many(f"day{number}") if day in "0123456" and len(day) == 1]
    return SlotRow(number, days, _hour(typed[f"from{number}"]), _hour(typed[f"until{number}"]))


def _hour(typed: str) -> str:
    text = typed.strip()
    value = read_time(text)
    return text if value is None else _HOUR.understood(text, value) or text


def _slots(typed: Typed, usual_minutes: int, errors: dict[str, str]) -> tuple[WeeklySlot, ...]:
    slots: list[WeeklySlot] = []
    for number in range(MOST_ROWS):
        row = _row(typed, number)
        if not row.empty:
            slots += _slots_of(row, usual_minutes, errors)
    if not slots and not any(name.startswith(("day", "from", "until")) for name in errors):
        errors.setdefault("day0", _("Xin chọn ít nhất một ngày trong tuần và giờ học."))
    elif slots and overlapping(slots):
        errors.setdefault("day0", _("Có hai khung giờ trùng nhau trong cùng một ngày."))
    return tuple(sorted(slots))


def _slots_of(row: SlotRow, usual_minutes: int, errors: dict[str, str]) -> list[WeeklySlot]:
    if not row.days:
        errors.setdefault(f"day{row.number}", _("Xin chọn ngày trong tuần cho giờ này."))
    since = read_time(row.since)
    if since is None:
        errors.setdefault(f"from{row.number}", _("Xin ghi giờ bắt đầu, ví dụ 8h30."))
        return []
    minutes = usual_minutes
    if row.until:
        until = read_time(row.until)
        minutes = _minutes_between(since, until) if until is not None else 0
        if why := _wrong_end(until, minutes):
            errors.setdefault(f"until{row.number}", why)
            return []
    return [WeeklySlot(int(day), since, minutes) for day in dict.fromkeys(row.days)]


def _minutes_between(since: time, until: time) -> int:
    return (until.hour - since.hour) * 60 + until.minute - since.minute


def _wrong_end(until: time | None, minutes: int) -> str | None:
    if until is None:
        return _("Xin ghi giờ kết thúc, ví dụ 10h.")
    if minutes <= 0:
        return _("Giờ kết thúc phải sau giờ bắt đầu.")
    return None if 15 <= minutes <= 720 else _("Một buổi dài từ 15 phút đến 12 giờ.")


def _check_end(form: SeriesForm, typed: Typed, errors: dict[str, str]) -> None:
    if bool(typed["ends_on"].strip()) == bool(typed["meetings"].strip()):
        errors["meetings"] = _("Ghi số buổi, hoặc ngày kết thúc: một trong hai.")
        errors.pop("ends_on", None)
    elif form.ends_on is not None and form.starts_on is not None:
        if form.ends_on < form.starts_on:
            errors.setdefault("ends_on", _("Ngày kết thúc phải sau ngày bắt đầu."))
        elif form.ends_on > form.starts_on + LONGEST_SERIES:
            errors.setdefault("ends_on", _("Một chuỗi kéo dài nhiều nhất hai năm."))
