"""Helpers who could be asked into a session, with the facts for and against them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import language
from lopso.kernel.search import people_query
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, CourseSkill
from scheduling.rules.suitability import (
    ActivePeriod,
    AssignmentRole,
    AvailableHours,
    CandidateFacts,
    Commitment,
    StaffingDemand,
    Suitability,
    rank,
    suitability_of,
)
from skills.models import Skill
from trainers.models import Availability, Qualification, Team, TeamMember, Trainer
from venues.models import Ward

SHOWN = 50
WEIGHED = 1000  # a ward has a few hundred helpers; beyond this many, only a search ranks the rest

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ActiveTeam:
    """A team somebody is in now, and the days in which it works."""

    name: str
    period: ActivePeriod


@dataclass(frozen=True, slots=True)
class HelperCandidate:
    """Somebody who could be asked; `ward` names another ward than the session's."""

    trainer: Trainer
    ward: str | None
    teams: Sequence[ActiveTeam]
    suitability: Suitability


@dataclass(frozen=True, slots=True)
class HelperCandidates:
    """The best `SHOWN` of `total` people found; `skills` names what the course teaches, by id."""

    items: Sequence[HelperCandidate]
    total: int
    skills: Mapping[int, str]


async def candidates(
    db: AsyncSession,
    session: ClassSession,
    *,
    role: AssignmentRole,
    typed: str,
    by: Actor,
    picked: Collection[int] = (),
    without: Collection[int] = (),
) -> HelperCandidates:
    """People to ask into `session`, best first; eight statements whatever the number.

    Without a search: the helpers of the session's ward. With one: everybody `by` may see whose name or
    phone matches.

    Args:
        picked: trainer ids ticked before this search; they stay in the list, before the others.
        without: trainer ids left out: who is in the session already.
    """
    found = await _found(db, session, typed=typed, by=by, picked=picked, without=without)
    ids = {trainer.id for trainer in found}
    wards = await _other_wards(db, {trainer.ward_id for trainer in found} - {session.ward_id})
    skills = await skill_names(db, session.course_id)
    hours = await _hours(db, ids)
    taught = await _taught(db, ids, skills)
    teams = await teams_of(db, ids)
    commitments = await _commitments(db, ids, session)
    declined = await _declined(db, session.id)
    demand = StaffingDemand(role, frozenset(skills), session.starts_at, session.ends_at)
    suitabilities = {
        trainer.id: suitability_of(
            demand,
            CandidateFacts(
                trainer_id=trainer.id,
                sort_key=trainer.sort_key,
                near=trainer.ward_id == session.ward_id,
                teaches_all=trainer.teaches_all,
                skills=frozenset(taught[trainer.id]),
                hours=tuple(hours[trainer.id]),
                periods=tuple(team.period for team in teams[trainer.id]),
                commitments=tuple(commitments[trainer.id]),
                declined=trainer.id in declined,
            ),
        )
        for trainer in found
    }
    by_id = {trainer.id: trainer for trainer in found}
    ranked = [each.facts.trainer_id for each in rank(suitabilities.values())]
    shown = sorted(ranked, key=lambda trainer_id: trainer_id not in picked)[: SHOWN + len(picked)]
    items = [
        HelperCandidate(by_id[each], wards.get(by_id[each].ward_id), teams[each], suitabilities[each])
        for each in shown
    ]
    return HelperCandidates(items, len(found), skills)


async def can_teach(
    db: AsyncSession, session: ClassSession, trainer: Trainer
) -> tuple[Mapping[int, str], frozenset[int]]:
    """Names of what a session teaches by skill id, and which of it a helper can teach; two statements."""
    skills = await skill_names(db, session.course_id)
    taught = await _taught(db, [trainer.id], skills)
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


