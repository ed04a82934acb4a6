"""What is known about helpers: hours, skills, teams, other sessions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from lopso.kernel import clock
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import language
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, CourseSkill
from scheduling.rules.commitments import Commitment
from skills.models import Skill
from staffing.models import Absence
from staffing.rules.suitability import ActivePeriod, AvailableHours, StaffingDemand
from trainers.models import Availability, Qualification, Team, TeamMember, Trainer

T = TypeVar("T")

LONGEST_SESSION = timedelta(days=1)
"""What overlaps a session began at most this much before it."""


@dataclass(frozen=True, slots=True)
class ActiveTeam:
    """A team somebody is in now, and the days in which it works."""

    name: str
    period: ActivePeriod


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Whether a helper belongs to a ward whose people somebody may see."""
    if actor.everywhere(Permission.SEE_PEOPLE):
        return true()
    return Trainer.ward_id.in_(actor.wards(Permission.SEE_PEOPLE))


async def can_teach(
    db: AsyncSession, session: ClassSession, trainer: Trainer
) -> tuple[Mapping[int, str], frozenset[int]]:
    """Names of what a session teaches by skill id, and which of it a helper can teach; two statements."""
    skills = await skill_names(db, session.course_id)
    taught = await taught_skills(db, [trainer.id], skills)
    return skills, frozenset(skills if trainer.teaches_all else taught[trainer.id])


async def skill_names(db: AsyncSession, course_id: int | None) -> dict[int, str]:
    """Names of what a course teaches by skill id, in teaching order, in the reader's language."""
    name = Skill.name_vi if language() == "vi" else Skill.name_en
    statement = (
        select(Skill.id, name)
        .join(CourseSkill, CourseSkill.skill_id == Skill.id)
        .where(CourseSkill.course_id == course_id)
        .order_by(CourseSkill.position, Skill.id)
    )
    return {row[0]: row[1] for row in await db.execute(statement)}


async def helpers_by_id(db: AsyncSession, ids: Collection[int]) -> Mapping[int, Trainer]:
    """Helpers by id; one statement."""
    return {row.id: row for row in await db.scalars(select(Trainer).where(Trainer.id.in_(ids)))}


async def teams_of(db: AsyncSession, ids: Collection[int]) -> Mapping[int, Sequence[ActiveTeam]]:
    """The active teams of helpers by trainer id, by name; one statement. Unknown ids give none."""
    statement = (
        select(TeamMember.trainer_id, Team.name, Team.active_from, Team.active_to)
        .join(Team, Team.id == TeamMember.team_id)
        .where(_of(TeamMember.trainer_id, ids), TeamMember.left_at.is_(None), Team.disbanded_at.is_(None))
        .order_by(Team.name_key)
    )
    return _grouped(
        (row.trainer_id, ActiveTeam(row.name, ActivePeriod(row.active_from, row.active_to)))
        for row in await db.execute(statement)
    )


async def weekly_hours(db: AsyncSession, ids: Collection[int]) -> Mapping[int, Sequence[AvailableHours]]:
    statement = select(
        Availability.trainer_id, Availability.weekday, Availability.since, Availability.until
    ).where(_of(Availability.trainer_id, ids))
    return _grouped(
        (row.trainer_id, AvailableHours(row.weekday, row.since, row.until))
        for row in await db.execute(statement)
    )


async def taught_skills(
    db: AsyncSession, ids: Collection[int], skills: Collection[int]
) -> Mapping[int, Sequence[int]]:
    statement = select(Qualification.trainer_id, Qualification.skill_id).where(
        _of(Qualification.trainer_id, ids),
        Qualification.skill_id.in_(skills),
        Qualification.ended_at.is_(None),
    )
    return _grouped((row.trainer_id, row.skill_id) for row in await db.execute(statement))


async def commitments_of_week(
    db: AsyncSession, ids: Collection[int], demand: StaffingDemand
) -> Mapping[int, Sequence[Commitment]]:
    """Standing assignments of the week in which `demand` lies, and any that overlap it; one statement."""
    monday = clock.monday_of(clock.local_day(demand.starts_at))
    week = [clock.start_of_day(monday), clock.start_of_day(monday + timedelta(days=7))]
    return await commitments_between(
        db, ids, min(week[0], demand.starts_at - LONGEST_SESSION), max(week[1], demand.ends_at)
    )


async def commitments_between(
    db: AsyncSession, ids: Collection[int], since: datetime, until: datetime
) -> Mapping[int, Sequence[Commitment]]:
    """Standing assignments to sessions that begin in ``[since, until)``; one statement."""
    statement = (
        select(
            Assignment.trainer_id,
            ClassSession.id,
            ClassSession.ward_id,
            ClassSession.title,
            ClassSession.starts_at,
            ClassSession.ends_at,
        )
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .where(
            _of(Assignment.trainer_id, ids),
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            Assignment.starts_at >= since,
            Assignment.starts_at < until,
        )
    )
    return _grouped(
        (row.trainer_id, Commitment(row.id, row.ward_id, row.title, row.starts_at, row.ends_at))
        for row in await db.execute(statement)
    )


async def declined_helpers(db: AsyncSession, session_id: int) -> set[int]:
    statement = select(Assignment.trainer_id).where(
        Assignment.session_id == session_id, Assignment.state == "declined"
    )
    return set((await db.scalars(statement)).all())


async def absences_between(
    db: AsyncSession, ids: Collection[int], first: date, last: date
) -> Mapping[int, Sequence[ActivePeriod]]:
    """When helpers are away on days from `first` to `last`; one statement."""
    statement = (
        select(Absence.trainer_id, Absence.first, Absence.last)
        .where(
            _of(Absence.trainer_id, ids),
            Absence.cancelled_at.is_(None),
            Absence.first <= last,
            Absence.last >= first,
        )
        .order_by(Absence.first)
    )
    return _grouped(
        (row.trainer_id, ActivePeriod(row.first, row.last)) for row in await db.execute(statement)
    )


def _of(column: InstrumentedAttribute[int], ids: Collection[int]) -> ColumnElement[bool]:
    """Whether a column holds one of `ids`: one parameter, where IN would have a thousand."""
    return column == any_(literal(list(ids), ARRAY(BigInteger)))


def _grouped(pairs: Iterable[tuple[int, T]]) -> Mapping[int, Sequence[T]]:
    groups: defaultdict[int, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
