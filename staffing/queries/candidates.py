"""Helpers who could be asked into a session, with the facts for and against them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.search import people_query
from scheduling.models import ClassSession
from scheduling.rules.commitments import AssignmentRole
from staffing.queries.helper_facts import (
    ActiveTeam,
    declined_helpers,
    seen_by,
    skill_names,
    teams_of,
)
from staffing.queries.weighing import weighed
from staffing.rules.suitability import StaffingDemand, Suitability, rank
from trainers.models import Trainer
from venues.models import Ward

SHOWN = 50
WEIGHED = 1000  # a ward has a few hundred helpers; beyond this many, only a search ranks the rest


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
    """People to ask into `session`, best first; nine statements whatever the number.

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
    teams = await teams_of(db, ids)
    suitabilities = await weighed(
        db,
        found,
        StaffingDemand(role, frozenset(skills), session.starts_at, session.ends_at),
        ward_id=session.ward_id,
        teams=teams,
        declined=await declined_helpers(db, session.id),
    )
    by_id = {trainer.id: trainer for trainer in found}
    ranked = [each.facts.trainer_id for each in rank(suitabilities.values())]
    shown = sorted(ranked, key=lambda trainer_id: trainer_id not in picked)[: SHOWN + len(picked)]
    items = [
        HelperCandidate(by_id[each], wards.get(by_id[each].ward_id), teams[each], suitabilities[each])
        for each in shown
    ]
    return HelperCandidates(items, len(found), skills)


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
    query = people_query(typed, wards=wards)
    matches = here if query is None else Trainer.search.op("@@")(func.to_tsquery("simple", query))
    statement = (
        select(Trainer)
        .where(Trainer.left_at.is_(None), Trainer.id.not_in(without), or_(here, seen_by(by)))
        .where(or_(matches, Trainer.id.in_(picked)))
        .order_by(Trainer.id.in_(picked).desc(), here.desc(), Trainer.sort_key, Trainer.id)
        .limit(WEIGHED)
    )
    return (await db.scalars(statement)).all()


async def _other_wards(db: AsyncSession, ward_ids: Collection[str]) -> Mapping[str, str]:
    rows = await db.execute(select(Ward.id, Ward.full_name).where(Ward.id.in_(ward_ids)))
    return {row.id: row.full_name for row in rows}
