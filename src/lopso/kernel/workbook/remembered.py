"""How a ward's lists of one look are read: what a person chose once holds for the next one."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.access import Actor
from lopso.kernel.db import Base, Instant, WardId
from lopso.kernel.workbook.choices import HeaderLook, ReadingChoices, RememberedChoice
from lopso.kernel.workbook.outlines import SheetOutline

_MOST = 50  # lately chosen looks of a ward and kind


class ListLook(Base):
    """The columns of lists with one header row, as a person chose them.

    Attributes:
        digest: of the header texts, which may be long. header: the texts, folded; no cell below them.
        fields: one name a column, "" for a column kept as a remark.
    """

    __tablename__ = "list_look"
    __table_args__ = (CheckConstraint("cardinality(header) > 0", name="has_header"),)

    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    header: Mapped[list[str]] = mapped_column(ARRAY(Text))
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    chosen_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    chosen_at: Mapped[Instant]


async def remembered_choices(db: AsyncSession, kind: str, ward_id: str) -> tuple[RememberedChoice, ...]:
    """Return what was chosen for lists of this kind and ward, latest first; one statement."""
    rows = await db.scalars(
        select(ListLook)
        .where(ListLook.ward_id == ward_id, ListLook.kind == kind)
        .order_by(ListLook.chosen_at.desc(), ListLook.digest)
        .limit(_MOST)
    )
    return tuple(RememberedChoice(look=tuple(row.header), fields=tuple(row.fields)) for row in rows)


async def remember(
    db: AsyncSession,
    kind: str,
    ward_id: str,
    outlines: Iterable[SheetOutline],
    choices: ReadingChoices,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Keep what a person chose for sheets with a header row; later choices replace it. Does not commit."""
    for outline in outlines:
        choice = choices.sheets.get(outline.name)
        if choice is None or not any(outline.look) or choice.header != outline.header:
            continue
        taken = {column.index: column.field for column in outline.columns}
        fields = [taken.get(index, "") for index in range(max(taken, default=-1) + 1)]
        values = {"header": list(outline.look), "fields": fields, "chosen_by": by.user_id, "chosen_at": now}
        statement = insert(ListLook).values(
            ward_id=ward_id, kind=kind, digest=_digest(outline.look), **values
        )
        await db.execute(
            statement.on_conflict_do_update(index_elements=["ward_id", "kind", "digest"], set_=values)
        )


def _digest(look: HeaderLook) -> str:
    return hashlib.sha256("\n".join(look).encode()).hexdigest()
