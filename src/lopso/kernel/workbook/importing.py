"""The steps of an import, the same for every kind of list: read the file, match with known records, save."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.matching import KnownRecord, MatchedRows, MatchResult, decisive
from lopso.kernel.workbook.packing import unpacked
from lopso.kernel.workbook.parsing_process import ParsedFile, parse_file
from lopso.kernel.workbook.reading import read_file
from lopso.kernel.workbook.results import DoubtfulRow, DraftRow, ImportResult, ParsedList

T = TypeVar("T")
K = TypeVar("K")


async def parse_for_ward(
    db: AsyncSession, kind: ListKind[Any, Any], data: bytes, *, ward_id: str, now: datetime
) -> ParsedFile:
    """Read the bytes of a workbook as a list of this kind, in processes of their own; saves nothing.

    Raises:
        NotFound: no such ward.
        WorkbookRefused: the file cannot be read, or holds no such list.
    """
    return await parse_file(kind, data, await kind.context(db, ward_id, now))


async def match_known(
    db: AsyncSession, kind: ListKind[T, Any], ward_id: str, parsed: ParsedList[T]
) -> MatchedRows[T]:
    """Match rows with the records the ward has; calls `kind.known` once."""
    known = await kind.known(db, ward_id, {kind.key(row.draft) for row in parsed.good})
    matched = MatchedRows[T](repeated=parsed.repeated)
    doubtful = list(parsed.doubtful)
    for row in parsed.good:
        _match_row(row, kind, known.get(kind.key(row.draft), ()), matched, doubtful)
    matched.doubtful = sorted(doubtful, key=lambda each: (each.sheet, each.row))
    return matched


def _match_row(
    row: DraftRow[T],
    kind: ListKind[T, K],
    namesakes: Sequence[KnownRecord[K]],
    matched: MatchedRows[T],
    doubtful: list[DoubtfulRow],
) -> None:
    identity = kind.identity(row.draft)
    record_id, match = decisive({each.id: kind.compare(each.identity, identity) for each in namesakes})
    if record_id is None:
        matched.new.append(row)
    elif match.result is MatchResult.SAME:
        matched.known.append((record_id, row))
    else:
        doubt = kind.doubt(row.draft, kind.same_as_known(match.difference))
        doubtful.append(DoubtfulRow(row.sheet, row.row, row.cells, (doubt,)))


async def save_list(
    db: AsyncSession,
    kind: ListKind[T, Any],
    ward_id: str,
    parsed: ParsedList[T],
    *,
    agreed: Collection[str] = (),
    by: Actor,
    now: datetime,
) -> ImportResult:
    """Add every record that is new; one audit entry tells of it. Does not commit.

    Args:
        agreed: codes of what the person ticked when confirming.
    """
    # Two imports into one ward take turns: the second sees what the first added.
    await db.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"import {kind.name} {ward_id}"}
    )
    rows = await match_known(db, kind, ward_id, parsed)
    saved = await kind.save(db, ward_id, rows, agreed=agreed, by=by, now=now)
    result = ImportResult(
        read=parsed.read,
        saved=saved.count,
        already_known=rows.already_known,
        header=parsed.header,
        doubtful=rows.doubtful,
    )
    ward = audit.Subject("ward", ward_id, ward_id)
    audit.note(db, ward, f"{kind.name}.imported", by=by, now=now, **result.counts(), **saved.facts)
    await db.flush()
    return result


async def import_file(
    db: AsyncSession,
    kind: ListKind[Any, Any],
    file: Path,
    *,
    ward_id: str,
    agreed: Collection[str] = (),
    by: Actor,
    now: datetime,
) -> ImportResult:
    """Read a file and save what is good in it, without a review. Does not commit.

    Raises:
        NotFound: no such ward.
        WorkbookRefused: the file is missing, cannot be read, or holds no such list.
    """
    answer = await parse_for_ward(db, kind, await read_file(file), ward_id=ward_id, now=now)
    parsed = unpacked(json.loads(answer.json), kind.from_json)
    return await save_list(db, kind, ward_id, parsed, agreed=agreed, by=by, now=now)
