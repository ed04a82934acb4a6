"""Coming sessions that need more people than were asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.paging import Page, offset
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.queries.places import with_place
from scheduling.rules.commitments import AssignmentRole
from staffing.rules.picks import RoleInSession

SHORT_SESSIONS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ShortSession:
    """A session, its place loaded, and how many of each role are asked or have accepted."""

    session: ClassSession
    trainers: int
    helpers: int

    def missing(self, role: AssignmentRole) -> int:
        """How many more to ask."""
        wanted, asked = (
            (self.session.need_trainers, self.trainers)
            if role == "trainer"
            else (self.session.need_helpers, self.helpers)
        )
        return max(0, wanted - asked)


async def short_sessions(
    db: AsyncSession,
    ward_id: str,
    *,
    since: datetime,
    until: datetime,
    number: int = 1,
    also: Collection[int] = (),
) -> Page[ShortSession]:
    """Short sessions of a ward that begin in ``[since, until)``, earliest first; two statements.

    Drafts are among them, cancelled ones are not.

    Args:
        also: ids of sessions that are shown with the page even if they are not short any more.
    """
    people = _people()
    window = [
        ClassSession.ward_id == ward_id,
        ClassSession.starts_at >= since,
        ClassSession.starts_at < until,
        ClassSession.cancelled_at.is_(None),
    ]
    short = _short(people)
    counted = select(func.count()).select_from(ClassSession).join(people, ClassSession.id == ClassSession.id)
    total = await db.scalar(counted.where(*window, short)) or 0
    statement = (
        select(ClassSession, people.c.trainers, people.c.helpers)
        .join(people, ClassSession.id == ClassSession.id)
        .where(*window, or_(short, ClassSession.id.in_(also)))
        .options(*with_place())
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(SHORT_SESSIONS_SHOWN)
        .offset(offset(number, SHORT_SESSIONS_SHOWN))
    )
    rows = [ShortSession(*row) for row in await db.execute(statement)]
    return Page(rows, max(1, number), max(total, len(rows)), SHORT_SESSIONS_SHOWN)


async def next_short_session(db: AsyncSession, ward_id: str, *, since: datetime) -> ShortSession | None:
    """The first short session of a ward from `since` on; one statement."""
    people = _people()
    statement = (
        select(ClassSession, people.c.trainers, people.c.helpers)
        .join(people, ClassSession.id == ClassSession.id)
        .where(
            ClassSession.ward_id == ward_id,
            ClassSession.starts_at >= since,
            ClassSession.cancelled_at.is_(None),
            _short(people),
        )
        .options(*with_place())
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(1)
    )
    row = (await db.execute(statement)).first()
    return ShortSession(*row) if row else None


async def missing_people(db: AsyncSession, session_ids: Collection[int]) -> Mapping[RoleInSession, int]:
    """How many people each role of these sessions still lacks; one statement."""
    people = _people()
    statement = (
        select(ClassSession, people.c.trainers, people.c.helpers)
        .join(people, ClassSession.id == ClassSession.id)
        .where(ClassSession.id.in_(session_ids))
    )
    roles: Sequence[AssignmentRole] = ("trainer", "helper")
    return {
        RoleInSession(each.session.id, role): each.missing(role)
        for each in [ShortSession(*row) for row in await db.execute(statement)]
        for role in roles
    }


def _short(people: Any) -> ColumnElement[bool]:
    return or_(ClassSession.need_trainers > people.c.trainers, ClassSession.need_helpers > people.c.helpers)


def _people() -> Any:
    """People asked or accepted, by role; a lateral with one row for each session."""
    return (
        select(
            func.count().filter(Assignment.role == "trainer").label("trainers"),
            func.count().filter(Assignment.role == "helper").label("helpers"),
        )
        .where(Assignment.session_id == ClassSession.id, Assignment.state.in_(ASSIGNMENT_ACTIVE))
        .correlate(ClassSession)
        .lateral("people")
    )
