"""Helpers who cannot come and whose place is still free: who, when they said so, why."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from lopso.kernel.paging import PAGE_SIZE, Page, offset
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.rules.commitments import AssignmentRole
from scheduling.rules.dropouts import is_urgent
from trainers.models import Trainer


class Dropout(NamedTuple):
    """Somebody who cannot come to a coming session, in a role that still lacks people.

    Attributes:
        at: when they said so, or a coordinator noted it.
    """

    assignment_id: int
    session_id: int
    ward_id: str
    title: str
    starts_at: datetime
    trainer_id: int
    name: str
    role: str
    reason: str
    at: datetime

    def is_urgent(self, now: datetime) -> bool:
        """Whether the session begins within a day."""
        return is_urgent(self.starts_at, now)


async def unfilled_dropouts(
    db: AsyncSession,
    *,
    wards: Collection[str] | None,
    since: datetime,
    until: datetime,
    number: int = 1,
    size: int = PAGE_SIZE,
) -> Page[Dropout]:
    """Dropouts of standing sessions that begin in ``(since, until)``, soonest first; one statement.

    Args:
        wards: codes of the wards of the sessions; None looks in the whole city.
    """
    statement = (
        _dropouts()
        .where(
            has_dropped_out(),
            role_lacks_people(),
            Assignment.starts_at > since,
            Assignment.starts_at < until,
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.starts_at, Assignment.answered_at.desc(), Assignment.id)
        .limit(size)
        .offset(offset(number, size))
    )
    if wards is not None:
        statement = statement.where(Assignment.ward_id.in_(wards))
    rows = (await db.execute(statement)).all()
    return Page([Dropout._make(row[:-1]) for row in rows], max(1, number), rows[0][-1] if rows else 0, size)


def has_dropped_out(row: Any = Assignment) -> ColumnElement[bool]:
    """Whether somebody declined a session in which they are not again.

    Who declined it twice counts once, the last time.

    Args:
        row: the assignment in the statement, or an alias of it.
    """
    again = aliased(Assignment)
    superseded = exists().where(
        again.session_id == row.session_id,
        again.trainer_id == row.trainer_id,
        or_(again.state.in_(ASSIGNMENT_ACTIVE), and_(again.state == "declined", again.id > row.id)),
    )
    return and_(row.state == "declined", ~superseded)


def role_lacks_people() -> ColumnElement[bool]:
    """Whether the role of an Assignment is still to be filled in its ClassSession, both in the statement."""
    missing = case(
        (Assignment.role == "trainer", missing_in_role("trainer")), else_=missing_in_role("helper")
    )
    return missing > 0


def missing_in_role(role: AssignmentRole) -> ColumnElement[int]:
    """How many more people of a role a ClassSession of the statement needs than are asked, 0 at least."""
    there = (
        select(func.count())
        .where(
            Assignment.session_id == ClassSession.id,
            Assignment.role == role,
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
        )
        .correlate(ClassSession)
        .scalar_subquery()
    )
    need = ClassSession.need_trainers if role == "trainer" else ClassSession.need_helpers
    return func.greatest(need - there, 0)


def _dropouts() -> Any:
    """The columns of `Dropout`, and how many there are."""
    return (
        select(
            Assignment.id,
            ClassSession.id,
            ClassSession.ward_id,
            ClassSession.title,
            ClassSession.starts_at,
            Trainer.id,
            Trainer.full_name,
            Assignment.role,
            Assignment.reason,
            Assignment.answered_at,
            func.count().over(),
        )
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
    )
