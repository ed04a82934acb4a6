"""Rows that a person left out when asked who they are: the ward's next list does not ask about them again.

Of a row only a digest is kept: who was left out is not written down.
"""

import dataclasses
import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ForeignKey, Index, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.access import Actor
from lopso.kernel.db import Base, Instant, WardId
from lopso.kernel.workbook.answers import SKIP
from lopso.kernel.workbook.matching import Question

T = TypeVar("T")

KEPT = timedelta(days=730)
_NOT_COMPARED = {"note"}


class LeftOutRow(Base):
    """A row that a person left out, by the digest of what it says; `left_out_at` is the last time."""

    __tablename__ = "left_out_row"
    __table_args__ = (Index("ix_left_out_row_left_out_at", "left_out_at"),)

    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    left_out_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    left_out_at: Mapped[Instant]


def digest_of(draft: Any) -> str:
    """Return what two rows that say the same share, remarks apart; hex of SHA-256.

    Empty fields do not count, so that a draft may gain fields without a row being asked about again.
    """
    values = {
        name: value
        for name, value in dataclasses.asdict(draft).items()
        if value and name not in _NOT_COMPARED
    }
    written = json.dumps(values, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


async def left_out_before(
    db: AsyncSession, kind: str, ward_id: str, digests: Collection[str]
) -> frozenset[str]:
    """Return which of these rows were left out of an earlier list; at most one statement."""
    if not digests:
        return frozenset()
    found = await db.scalars(
        select(LeftOutRow.digest).where(
            LeftOutRow.ward_id == ward_id, LeftOutRow.kind == kind, LeftOutRow.digest.in_(digests)
        )
    )
    return frozenset(found)


async def remember_left_out(
    db: AsyncSession,
    kind: str,
    ward_id: str,
    questions: Iterable[Question[T]],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Keep which rows were left out, and forget those that were answered otherwise. Does not commit."""
    left_out = {digest_of(each.row.draft): each.answer == SKIP for each in questions}
    forgotten = [digest for digest, skipped in left_out.items() if not skipped]
    if forgotten:
        await db.execute(
            delete(LeftOutRow).where(
                LeftOutRow.ward_id == ward_id, LeftOutRow.kind == kind, LeftOutRow.digest.in_(forgotten)
            )
        )
    values = [
        {"ward_id": ward_id, "kind": kind, "digest": digest, "left_out_by": by.user_id, "left_out_at": now}
        for digest, skipped in sorted(left_out.items())
        if skipped
    ]
    if values:
        statement = insert(LeftOutRow)
        changed = {name: statement.excluded[name] for name in ("left_out_by", "left_out_at")}
        await db.execute(
            statement.on_conflict_do_update(index_elements=["ward_id", "kind", "digest"], set_=changed),
            values,
        )


async def clear_left_out_rows(db: AsyncSession, *, now: datetime) -> int:
    """Delete rows that were not left out again for two years; how many. Does not commit."""
    old = delete(LeftOutRow).where(LeftOutRow.left_out_at < now - KEPT).returning(LeftOutRow.digest)
    return len((await db.execute(old)).all())
