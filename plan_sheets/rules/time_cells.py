"""Cells of a plan sheet that hold weekdays and hours: one for a row, or one for each day of the week."""

import re
from dataclasses import dataclass
from datetime import date

from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import (
    HourSpan,
    NoSuchDay,
    NoSuchHours,
    StartOfPlan,
    UnclearWeekdays,
    find_hours,
    read_weekdays,
    understand_start,
)
from lopso.kernel.text import fold
from plan_sheets.rules.plan_rows import DAY_FIELDS, PlanRow, RowFault

TIME_FIELDS = ("weekday", "hours", "when")
_TICKS = {"x", "v", "√", "✓", "✔", "co", "1", "o", "*", "+"}
_FILLER = re.compile(r"[\s,;:.()/&-]+|\b(?:sang|trua|chieu|toi|dem|buoi|luc|tu|vao|hoc|thoi gian)\b")
_PART_OF_DAY = re.compile(r"\b(?:sang|trua|chieu|toi|dem)\b")


@dataclass(slots=True)
class RowParts:
    """What was found so far of one row."""

    weekdays: tuple[int, ...]
    spans: tuple[HourSpan, ...]
    day_spans: dict[int, tuple[HourSpan, ...]]
    start: StartOfPlan | None
    faults: list[RowFault]
    doubts: list[RowFault]
    notes: list[str]


def read_when(row: PlanRow, field: str, state: RowParts, today: date) -> None:
    """A cell that may hold weekdays, hours, a day, or several of them."""
    text = row.text(field)
    if not text or _read_clauses(text, state):
        return
    try:
        spans, rest = find_hours(text)
    except NoSuchHours as error:
        state.faults.append(RowFault(field, text, str(error)))
        return
    if len(spans) > 1 and field != "hours":
        said = _(
            "“%(text)s” chưa rõ ngày nào học giờ nào. Xin ghi như “T2 8h - 10h; T4 14h - 16h”.", text=text
        )
        state.faults.append(RowFault(field, text, said))
        return
    state.spans = state.spans or spans
    words = _weekday_words(text, rest, bool(spans))
    if not _FILLER.sub("", fold(words)):
        if not spans and _PART_OF_DAY.search(fold(text)) and field != "weekday":
            _missing_hours(row, state, text)
        return
    try:
        weekdays = read_weekdays(words)
    except UnclearWeekdays as error:
        state.faults.append(RowFault(field, text, str(error)))
        return
    if weekdays is not None:
        state.weekdays = state.weekdays or weekdays
    else:
        _read_start_words(row, field, words, state, today)


def _read_clauses(text: str, state: RowParts) -> bool:
    """Days that have hours of their own: "T2, T4 8h-10h; T3 14h-16h"; whether the text is of that kind."""
    found: dict[int, tuple[HourSpan, ...]] = {}
    waiting = ""
    for part in re.split(r"[;,\n]", text):
        clause = f"{waiting}, {part}".strip(", ")
        try:
            spans, rest = find_hours(clause)
            days = read_weekdays(_weekday_words(clause, rest, True)) if spans else None
        except (NoSuchHours, UnclearWeekdays):
            return False
        waiting = "" if spans else clause
        for weekday in days or ():
            found[weekday] = (*found.get(weekday, ()), *spans)
        if spans and days is None:
            return False
    if waiting or len(set(found.values())) < 2:
        return False
    state.day_spans.update(found)
    return True


def _weekday_words(text: str, rest: str, hours_found: bool) -> str:
    """The text without hours and parts of the day; as typed where it holds neither, for its accents."""
    if not hours_found and not _PART_OF_DAY.search(fold(text)):
        return text
    bare = _PART_OF_DAY.sub(" ", rest if hours_found else fold(text).replace("tới", "den"))
    # "từ" before the hours goes, "thứ Tư" stays: without accents they are one word.
    return re.sub(r"\b(?:buoi|luc|vao)\b|(?<!thu )\btu$", " ", bare.strip(" ,;:.()-")).strip(" ,;:.()-")


def _read_start_words(row: PlanRow, field: str, words: str, state: RowParts, today: date) -> None:
    try:
        start = understand_start(words, today=today, period=row.period)
    except NoSuchDay as error:
        labels = {"weekday": _("thứ"), "hours": _("giờ"), "when": _("thời gian")}
        sentence = str(error) or _(
            "“%(text)s” chưa đọc được thành %(what)s.", text=row.text(field), what=labels[field]
        )
        state.faults.append(RowFault(field, row.text(field), sentence))
        return
    state.start = state.start or start


def _missing_hours(row: PlanRow, state: RowParts, text: str) -> None:
    state.faults.append(
        RowFault("hours", text, _("“%(text)s” chưa nói mấy giờ. Xin ghi giờ, như 8h30 - 10h30.", text=text))
    )


def read_day_columns(row: PlanRow, state: RowParts) -> None:
    for weekday, field in enumerate(DAY_FIELDS):
        text = row.text(field)
        if not text or fold(text) in ("-", "0"):
            continue
        try:
            spans, rest = find_hours(text)
        except NoSuchHours as error:
            state.faults.append(RowFault(field, text, str(error)))
            continue
        left = _FILLER.sub("", rest)
        if left and left not in _TICKS and fold(text).strip() not in _TICKS:
            said = _("“%(text)s” chưa đọc được. Xin đánh dấu x hoặc ghi giờ.", text=text)
            state.faults.append(RowFault(field, text, said))
            continue
        state.day_spans[weekday] = spans
