"""A helper's own assignments, coming and past."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from lopso.kernel.access import Actor
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.queries.places import PlaceText, place_of, with_place
from trainers.models import Trainer
from venues.models import Ward

ROLL_OPENS = timedelta(hours=12)
"""How long before a session its roll call is offered, so that it can be looked at on the way."""

ROLL_STAYS = timedelta(days=3)
"""How long after a session what was forgotten can still be entered from one's own page."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else in the same session."""

    name: str
    role: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class HelperAssignment:
    """One session a helper was asked into, with the latest assignment.

    Attributes:
        called_off: the session was cancelled while this helper was in it; the reason is beside it.
        colleagues: those who teach first, by given name.
        unanswered_later: later sessions of the same series, on this page, that wait for an answer as well.
    """

    assignment: Assignment
    session: ClassSession
    place: PlaceText
    colleagues: Sequence[Colleague]
    unanswered_later: int = 0

    @property
    def called_off(self) -> bool:
        """Whether the session was cancelled while this helper was in it."""
        at, row = self.session.cancelled_at, self.assignment
        if at is None:
            return False
        ended_with_it = row.state == "withdrawn" and row.answered_at is not None and row.answered_at >= at
        return row.state in ASSIGNMENT_ACTIVE or ended_with_it

    def may_answer(self, now: datetime) -> bool:
        """Whether an answer still counts."""
        return self.session.cancelled_at is None and self.session.starts_at > now

    def is_waiting(self, now: datetime) -> bool:
        """Whether the helper was asked and has not answered, and an answer still counts."""
        return self.assignment.state == "offered" and self.may_answer(now)

    def roll_is_open(self, now: datetime) -> bool:
        """Whether it is time to offer the roll call."""
        if self.assignment.state != "accepted" or self.session.cancelled_at is not None:
            return False
        return self.session.starts_at - ROLL_OPENS <= now <= self.session.ends_at + ROLL_STAYS


@dataclass(frozen=True, slots=True)
class OwnTrainer:
    """The helper behind a log-in, and whom to call."""

    trainer: Trainer
    ward: Ward


async def own_trainer(db: AsyncSession, actor: Actor) -> OwnTrainer | None:
    """The helper this account belongs to; None for accounts of nobody who helps. One statement."""
    if actor.user_id is None:
        return None
    row = (
        await db.execute(
            select(Trainer, Ward)
            .join(Ward, Ward.id == Trainer.ward_id)
            .where(Trainer.user_id == actor.user_id, Trainer.left_at.is_(None))
        )
    ).one_or_none()
    return OwnTrainer(row[0], row[1]) if row else None


async def coming_assignments(
    db: AsyncSession, trainer_id: int, *, now: datetime, number: int = 1
) -> Page[HelperAssignment]:
    """Published sessions not yet over, soonest first; three statements. Drafts are left out."""
    return await _jobs(db, trainer_id, Assignment.ends_at > now, number=number, newest_first=False)


async def past_assignments(
    db: AsyncSession, trainer_id: int, *, now: datetime, number: int = 1
) -> Page[HelperAssignment]:
    """Published sessions that are over, latest first; three statements."""
    return await _jobs(db, trainer_id, Assignment.ends_at <= now, number=number, newest_first=True)


async def own_assignment(db: AsyncSession, trainer_id: int, assignment_id: int) -> HelperAssignment | None:
    """One assignment of this helper, in a published session; two statements."""
    statement = _rows().where(*_concerning(trainer_id), Assignment.id == assignment_id)
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        return None
    assignment, session = row
    people = await _colleagues(db, [session.id], trainer_id)
    return HelperAssignment(assignment, session, place_of(session), people[session.id])


async def today_and_unanswered(db: AsyncSession, trainer_id: int, *, now: datetime) -> tuple[int, int]:
    """How many sessions are today (in Huế), and how many offers wait for an answer; one statement."""
    today = clock.start_of_day(clock.local_day(now))
    not_over = and_(ClassSession.published_at.is_not(None), ClassSession.cancelled_at.is_(None))
    row = (
        await db.execute(
            select(
                func.count().filter(
                    ClassSession.starts_at >= today,
                    ClassSession.starts_at < today + timedelta(days=1),
                    Assignment.state.in_(ASSIGNMENT_ACTIVE),
                ),
                func.count().filter(Assignment.state == "offered", ClassSession.starts_at > now),
            )
            .select_from(Assignment)
            .join(ClassSession, ClassSession.id == Assignment.session_id)
            .where(Assignment.trainer_id == trainer_id, Assignment.starts_at >= today, not_over)
        )
    ).one()
    return row[0], row[1]


def _concerning(trainer_id: int) -> tuple[ColumnElement[bool], ...]:
    """Assignments that concern the helper: none in drafts, none that ended before a cancellation."""
    return (
        Assignment.trainer_id == trainer_id,
        ClassSession.published_at.is_not(None),
        or_(
            ClassSession.cancelled_at.is_(None),
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            Assignment.answered_at >= ClassSession.cancelled_at,
        ),
    )


def _rows() -> Select[Assignment, ClassSession]:
    return (
        select(Assignment, ClassSession)
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .options(*with_place())
        .execution_options(populate_existing=True)
    )


async def _jobs(
    db: AsyncSession, trainer_id: int, when: ColumnElement[bool], *, number: int, newest_first: bool
) -> Page[HelperAssignment]:
    # Somebody taken off and asked again has two rows: only the last one counts.
    latest = (
        select(func.max(Assignment.id))
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .where(*_concerning(trainer_id), when)
        .group_by(Assignment.session_id)
    )
    total = await db.scalar(select(func.count()).select_from(latest.subquery()))
    start = Assignment.starts_at.desc() if newest_first else Assignment.starts_at.asc()
    statement = _rows().where(Assignment.id.in_(latest)).order_by(start, Assignment.session_id)
    rows = (await db.execute(statement.limit(PAGE_SIZE).offset(offset(number)))).all()
    people = await _colleagues(db, [session.id for _row, session in rows], trainer_id)
    jobs = [
        HelperAssignment(row, session, place_of(session), people[session.id], _waiting_after(place, rows))
        for place, (row, session) in enumerate(rows)
    ]
    return Page(jobs, max(1, number), total or 0)


def _waiting_after(place: int, rows: Sequence[Row[Assignment, ClassSession]]) -> int:
    row, session = rows[place]
    if row.state != "offered" or session.series_id is None:
        return 0
    return sum(
        other.state == "offered" and later.series_id == session.series_id and later.cancelled_at is None
        for other, later in rows[place + 1 :]
    )


async def _colleagues(
    db: AsyncSession, session_ids: Collection[int], trainer_id: int
) -> Mapping[int, Sequence[Colleague]]:
    statement = (
        select(Assignment.session_id, Trainer.full_name, Assignment.role, Assignment.state)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(
            Assignment.session_id.in_(session_ids),
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            Assignment.trainer_id != trainer_id,
        )
        .order_by(Assignment.role.desc(), Trainer.sort_key, Trainer.id)
    )
    people: dict[int, list[Colleague]] = {session_id: [] for session_id in session_ids}
    for row in await db.execute(statement):
        people[row.session_id].append(Colleague(row.full_name, row.role, row.state == "accepted"))
    return people
