"""A list that was uploaded and parsed, waiting for confirmation.

Nothing of it is in the packages' own tables yet. The file itself is not kept, nor its name; its cells are,
without what must not be stored, so that it can be read in another way. Once saved, only the rows to be
corrected stay. What nobody confirmed is deleted after a week.
"""

import dataclasses
import hashlib
import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, Uuid, cast, delete, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.access import Actor
from lopso.kernel.db import Base, Instant, WardId
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.answers import NO_ANSWERS, Answers
from lopso.kernel.workbook.choices import ReadingChoices
from lopso.kernel.workbook.kinds import ListKind
from lopso.kernel.workbook.packing import doubtful_row, unpacked
from lopso.kernel.workbook.parsing_process import ParsedFile, parse_again
from lopso.kernel.workbook.remembered import remembered_choices
from lopso.kernel.workbook.results import ImportResult, ParsedList

T = TypeVar("T")

KEPT = timedelta(days=7)


class StagedFormChanged(Refused):
    """The list was staged by another version of the program, in a form that this one cannot read."""

    def __init__(self) -> None:
        super().__init__(_("Danh sách này được đọc bằng phiên bản khác của Lớp Số. Xin gửi lại tệp."))


class StagedImport(Base):
    """One uploaded list, as parsed.

    Attributes:
        digest: SHA-256 of the file.
        sheets: `ParsedFile.sheets`, until the list is saved.
        choices: `ReadingChoices` of a person, without remembered ones.
        answers: `Answers` to the questions of the review.
    """

    __tablename__ = "staged_import"
    __table_args__ = (
        CheckConstraint("kind IN ('learners', 'teams', 'plan')", name="kind"),
        Index("ix_staged_import_made_at", "made_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    kind: Mapped[str]
    digest: Mapped[str]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    made_at: Mapped[Instant]
    parsed: Mapped[dict[str, Any]] = mapped_column("understood")
    sheets: Mapped[bytes | None] = mapped_column(deferred=True)
    choices: Mapped[dict[str, Any] | None]
    answers: Mapped[dict[str, Any] | None]
    saved_at: Mapped[Instant | None]
    result: Mapped[dict[str, Any] | None]


async def stage(
    db: AsyncSession,
    *,
    kind: str,
    ward_id: str,
    data: bytes,
    parsed: ParsedFile,
    by: Actor,
    now: datetime,
) -> StagedImport:
    """Keep what was read of a file until it is confirmed. Does not commit."""
    await clear_staged_imports(db, now=now)
    staged = StagedImport(
        id=uuid.uuid4(),
        ward_id=ward_id,
        kind=kind,
        digest=hashlib.sha256(data).hexdigest(),
        made_by=by.user_id,
        made_at=now,
        parsed=_as_it_came(parsed),
        sheets=parsed.sheets,
    )
    db.add(staged)
    await db.flush()
    return staged


async def clear_staged_imports(db: AsyncSession, *, now: datetime) -> int:
    """Delete lists older than a week, saved or not; how many. Does not commit."""
    old = delete(StagedImport).where(StagedImport.made_at < now - KEPT).returning(StagedImport.id)
    return len((await db.execute(old)).all())


def _as_it_came(parsed: ParsedFile) -> Any:
    """The list as an expression for the database: this process never decodes it."""
    return cast(literal(parsed.json.decode("ascii"), Text), JSONB)


async def parse_staged_again(
    db: AsyncSession,
    kind: ListKind[Any, Any],
    staged: StagedImport,
    choices: ReadingChoices,
    *,
    now: datetime,
) -> ParsedFile:
    """Read a staged list in another way; answers given so far are dropped. Does not commit.

    Raises:
        StagedFormChanged: it was saved, or staged before lists could be read again.
        WorkbookRefused: read so, it is too big or too slow.
    """
    sheets = await db.scalar(select(StagedImport.sheets).where(StagedImport.id == staged.id))
    if sheets is None:
        raise StagedFormChanged
    remembered = await remembered_choices(db, kind.name, staged.ward_id)
    context = await kind.context(db, staged.ward_id, now)
    parsed = await parse_again(kind, sheets, context, msgspec.structs.replace(choices, remembered=remembered))
    staged.parsed = _as_it_came(parsed)
    staged.choices = msgspec.to_builtins(choices, str_keys=True)
    staged.answers = None
    await db.flush()
    return parsed


def choices_of(staged: StagedImport) -> ReadingChoices:
    """Return what a person chose about reading a list."""
    return msgspec.convert(staged.choices or {}, ReadingChoices, str_keys=True)


def answers_of(staged: StagedImport) -> Answers:
    """Return what was answered so far."""
    return staged.answers or NO_ANSWERS


def answer(staged: StagedImport, rows: Collection[str], given: str) -> None:
    """Note one answer for some rows; "" takes an answer back. Does not commit."""
    kept = {row: each for row, each in answers_of(staged).items() if row not in rows}
    staged.answers = kept | (dict.fromkeys(rows, given) if given else {})


async def staged_in(
    db: AsyncSession, kind: str, ward_id: str, staged_id: str, *, lock: bool = False
) -> StagedImport:
    """Return a list of this kind and ward that waits or was saved; `staged_id` as an address has it.

    Raises:
        NotFound: none, of another ward, or deleted.
    """
    try:
        wanted = uuid.UUID(staged_id)
    except ValueError:
        raise NotFound from None
    query = select(StagedImport).where(
        StagedImport.id == wanted, StagedImport.kind == kind, StagedImport.ward_id == ward_id
    )
    staged = await db.scalar(query.with_for_update() if lock else query)
    if staged is None:
        raise NotFound
    return staged


async def discard(db: AsyncSession, staged: StagedImport) -> None:
    """Delete a staged list. What was saved of it stays. Does not commit."""
    await db.delete(staged)


def parsed_list_of(staged: StagedImport, from_json: Callable[[dict[str, Any]], T]) -> ParsedList[T]:
    """Return what was read; `from_json` makes a draft of its JSON form.

    Raises:
        StagedFormChanged: another version of the program wrote it, in another form.
    """
    try:
        return unpacked(staged.parsed, from_json)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StagedFormChanged from error


def mark_saved(staged: StagedImport, result: ImportResult, *, now: datetime) -> None:
    """Keep the result of the import; of its rows only those to be corrected stay."""
    staged.saved_at = now
    staged.result = {
        "read": result.read,
        "saved": result.saved,
        "already_known": result.already_known,
        "updated": result.updated,
        "skipped": result.skipped,
        "not_agreed": list(result.not_agreed),
        "header": list(result.header),
        "doubtful": [dataclasses.asdict(row) for row in result.doubtful],
    }
    staged.parsed = {**staged.parsed, "good": [], "doubtful": [], "columns": [], "outlines": []}
    staged.sheets = staged.answers = None


def result_of(staged: StagedImport) -> ImportResult | None:
    """Return what the import did, or None while it waits."""
    if staged.result is None:
        return None
    kept = staged.result
    return ImportResult(
        read=kept["read"],
        saved=kept["saved"],
        already_known=kept["already_known"],
        header=kept["header"],
        doubtful=[doubtful_row(row) for row in kept["doubtful"]],
        updated=kept.get("updated", 0),
        skipped=kept.get("skipped", 0),
        not_agreed=kept.get("not_agreed", ()),
    )
