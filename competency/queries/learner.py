"""A learner's page for staff: who it is, and how often they came."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.models import AttendanceMark
from attendance.queries import standing_mark
from learners.models import Learner
from lopso.kernel.errors import NotFound
from scheduling.models import ClassSession, Enrolment
from venues.models import Neighbourhood


@dataclass(frozen=True, slots=True)
class Visits:
    """How often somebody came; visits, not people.

    Attributes:
        expected: sessions begun, not cancelled, in which the learner had a seat.
        attended: of those, marked present, late or left early.
        excused: of those, absent with leave.
        unmarked: of those, nobody called the roll for this learner.
        extra: sessions attended without a seat.
    """

    expected: int
    attended: int
    excused: int
    unmarked: int
    extra: int


async def learner_in(db: AsyncSession, ward_id: str, learner_id: int) -> tuple[Learner, str | None]:
    """The learner and the name of their neighbourhood.

    Raises:
        NotFound: no such learner in this ward.
    """
    row = (
        await db.execute(
            select(Learner, Neighbourhood.name)
            .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
            .where(Learner.id == learner_id, Learner.ward_id == ward_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    learner, neighbourhood = row
    return learner, neighbourhood


async def visits(db: AsyncSession, learner_id: int, now: datetime) -> Visits:
    """The learner's attendance in numbers, up to `now`. One statement."""
    mark = standing_mark(
        AttendanceMark.mark, session_id=Enrolment.session_id, learner_id=Enrolment.learner_id
    ).scalar_subquery()
    seats = (
        select(mark.label("mark"))
        .select_from(Enrolment)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(Enrolment.learner_id == learner_id, Enrolment.state == "enrolled")
        .where(ClassSession.cancelled_at.is_(None), ClassSession.starts_at <= now)
        .subquery()
    )
    latest = latest_marks(learner_id)
    seat = exists().where(
        Enrolment.session_id == latest.c.session_id,
        Enrolment.learner_id == learner_id,
        Enrolment.state == "enrolled",
    )
    extra = select(func.count()).where(latest.c.is_present, ~seat).scalar_subquery()
    attended = seats.c.mark.in_(("present", "late", "left_early"))
    row = (
        await db.execute(
            select(
                func.count(),
                func.count().filter(attended),
                func.count().filter(seats.c.mark == "excused"),
                func.count().filter(or_(seats.c.mark.is_(None), seats.c.mark == "cleared")),
                extra,
            ).select_from(seats)
        )
    ).one()
    return Visits(*row)


def latest_marks(learner_id: int) -> Any:
    """The last mark of a learner in each session, as a subquery."""
    return (
        select(AttendanceMark)
        .ext(distinct_on(AttendanceMark.session_id))
        .where(AttendanceMark.learner_id == learner_id)
        .order_by(AttendanceMark.session_id, AttendanceMark.happened_at.desc(), AttendanceMark.id.desc())
        .subquery()
    )
