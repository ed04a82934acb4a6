"""One session, or the sessions of one series, with place, course and people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import Forbidden
from scheduling.errors import SessionNotFound
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment, Series, SeriesSlot
from scheduling.queries.places import with_place
from scheduling.rules.clashes import Booking
from trainers.models import Trainer


async def session_to_plan(db: AsyncSession, actor: Actor, session_id: int) -> ClassSession:
    """A session with its place that this person may change; one statement.

    Raises:
        SessionNotFound: there is none, or this person does not see its ward's calendar.
        Forbidden: seen, but not this person's to plan.
    """
    session = await db.scalar(
        select(ClassSession).where(ClassSession.id == session_id).options(*with_place())
    )
    if session is None or not actor.may(Permission.PLAN, session.ward_id):
        seen = session is not None and actor.may(Permission.SEE_CALENDAR, session.ward_id)
        raise Forbidden if seen else SessionNotFound(session_id)
    return session


@dataclass(frozen=True, slots=True)
class StaffingCounts:
    """How many helpers of a session have accepted, by role, and how many have not answered."""

    trainers: int
    helpers: int
    asked: int


async def staffing_counts(db: AsyncSession, session_id: int) -> StaffingCounts:
    """Accepted and open offers of one session; one statement."""
    accepted = Assignment.state == "accepted"
    row = (
        await db.execute(
            select(
                func.count().filter(accepted, Assignment.role == "trainer"),
                func.count().filter(accepted, Assignment.role == "helper"),
                func.count().filter(Assignment.state == "offered"),
            ).where(Assignment.session_id == session_id)
        )
    ).one()
    return StaffingCounts(*row)


@dataclass(frozen=True, slots=True)
class AffectedPeople:
    """Who is notified of a change, each person counted once however many of the sessions concern them."""

    learners: int
    helpers: tuple[str, ...]

    @property
    def nobody(self) -> bool:
        """Whether nobody does."""
        return not self.learners and not self.helpers


async def affected_people(db: AsyncSession, session_ids: Collection[int]) -> AffectedPeople:
    """Learners enrolled or waiting, and helpers asked or accepted, by name; two statements."""
    learners = await db.scalar(
        select(func.count(Enrolment.learner_id.distinct())).where(
            Enrolment.session_id.in_(session_ids), Enrolment.state != "cancelled"
        )
    )
    helpers = await db.scalars(
        select(Trainer.full_name)
        .where(
            Trainer.id.in_(
                select(Assignment.trainer_id).where(
                    Assignment.session_id.in_(session_ids), Assignment.state.in_(ASSIGNMENT_ACTIVE)
                )
            )
        )
        .order_by(Trainer.sort_key, Trainer.id)
    )
    return AffectedPeople(learners or 0, tuple(helpers))


async def room_bookings(
    db: AsyncSession, room_id: int, *, since: datetime, until: datetime, without: Collection[int] = ()
) -> Sequence[Booking]:
    """What holds a room between two instants, earliest first, the sessions `without` left out."""
    rows = await db.execute(
        select(ClassSession.id, ClassSession.title, ClassSession.starts_at, ClassSession.ends_at)
        .where(
            ClassSession.room_id == room_id,
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at < until,
            ClassSession.ends_at > since,
            ClassSession.id.not_in(without),
        )
        .order_by(ClassSession.starts_at)
    )
    return [Booking(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class HelperBooking:
    """Another session that holds a helper of one of ours."""

    trainer_id: int
    helper: str
    ward_id: str
    booking: Booking


async def helper_bookings(
    db: AsyncSession, session_ids: Collection[int], *, since: datetime, until: datetime
) -> dict[int, list[HelperBooking]]:
    """By session, what else holds its helpers between two instants; one statement.

    Sessions among `session_ids` count too: their present times are in the answer.
    """
    mine, other = Assignment.__table__.alias("mine"), Assignment.__table__.alias("other")
    rows = await db.execute(
        select(
            mine.c.session_id,
            other.c.trainer_id,
            Trainer.full_name,
            ClassSession.ward_id,
            ClassSession.id,
            ClassSession.title,
            ClassSession.starts_at,
            ClassSession.ends_at,
        )
        .select_from(mine)
        .join(
            other,
            and_(other.c.trainer_id == mine.c.trainer_id, other.c.session_id != mine.c.session_id),
        )
        .join(Trainer, Trainer.id == mine.c.trainer_id)
        .join(ClassSession, ClassSession.id == other.c.session_id)
        .where(
            mine.c.session_id.in_(session_ids),
            mine.c.state.in_(ASSIGNMENT_ACTIVE),
            other.c.state.in_(ASSIGNMENT_ACTIVE),
            other.c.starts_at < until,
            other.c.ends_at > since,
        )
        .order_by(mine.c.session_id, ClassSession.starts_at, Trainer.sort_key)
    )
    found: dict[int, list[HelperBooking]] = {}
    for mine_id, trainer_id, name, ward_id, other_id, title, starts_at, ends_at in rows:
        booking = Booking(other_id, title, starts_at, ends_at)
        found.setdefault(mine_id, []).append(HelperBooking(trainer_id, name, ward_id, booking))
    return found


async def sessions_of_series(db: AsyncSession, ward_id: str, series_id: int) -> Sequence[ClassSession]:
    """Every session of a series, earliest first, with its place; one statement."""
    found = await db.scalars(
        select(ClassSession)
        .options(*with_place())
        .where(ClassSession.ward_id == ward_id, ClassSession.series_id == series_id)
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return found.all()


async def series_with_slots(
    db: AsyncSession, ward_id: str, series_id: int
) -> tuple[Series, Sequence[SeriesSlot]] | None:
    """A series and its weekly slots; two statements."""
    found = await db.scalar(select(Series).where(Series.ward_id == ward_id, Series.id == series_id))
    if found is None:
        return None
    slots = await db.scalars(
        select(SeriesSlot)
        .where(SeriesSlot.series_id == series_id)
        .order_by(SeriesSlot.weekday, SeriesSlot.starts_at)
    )
    return found, slots.all()


async def drafts_of_series(
    db: AsyncSession, session: ClassSession, *, now: datetime
) -> Sequence[ClassSession]:
    """Drafts of the session's series that are still to come, and itself if it is one; one statement."""
    beside = ClassSession.id == session.id
    if session.series_id is not None:
        beside = or_(beside, and_(ClassSession.series_id == session.series_id, ClassSession.starts_at > now))
    found = await db.scalars(
        select(ClassSession)
        .options(*with_place())
        .where(
            ClassSession.ward_id == session.ward_id,
            beside,
            ClassSession.published_at.is_(None),
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return found.all()
