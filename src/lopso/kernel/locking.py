"""Rows of a ward, locked for a change."""

from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from lopso.kernel.errors import NotFound


class WardRow(Protocol):
    """A model whose rows belong to wards."""

    id: Mapped[Any]
    ward_id: Mapped[Any]


T = TypeVar("T", bound=WardRow)


async def locked_row(
    db: AsyncSession, kind: type[T], ward_id: str, row_id: int, *, key_share: bool = False
) -> T:
    """The ward's row of this id, locked against other changes until the transaction ends.

    Args:
        key_share: transactions that only insert rows pointing at this one need not wait.

    Raises:
        NotFound: no such row, or one of another ward.
    """
    row = await db.scalar(
        select(kind).where(kind.id == row_id, kind.ward_id == ward_id).with_for_update(key_share=key_share)
    )
    if row is None:
        raise NotFound
    return row
