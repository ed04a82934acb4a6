"""A staged plan sheet against the ward: what becomes of each of its rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.clock import local_day
from lopso.kernel.i18n import ngettext
from lopso.kernel.workbook import staging
from lopso.kernel.workbook.results import DoubtfulRow, ParsedList
from lopso.kernel.workbook.staging import StagedImport
from plan_sheets.queries.known_series import series_of_sessions, sessions_between
from plan_sheets.queries.ward_names import ward_names
from plan_sheets.rules.answers import kept_answer
from plan_sheets.rules.decided_rows import DecidedRow
from plan_sheets.rules.deciding import MOST_ROWS, decide
from plan_sheets.rules.plan_rows import PlanRow
from plan_sheets.rules.resolved_rows import FileRow, WardNames, with_texts
from plan_sheets.rules.resolving import resolve_row
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.rules.recurrence import LONGEST_SERIES, Slot, overlap


@dataclass(frozen=True, slots=True)
class PlanReview:
    """A plan sheet as it will be saved.

    Attributes:
        rows: in the order of the file. repeated: how many more say the same as one of them, word by word.
        damaged: rows with a cell that cannot be believed. too_many: rows beyond those that are read.
    """

    names: WardNames
    rows: Sequence[DecidedRow]
    repeated: int
    damaged: Sequence[DoubtfulRow]
    too_many: int


async def review_plan(
    db: AsyncSession, staged: StagedImport, parsed: ParsedList[PlanRow], *, now: datetime
) -> PlanReview:
    """Compare a staged sheet with the ward; at most nine statements, whatever its length."""
    today = local_day(staged.made_at)
    far = 2 * LONGEST_SERIES
    names = await ward_names(db, staged.ward_id, since=today - far, until=today + far)
    answers = staging.answers_of(staged)
    files = _file_rows(parsed)
    resolved = [
        resolve_row(each, kept_answer(answers.get(each.reference, "")), names, today=today, now=now)
        for each in files
    ]
    days = [slot.day for each in resolved for slot in each.slots] or [today]
    sessions = await sessions_between(db, staged.ward_id, min(days), max(days))
    series = await series_of_sessions(db, staged.ward_id, sessions)
    decided = decide(resolved, sessions, series, now=now)
    await _warn_of_helpers(db, decided)
    return PlanReview(names, decided, parsed.repeated, parsed.doubtful, max(0, len(parsed.good) - MOST_ROWS))


def _file_rows(parsed: ParsedList[PlanRow]) -> list[FileRow]:
    """The rows of a file; one that names no course has that of the row right above it."""
    files: list[FileRow] = []
    for each in parsed.good[:MOST_ROWS]:
        row, above = each.draft, files[-1] if files else None
        lacks = not row.text("course") and above is not None
        if lacks and above is not None and (above.sheet, above.number) == (each.sheet, each.row - 1):
            row = with_texts(row, {"course": above.row.text("course")})
        else:
            lacks = False
        reference = parsed.reference(each)
        files.append(FileRow(reference, each.sheet, each.row, row, each.cells, course_above=lacks))
    return files


async def _warn_of_helpers(db: AsyncSession, decided: Sequence[DecidedRow]) -> None:
    """Say where the helper of a row is booked already at its times; one statement."""
    wanted = {each.found.helper for each in decided if each.state == "new" and each.found.helper}
    if not wanted:
        return
    booked: defaultdict[int, list[Slot]] = defaultdict(list)
    rows = await db.execute(
        select(Assignment.trainer_id, ClassSession.starts_at, ClassSession.ends_at)
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .where(Assignment.trainer_id.in_(wanted), Assignment.state.in_(ASSIGNMENT_ACTIVE))
        .where(ClassSession.starts_at >= min(slot.starts_at for each in decided for slot in each.slots))
    )
    for trainer_id, starts_at, ends_at in rows:
        booked[trainer_id].append(Slot(starts_at, ends_at))
    for each in decided:
        if each.state == "new" and each.found.helper:
            _warn(each, booked[each.found.helper])
            booked[each.found.helper] += each.slots


def _warn(row: DecidedRow, booked: Sequence[Slot]) -> None:
    busy = [slot for slot in row.slots if any(overlap(slot, other) for other in booked)]
    if busy:
        first = formatting.day_and_hours(busy[0].starts_at, busy[0].ends_at)
        row.warnings.append(
            ngettext(
                "Người phụ trách đã có buổi khác lúc %(when)s: buổi ấy chưa phân công.",
                "Người phụ trách đã có buổi khác lúc %(when)s và %(more)s buổi nữa: chưa phân công.",
                len(busy),
                when=first,
                more=len(busy) - 1,
            )
        )
