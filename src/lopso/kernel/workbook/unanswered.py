"""Lists that wait for somebody: not saved yet, or what a saved one left unanswered, as a list of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.workbook.packing import packed
from lopso.kernel.workbook.results import DraftRow, ParsedList, SheetSummary
from lopso.kernel.workbook.staging import StagedImport

_MOST = 5


def _length(name: str) -> ColumnElement[int]:
    return func.coalesce(func.jsonb_array_length(StagedImport.parsed[name]), 0)


_ROWS = _length("good") + _length("doubtful")


@dataclass(frozen=True, slots=True)
class WaitingList:
    """A list that waits; `rows` about somebody. `saved_at`: when it was saved after all."""

    id: UUID
    made_at: datetime
    rows: int
    saved_at: datetime | None


async def stage_unanswered(
    db: AsyncSession,
    staged: StagedImport,
    parsed: ParsedList[Any],
    rows: Sequence[DraftRow[Any]],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Let the rows without an answer wait as a list of their own, named in the result. Does not commit."""
    if not rows or staged.result is None:
        return
    count = Counter(row.sheet for row in rows)
    left = ParsedList(
        header=parsed.header,
        columns=parsed.columns,
        sheets=[_summary(sheet, count[sheet.name]) for sheet in parsed.sheets if count[sheet.name]],
        good=list(rows),
    )
    waiting = StagedImport(
        id=uuid4(),
        ward_id=staged.ward_id,
        kind=staged.kind,
        digest=staged.digest,
        made_by=by.user_id,
        made_at=now,
        parsed=packed(left),
    )
    db.add(waiting)
    staged.result = {**staged.result, "unanswered": str(waiting.id)}
    await db.flush()


def _summary(sheet: SheetSummary, rows: int) -> SheetSummary:
    """The sheet with nothing to say but its name: what was left out of it was said before."""
    return SheetSummary(
        name=sheet.name, header_row=sheet.header_row, rows=rows, skipped=0, left_out=(), font=None
    )


async def unanswered_list(db: AsyncSession, staged: StagedImport) -> WaitingList | None:
    """Return the list of what a saved one left unanswered; None when there is none or it was dropped."""
    kept = (staged.result or {}).get("unanswered")
    if kept is None:
        return None
    row = (await db.execute(_lists(staged.kind, staged.ward_id).where(StagedImport.id == UUID(kept)))).first()
    return _waiting(row) if row is not None else None


async def waiting_lists(db: AsyncSession, kind: str, ward_id: str) -> list[WaitingList]:
    """Return the latest lists of a kind and ward with rows that nobody saved or dropped; one statement."""
    found = await db.execute(
        _lists(kind, ward_id)
        .where(StagedImport.saved_at.is_(None), _ROWS > 0)
        .order_by(StagedImport.made_at.desc(), StagedImport.id)
        .limit(_MOST)
    )
    return list(map(_waiting, found))


def _lists(kind: str, ward_id: str) -> Select[UUID, datetime, int, datetime | None]:
    columns = (StagedImport.id, StagedImport.made_at, _ROWS, StagedImport.saved_at)
    return select(*columns).where(StagedImport.kind == kind, StagedImport.ward_id == ward_id)


def _waiting(row: Row[UUID, datetime, int, datetime | None]) -> WaitingList:
    return WaitingList(*row)
