"""The steps of an import, the same for every kind of list: read the file, match with known records, save."""

import json
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.workbook.answers import NO_ANSWERS, Answers
from lopso.kernel.workbook.choices import ReadingChoices
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.left_out_rows import digest_of, left_out_before, remember_left_out
from lopso.kernel.workbook.matching import MatchedRows
from lopso.kernel.workbook.packing import unpacked
from lopso.kernel.workbook.parsing_process import ParsedFile, parse_file
from lopso.kernel.workbook.reading import read_file
from lopso.kernel.workbook.record_matching import match_rows, may_be_asked
from lopso.kernel.workbook.remembered import remembered_choices
from lopso.kernel.workbook.results import ImportResult, ParsedList
from lopso.kernel.workbook.rows import NoTableFound

T = TypeVar("T")


async def parse_for_ward(
    db: AsyncSession, kind: ListKind[Any, Any], data: bytes, *, ward_id: str, now: datetime
) -> ParsedFile:
    """Read the bytes of a workbook as a list of this kind, in processes of their own; saves nothing.

    Raises:
        NotFound: no such ward.
        WorkbookRefused: the file cannot be read, or holds no such list.
    """
    context = await kind.context(db, ward_id, now)
    remembered = await remembered_choices(db, kind.name, ward_id)
    return await parse_file(kind, data, context, ReadingChoices(remembered=remembered))


async def match_known(
    db: AsyncSession,
    kind: ListKind[T, Any],
    ward_id: str,
    parsed: ParsedList[T],
    answers: Answers = NO_ANSWERS,
) -> MatchedRows[T]:
    """Match rows with the records the ward has; calls `kind.known` once, and one statement more."""
    drafts: list[T] = [row.draft for row in parsed.good]
    drafts += [row.draft for row in parsed.doubtful if row.draft is not None]
    known = await kind.known(db, ward_id, drafts)
    digests = set(map(digest_of, may_be_asked(kind, parsed, known)))
    left_out = await left_out_before(db, kind.name, ward_id, digests)
    return match_rows(kind, parsed, known, answers, left_out)


async def save_list(
    db: AsyncSession,
    kind: ListKind[T, Any],
    ward_id: str,
    parsed: ParsedList[T],
    *,
    answers: Answers = NO_ANSWERS,
    agreed: Collection[str] = (),
    by: Actor,
    now: datetime,
) -> ImportResult:
    """Add every record that is new; one audit entry tells of it. Does not commit.

    Args:
        answers: to the questions of the review.
        agreed: codes of what the person ticked when confirming.
    """
    # Two imports into one ward take turns: the second sees what the first added.
    await db.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"import {kind.name} {ward_id}"}
    )
    rows = await match_known(db, kind, ward_id, parsed, answers)
    saved = await kind.save(db, ward_id, rows, agreed=agreed, by=by, now=now)
    await remember_left_out(db, kind.name, ward_id, rows.questions, by=by, now=now)
    result = ImportResult(
        read=parsed.read,
        saved=saved.count,
        already_known=rows.already_known,
        header=parsed.header,
        doubtful=rows.doubtful,
        updated=len(rows.changes),
        skipped=rows.skipped,
        unanswered=[question.row for question in rows.open_questions],
        numbers=sum(sheet.numbers for sheet in parsed.sheets),
        not_agreed=saved.not_agreed if saved.count else (),
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
    if parsed.no_list:
        raise NoTableFound(parsed.no_list)
    return await save_list(db, kind, ward_id, parsed, agreed=agreed, by=by, now=now)
