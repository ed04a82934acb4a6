"""Locks rows in one order, series, sessions, helpers, each by id, so that transactions never deadlock."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession, Series
from scheduling.queries.places import with_place
from trainers.models import Trainer


async def lock_series(db: AsyncSession, ids: Select[int]) -> Sequence[Series]:
    """The series by id as they now are; nobody else changes them or their rules until the end."""
    statement = (
        select(Series)
        .where(Series.id.in_(ids))
        .order_by(Series.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await db.scalars(statement)).all()


async def lock_sessions(db: AsyncSession, ids: Collection[int]) -> Sequence[ClassSession]:
    """The sessions as they now are, by id, with their places; nobody else changes them until the end."""
    statement = (
        select(ClassSession)
        .where(ClassSession.id.in_(ids))
        .order_by(ClassSession.id)
        .options(*with_place())
        .with_for_update(key_share=True, of=ClassSession)
        .execution_options(populate_existing=True)
    )
    return (await db.scalars(statement)).all()


async def lock_helpers(db: AsyncSession, ids: Collection[int]) -> Sequence[Trainer]:
    """The helpers by id, so that two bookings of one person run one after the other.

    Without it the exclusion constraint still holds, but two insertions may each wait for the other.
    """
    statement = (
        select(Trainer)
        .where(Trainer.id.in_(ids))
        .order_by(Trainer.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await db.scalars(statement)).all()