async def teams_of(db: AsyncSession, ids: Collection[int]) -> Mapping[int, Sequence[ActiveTeam]]:
    """The active teams of helpers by trainer id, by name; one statement. Unknown ids give none."""
    statement = (
        select(TeamMember.trainer_id, Team.name, Team.active_from, Team.active_to)
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.trainer_id.in_(ids), TeamMember.left_at.is_(None), Team.disbanded_at.is_(None))
        .order_by(Team.name_key)
    )
    return _grouped(
        (row.trainer_id, ActiveTeam(row.name, ActivePeriod(row.active_from, row.active_to)))
        for row in await db.execute(statement)
    )


async def _found(
    db: AsyncSession,
    session: ClassSession,
    *,
    typed: str,
    by: Actor,
    picked: Collection[int],
    without: Collection[int],
) -> Sequence[Trainer]:
    here = Trainer.ward_id == session.ward_id
    wards = None if by.everywhere(Permission.SEE_PEOPLE) else by.wards(Permission.SEE_PEOPLE)
    visible = true() if wards is None else or_(here, Trainer.ward_id.in_(wards))
    query = people_query(typed, wards=wards)
    matches = here if query is None else Trainer.search.op("@@")(func.to_tsquery("simple", query))
    statement = (
        select(Trainer)
        .where(Trainer.left_at.is_(None), Trainer.id.not_in(without), visible)
        .where(or_(matches, Trainer.id.in_(picked)))
        .order_by(Trainer.id.in_(picked).desc(), here.desc(), Trainer.sort_key, Trainer.id)
        .limit(WEIGHED)
    )
    return (await db.scalars(statement)).all()


async def _other_wards(db: AsyncSession, ward_ids: Collection[str]) -> Mapping[str, str]:
    rows = await db.execute(select(Ward.id, Ward.full_name).where(Ward.id.in_(ward_ids)))
    return {row.id: row.full_name for row in rows}


async def _hours(db: AsyncSession, ids: Collection[int]) -> Mapping[int, Sequence[AvailableHours]]:
    statement = select(
        Availability.trainer_id, Availability.weekday, Availability.since, Availability.until
    ).where(Availability.trainer_id.in_(ids))
    return _grouped(
        (row.trainer_id, AvailableHours(row.weekday, row.since, row.until))
        for row in await db.execute(statement)
    )


async def _taught(
    db: AsyncSession, ids: Collection[int], skills: Collection[int]
) -> Mapping[int, Sequence[int]]:
    statement = select(Qualification.trainer_id, Qualification.skill_id).where(
        Qualification.trainer_id.in_(ids),
        Qualification.skill_id.in_(skills),
        Qualification.ended_at.is_(None),
    )
    return _grouped((row.trainer_id, row.skill_id) for row in await db.execute(statement))


async def _commitments(
    db: AsyncSession, ids: Collection[int], session: ClassSession
) -> Mapping[int, Sequence[Commitment]]:
    """Standing assignments of the session's week, and any that overlap it."""
    monday = clock.monday_of(clock.local_day(session.starts_at))
    week = [clock.start_of_day(monday), clock.start_of_day(monday + timedelta(days=7))]
    day = timedelta(days=1)  # no session is longer: what overlaps began at most this much earlier
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
            Assignment.trainer_id.in_(ids),
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            Assignment.starts_at >= min(week[0], session.starts_at - day),
            Assignment.starts_at < max(week[1], session.ends_at),
        )
    )
    return _grouped(
        (row.trainer_id, Commitment(row.id, row.ward_id, row.title, row.starts_at, row.ends_at))
        for row in await db.execute(statement)
    )


async def _declined(db: AsyncSession, session_id: int) -> set[int]:
    statement = select(Assignment.trainer_id).where(
        Assignment.session_id == session_id, Assignment.state == "declined"
    )
    return set((await db.scalars(statement)).all())


def _grouped(pairs: Iterable[tuple[int, T]]) -> Mapping[int, Sequence[T]]:
    groups: defaultdict[int, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
