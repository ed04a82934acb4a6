"""Which sessions of a series a change is meant for, across the series that earlier changes split off."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession, Series
from scheduling.queries.places import with_place

SeriesScope = Literal["following", "all"]
"""Which sessions of a series: this one and those after it, or every one still to come."""

RULE_START: ColumnElement[datetime] = func.coalesce(ClassSession.rule_start, ClassSession.starts_at)
"""Where the rule of its series puts a session, wherever it was moved by itself."""


def family_of(ward_id: str, series_id: int | None) -> Select[int]:
    """Ids of the series that were one before changes split them, this one among them."""
    return _related(Series.ward_id == ward_id, Series.id == series_id)


def families_of(session_ids: Collection[int]) -> Select[int]:
    """The same for the series of these sessions."""
    return _related(Series.id.in_(select(ClassSession.series_id).where(ClassSession.id.in_(session_ids))))


def _related(*first: ColumnElement[bool]) -> Select[int]:
    family = (
        select(Series.ward_id, Series.id, Series.split_from_id).where(*first).cte("family", recursive=True)
    )
    related = select(Series.ward_id, Series.id, Series.split_from_id).where(
        Series.ward_id == family.c.ward_id,
        or_(Series.split_from_id == family.c.id, Series.id == family.c.split_from_id),
    )
    family = family.union(related)
    return select(family.c.id)


async def in_scope(
    db: AsyncSession, anchor: ClassSession, scope: SeriesScope, now: datetime
) -> Sequence[ClassSession]:
    """Sessions of the anchor's series still to come and not cancelled, with place, earliest first.

    Also those of the series that were one with it before a change split them; one statement.
    """
    since = [(anchor.rule_start or anchor.starts_at) <= RULE_START] if scope == "following" else []
    return await _standing(db, anchor, ClassSession.starts_at > now, *since)


async def standing_meetings(db: AsyncSession, anchor: ClassSession, now: datetime) -> Sequence[ClassSession]:
    """The same, and those that are under way, whatever the scope; one statement."""
    return await _standing(db, anchor, ClassSession.ends_at > now)


async def _standing(db: AsyncSession, anchor: ClassSession, *conditions: Any) -> Sequence[ClassSession]:
    found = await db.scalars(
        select(ClassSession)
        .options(*with_place())
        .where(
            ClassSession.ward_id == anchor.ward_id,
            ClassSession.series_id.in_(family_of(anchor.ward_id, anchor.series_id)),
            ClassSession.cancelled_at.is_(None),
            *conditions,
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return found.all()
