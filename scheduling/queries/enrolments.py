"""Enrolments of a session, its waiting list, and learners to enrol."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from learners.models import Learner
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from scheduling.models import ClassSession, Enrolment

SHOWN = 50
PRINTED = 5000  # the largest capacity the database allows


@dataclass(frozen=True, slots=True)
class OverlappingSeat:
    """Another session in which a learner has a seat at the same time. Times in UTC."""

    session_id: int
    title: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class WaitlistEntry:
    """Somebody on the waiting list; `position` from 1."""

    enrolment: Enrolment
    position: int


async def roster(db: AsyncSession, session: ClassSession, *, number: int = 1) -> Page[Enrolment]:
    """A page of those with a seat, by given name; two statements."""
    enrolled = _of(session, "enrolled")
    total = await db.scalar(
        select(func.count()).where(Enrolment.session_id == session.id, Enrolment.state == "enrolled")
    )
    statement = enrolled.order_by(Learner.sort_key, Learner.id).limit(PAGE_SIZE).offset(offset(number))
    return Page((await db.scalars(statement)).all(), max(1, number), total or 0)


def free_seats() -> ColumnElement[int]:
    """SQL: seats of the ClassSession in the statement that nobody waits for; below 0 when more wait."""
    waiting = (
        select(func.count())
        .where(Enrolment.session_id == ClassSession.id, Enrolment.state == "waitlisted")
        .correlate(ClassSession)
        .scalar_subquery()
    )
    return ClassSession.capacity - ClassSession.seats_taken - waiting


async def free_seats_in(db: AsyncSession, session_ids: Collection[int]) -> dict[int, int]:
    """Seats that nobody waits for, by session; below 0 when more wait; one statement."""
    rows = await db.execute(select(ClassSession.id, free_seats()).where(ClassSession.id.in_(session_ids)))
    return {row[0]: row[1] for row in rows}


async def whole_roster(db: AsyncSession, session: ClassSession) -> Sequence[Enrolment]:
    """Everybody with a seat, by given name, to print; one statement."""
    statement = _of(session, "enrolled").order_by(Learner.sort_key, Learner.id).limit(PRINTED)
    return (await db.scalars(statement)).all()


async def waiting_total(db: AsyncSession, session: ClassSession) -> int:
    """How many wait; one statement."""
    statement = select(func.count()).where(
        Enrolment.session_id == session.id, Enrolment.state == "waitlisted"
    )
    return await db.scalar(statement) or 0


async def active_enrolment(db: AsyncSession, session_id: int, learner_id: int) -> Enrolment | None:
    """A learner's seat or place in the queue, learner loaded; one statement."""
    return await db.scalar(
        select(Enrolment)
        .where(
            Enrolment.session_id == session_id,
            Enrolment.learner_id == learner_id,
            Enrolment.state != "cancelled",
        )
        .options(joinedload(Enrolment.learner))
    )


async def learners_by_id(db: AsyncSession, ids: Collection[int]) -> Mapping[int, Learner]:
    """Learners with their neighbourhoods; one statement."""
    found = await db.scalars(
        select(Learner)
        .where(Learner.id.in_(ids))
        .options(joinedload(Learner.neighbourhood))
        .execution_options(populate_existing=True)
    )
    return {learner.id: learner for learner in found}


async def waitlist(db: AsyncSession, session: ClassSession) -> tuple[Sequence[WaitlistEntry], int]:
    """The first `SHOWN` who wait, first come first, and how many wait in all; two statements."""
    total = await waiting_total(db, session)
    statement = _of(session, "waitlisted").order_by(Enrolment.queued_at, Enrolment.id).limit(SHOWN)
    rows = (await db.scalars(statement)).all()
    return [WaitlistEntry(row, position) for position, row in enumerate(rows, 1)], total


async def cancelled_enrolments(db: AsyncSession, session: ClassSession) -> Sequence[Enrolment]:
    """The last `SHOWN` who gave up their seat, newest first; one statement."""
    statement = _of(session, "cancelled").order_by(Enrolment.cancelled_at.desc(), Enrolment.id).limit(SHOWN)
    return (await db.scalars(statement)).all()


async def overlapping_seats(
    db: AsyncSession, session_ids: Collection[int], learner_ids: Collection[int]
) -> Mapping[tuple[int, int], OverlappingSeat]:
    """A seat at the time of each given session, by (learner id, given session id); one statement."""
    wanted = select(ClassSession.id, ClassSession.during).where(ClassSession.id.in_(session_ids)).subquery()
    statement = (
        select(
            Enrolment.learner_id,
            wanted.c.id.label("wanted_id"),
            ClassSession.id,
            ClassSession.title,
            ClassSession.starts_at,
            ClassSession.ends_at,
        )
        .select_from(Enrolment)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .join(wanted, ClassSession.during.op("&&")(wanted.c.during))
        .where(
            Enrolment.learner_id.in_(learner_ids),
            Enrolment.state == "enrolled",
            ClassSession.cancelled_at.is_(None),
            ClassSession.id != wanted.c.id,
        )
        .order_by(ClassSession.starts_at.desc())
    )
    return {
        (row.learner_id, row.wanted_id): OverlappingSeat(row.id, row.title, row.starts_at, row.ends_at)
        for row in await db.execute(statement)
    }


def _of(session: ClassSession, state: str) -> Select[Enrolment]:
    return (
        select(Enrolment)
        .join(Learner, Learner.id == Enrolment.learner_id)
        .where(Enrolment.session_id == session.id, Enrolment.state == state)
        .options(joinedload(Enrolment.learner).joinedload(Learner.neighbourhood))
        .execution_options(populate_existing=True)
    )
