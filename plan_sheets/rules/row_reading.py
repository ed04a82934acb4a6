"""Reading a row of a plan sheet: its weekly times, when it begins and ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import (
    HourSpan,
    NoSuchDay,
    Period,
    UnclearWeekdays,
    read_weekdays,
    understand_start,
)
from plan_sheets.rules.plan_numbers import read_meetings, read_seats
from plan_sheets.rules.plan_rows import DAY_FIELDS, PlannedTime, PlanReading, PlanRow, RowFault
from plan_sheets.rules.time_cells import TIME_FIELDS, RowParts, read_day_columns, read_when


def read_plan_row(row: PlanRow, *, today: date) -> PlanReading:
    """Read one row. Never raises; what is wrong is among its faults.

    Args:
        today: in Huế, on the day on which the file was sent.
    """
    state = RowParts((), (), {}, None, [], [], [])
    for field in TIME_FIELDS:
        read_when(row, field, state, today)
    read_day_columns(row, state)
    _read_start(row, state, today)
    times = _times(row, state)
    meetings = _number(row, "meetings", read_meetings, state)
    seats = _number(row, "seats", read_seats, state)
    first, last = _ends(row, state, meetings, today)
    if last is not None and meetings is not None:
        state.notes.append(
            _("Có cả số buổi và ngày kết thúc: lấy số buổi (%(n)s).", n=formatting.number(meetings))
        )
        last = None
    reading = PlanReading(
        times=times,
        starts_on=first,
        ends_on=last,
        meetings=meetings,
        seats=seats,
        guessed_year=state.start is not None and state.start.guessed_year,
        faults=tuple(dict.fromkeys(state.faults)),
        doubts=tuple(dict.fromkeys(state.doubts)),
        notes=tuple(state.notes),
    )
    return _with_single_meeting(row, reading, state)


def _read_start(row: PlanRow, state: RowParts, today: date) -> None:
    text = row.text("starts")
    if not text:
        return
    weekdays = None
    try:
        start = understand_start(text, today=today, period=row.period)
    except NoSuchDay as error:
        try:
            weekdays = read_weekdays(text)
        except UnclearWeekdays:
            weekdays = None
        if weekdays is not None and not state.weekdays:
            state.weekdays = weekdays
            return
        said = str(error) or _("“%(text)s” chưa đọc được thành ngày. Xin ghi như 07/12/2026.", text=text)
        state.faults.append(RowFault("starts", text, said))
        return
    state.start = start
    if start.week:
        last = start.first + timedelta(days=6)
        state.notes.append(
            _("“%(text)s” hiểu là từ %(days)s.", text=text, days=formatting.days(start.first, last))
        )
    if start.guessed_year:
        said = _(
            "“%(text)s” không ghi năm; hiểu là %(day)s.", text=text, day=formatting.full_date(start.first)
        )
        state.doubts.append(RowFault("starts", text, said))


def _times(row: PlanRow, state: RowParts) -> tuple[PlannedTime, ...]:
    if not state.spans and not any(state.day_spans.values()):
        if not any(fault.field in (*TIME_FIELDS, *DAY_FIELDS) for fault in state.faults):
            state.faults.append(RowFault("hours", "", _("Chưa ghi giờ học.")))
        return ()
    by_day: dict[int, tuple[HourSpan, ...]] = dict.fromkeys(state.weekdays, state.spans)
    for weekday, spans in state.day_spans.items():
        by_day[weekday] = spans or state.spans
    if not all(by_day.values()):
        state.faults.append(RowFault("hours", "", _("Chưa ghi giờ học.")))
    times = {
        PlannedTime(weekday, span.start, _minutes(row, span, state))
        for weekday, spans in by_day.items()
        for span in spans
    }
    return tuple(sorted(times, key=lambda each: each[:2]))


def _minutes(row: PlanRow, span: HourSpan, state: RowParts) -> int | None:
    if span.end is None:
        return None
    minutes = (span.end.hour - span.start.hour) * 60 + span.end.minute - span.start.minute
    if not 15 <= minutes <= 720:
        said = _("Một buổi dài từ 15 phút đến 12 giờ.")
        state.faults.append(RowFault("hours", row.text("hours"), said))
    return minutes


def _number(
    row: PlanRow, field: str, read: Callable[[str], tuple[int | None, str, str]], state: RowParts
) -> int | None:
    number, fault, note = read(row.text(field))
    if fault:
        state.faults.append(RowFault(field, row.text(field), fault))
    if note:
        state.notes.append(note)
    return number


def _ends(
    row: PlanRow, state: RowParts, meetings: int | None, today: date
) -> tuple[date | None, date | None]:
    """The first and the last day; those of the sheet's month where the row says neither."""
    first = state.start.first if state.start else None
    last = state.start.last if state.start else None
    if text := row.text("ends"):
        try:
            end = understand_start(text, today=today, period=row.period)
            last = end.last or end.first
        except NoSuchDay as error:
            said = str(error) or _("“%(text)s” chưa đọc được thành ngày. Xin ghi như 07/12/2026.", text=text)
            state.faults.append(RowFault("ends", text, said))
    month = _month_of(row.period)
    if first is None and month is not None:
        first = month
    if last is None and meetings is None and month is not None and state.start is None:
        last = _last_of_month(month)
    if first is None and not any(fault.field in ("starts", *TIME_FIELDS) for fault in state.faults):
        state.faults.append(RowFault("starts", row.text("starts"), _("Chưa ghi ngày bắt đầu.")))
    if first is not None and last is not None and last < first:
        said = _(
            "Ngày kết thúc %(end)s trước ngày bắt đầu %(start)s.",
            end=formatting.full_date(last),
            start=formatting.full_date(first),
        )
        state.faults.append(RowFault("ends", row.text("ends") or row.text("starts"), said))
    return first, last


def _month_of(period: Period) -> date | None:
    """The first day of the month that the titles name, when they name its year too."""
    year = period.year_of(period.month) if period.month else None
    return date(year, period.month, 1) if year and period.month else None


def _last_of_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _with_single_meeting(row: PlanRow, reading: PlanReading, state: RowParts) -> PlanReading:
    """A row with a day and no weekday is one meeting; what else is missing becomes a fault."""
    faults = list(reading.faults)
    meetings, times = reading.meetings, reading.times
    no_days = not state.weekdays and not state.day_spans
    if no_days and reading.starts_on is not None and state.start is not None and not state.start.week:
        times = tuple(
            PlannedTime(reading.starts_on.weekday(), span.start, _minutes(row, span, state))
            for span in state.spans
        )
        if meetings is None and reading.ends_on is None:
            meetings = len(times) or None
    elif no_days and not any(fault.field in ("weekday", "when", *DAY_FIELDS) for fault in faults):
        faults.append(RowFault("weekday", "", _("Chưa ghi học vào thứ mấy.")))
    unending = meetings is None and reading.ends_on is None
    if unending and not any(fault.field in ("meetings", "ends", "starts") for fault in faults):
        said = _("Chưa ghi số buổi hoặc ngày kết thúc.")
        faults.append(RowFault("meetings", "", said))
    return replace(reading, times=times, meetings=meetings, faults=tuple(faults))
