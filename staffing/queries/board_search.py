"""Searching the board of a week for a helper by name or phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.search import people_query
from trainers.models import Trainer

FOUND = 12


@dataclass(frozen=True, slots=True)
class FoundHelpers:
    """Ids of the helpers who match, those of the ward first; `more`: others match too."""

    ids: Sequence[int] = ()
    more: bool = False


async def find_helpers(db: AsyncSession, ward_id: str, typed: str, *, by: Actor) -> FoundHelpers:
    """Helpers `by` may see whose name or phone matches, `FOUND` at most; one statement.

    Nothing searchable finds nobody.
    """
    wards = None
    if not by.everywhere(Permission.SEE_PEOPLE):
        wards = by.wards(Permission.SEE_PEOPLE) | {ward_id}
    query = people_query(typed, wards=wards)
    if query is None:
        return FoundHelpers()
    statement = (
        select(Trainer.id)
        .where(Trainer.left_at.is_(None), Trainer.search.op("@@")(func.to_tsquery("simple", query)))
        .order_by((Trainer.ward_id == ward_id).desc(), Trainer.sort_key, Trainer.id)
        .limit(FOUND + 1)
    )
    ids = (await db.scalars(statement)).all()
    return FoundHelpers(ids[:FOUND], len(ids) > FOUND)
