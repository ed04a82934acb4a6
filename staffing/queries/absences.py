"""When a helper is away, and which sessions lie in that time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import start_of_day
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.queries.places import with_session_and_place
from staffing.models import Absence
from trainers.models import Trainer

MOST_SHOWN = 200


async def coming_absences(db: AsyncSession, trainer_id: int, *, today: date) -> Sequence[Absence]:
    """Absences that are not over, earliest first; one statement."""
    found = await db.scalars(
        select(Absence)
        .where(Absence.trainer_id == trainer_id, Absence.last >= today, Absence.cancelled_at.is_(None))
        .order_by(Absence.first, Absence.id)
        .limit(MOST_SHOWN)
    )
    return found.all()


def wards_given_back(trainer: Trainer, by: Actor) -> frozenset[str] | None:
    """Wards whose sessions are given back when `by` says that a helper is away; None means all."""
    own = by.user_id is not None and trainer.user_id == by.user_id
    return None if own or by.everywhere(Permission.PLAN) else by.wards(Permission.PLAN)


async def assignments_within(
    db: AsyncSession,
    trainer_id: int,
    first: date,
    last: date,
    *,
    now: datetime,
    wards: frozenset[str] | None = None,
    drafts: bool = True,
) -> Sequence[Assignment]:
    """What a helper was asked into or accepted from `first` to `last` and has not begun; one statement.

    Sessions are loaded with their places.

    Args:
        wards: of the sessions; None means all.
        drafts: those that are not published, too.
    """
    statement = (
        select(Assignment)
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .where(
            Assignment.trainer_id == trainer_id,
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            Assignment.starts_at >= start_of_day(first),
            Assignment.starts_at < start_of_day(last + timedelta(days=1)),
            Assignment.starts_at > now,
            ClassSession.cancelled_at.is_(None),
        )
        .options(*with_session_and_place())
        .order_by(Assignment.starts_at, Assignment.id)
        .execution_options(populate_existing=True)
    )
    if wards is not None:
        statement = statement.where(Assignment.ward_id.in_(wards))
    if not drafts:
        statement = statement.where(ClassSession.published_at.is_not(None))
    return (await db.scalars(statement)).all()
