"""What becomes of each row: a new series, one that is there already, a changed one, or a question."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from plan_sheets.rules.decided_rows import DecidedRow, WardSession, name_of
from plan_sheets.rules.known_series import KnownSeries, changes_of, changes_since, find_series, place_key
from plan_sheets.rules.plan_rows import RowFault
from plan_sheets.rules.resolved_rows import ResolvedRow
from plan_sheets.rules.room_clashes import find_clashes

MOST_ROWS = 300
MOST_SESSIONS = 5000
"""Meetings of one file: more is no plan of a ward."""


def decide(
    rows: Sequence[ResolvedRow],
    sessions: Sequence[WardSession],
    series: Sequence[KnownSeries],
    *,
    now: datetime,
) -> list[DecidedRow]:
    """Decide on every row of a file.

    Args:
        sessions: those of the ward around the dates that the rows want, in any state.
        series: those that these sessions belong to.
        now: dates before it are not planned.
    """
    decided = [_skipped_or_open(each) for each in rows]
    _recognise(decided, sessions, series)
    _merge_repeated(decided)
    _join_months(decided)
    _confirm_years(decided)
    for each in decided:
        if each.state == "new" and not each.found.faults:
            _choose_dates(each, now)
    find_clashes(decided, sessions)
    for each in decided:
        if each.state == "new" and (each.faults or each.clashes or not each.slots):
            each.state = "open"
    _limit(decided)
    return decided


def _skipped_or_open(found: ResolvedRow) -> DecidedRow:
    return DecidedRow(found, "skipped" if found.answer.skip else "new")


def _recognise(
    decided: Sequence[DecidedRow], sessions: Sequence[WardSession], series: Sequence[KnownSeries]
) -> None:
    """Rows whose meetings are all there, whose texts are those of a series, or that change one."""
    there = {(each.course_id, each.place, start) for each in sessions for start in _starts(each)}
    by_texts = {each.stated_texts: each for each in series if each.stated_texts}
    taken: set[int] = set()
    for each in decided:
        if each.state != "new":
            continue
        same = by_texts.get(each.found.file.row.key)
        if same is None and not _all_there(each.found, there):
            same = find_series(each.found, series, taken, exact=True)
            if same is None:
                continue
        each.state, each.series = "known", same
        if same is not None:
            taken.add(same.id)
    taken |= {found for each in decided if each.state == "known" for found in _series_of(each, sessions)}
    for each in decided:
        if each.state == "new" and not each.found.answer.another:
            like = find_series(each.found, series, taken, exact=False)
            if like is not None:
                taken.add(like.id)
                each.series = like
                each.changes = changes_of(each.found, like)
                each.since = changes_since(like)
                each.state = "changed" if each.changes and not each.found.answer.keep else "known"


def _starts(session: WardSession) -> tuple[datetime, datetime]:
    return session.slot.starts_at, session.original_start


def _all_there(found: ResolvedRow, there: set[tuple[int | None, str, datetime]]) -> bool:
    key = found.course, place_key(found.place)
    return bool(found.slots) and all((*key, slot.starts_at) in there for slot in found.slots)


def _series_of(row: DecidedRow, sessions: Sequence[WardSession]) -> set[int]:
    starts = {slot.starts_at for slot in row.found.slots}
    key = row.found.course, place_key(row.found.place)
    return {
        each.series_id
        for each in sessions
        if each.series_id is not None and (each.course_id, each.place) == key and starts & {*_starts(each)}
    }


def _merge_repeated(decided: Sequence[DecidedRow]) -> None:
    """A summary beside the months says rows again: the first of those with the same meetings stands."""
    first: dict[object, DecidedRow] = {}
    for each in decided:
        found = each.found
        if each.state != "new" or not found.slots or found.course is None:
            continue
        key = (found.course, place_key(found.place), tuple(found.slots))
        before = first.setdefault(key, each)
        if before is not each:
            each.state, each.like = "repeated", name_of(before)


def _join_months(decided: Sequence[DecidedRow]) -> None:
    """One sheet a month: a class that goes on in the next month's sheet is one series."""
    ending: dict[object, DecidedRow] = {}
    for each in sorted(decided, key=lambda row: row.found.reading.starts_on or date.max):
        rule = each.found.rule
        if each.state != "new" or each.faults or rule is None or rule.ends_on is None:
            continue
        key = (each.found.course, place_key(each.found.place), rule.slots, each.found.reading.seats)
        before = ending.get((*key, rule.starts_on))
        if before is None or before.found.rule is None:
            ending[*key, rule.ends_on + timedelta(days=1)] = each
            continue
        before.found.rule = replace(before.found.rule, ends_on=rule.ends_on)
        before.found.slots = [*before.found.slots, *each.found.slots]
        each.state, each.like = "repeated", name_of(before)
        ending[*key, rule.ends_on + timedelta(days=1)] = before


def _confirm_years(decided: Sequence[DecidedRow]) -> None:
    """A year that was guessed is right when other rows of the file, which name theirs, are near it."""
    sure = [
        each.found.reading.starts_on
        for each in decided
        if each.found.reading.starts_on and not each.found.reading.guessed_year
    ]
    for each in decided:
        day = each.found.reading.starts_on
        if each.found.reading.guessed_year and day and any(abs((day - other).days) <= 62 for other in sure):
            each.found.notes += [doubt.sentence for doubt in each.found.doubts if doubt.field == "starts"]
            each.found.doubts = [doubt for doubt in each.found.doubts if doubt.field != "starts"]


def _choose_dates(row: DecidedRow, now: datetime) -> None:
    row.slots = [slot for slot in row.found.slots if slot.starts_at > now]
    past = len(row.found.slots) - len(row.slots)
    if not row.slots:
        said = _("Các buổi của dòng này đã qua.")
        row.found.faults.append(RowFault("starts", row.found.row.text("starts"), said))
    elif past:
        row.warnings.append(_("%(n)s buổi đầu đã qua, không lập.", n=formatting.number(past)))


def _limit(decided: Sequence[DecidedRow]) -> None:
    left = MOST_SESSIONS
    for each in decided:
        if each.state == "new":
            left -= len(each.slots)
            if left < 0:
                said = _(
                    "Tệp có quá %(n)s buổi; xin chia thành nhiều tệp.", n=formatting.number(MOST_SESSIONS)
                )
                each.found.faults.append(RowFault("meetings", each.found.row.text("meetings"), said))
                each.state = "open"
