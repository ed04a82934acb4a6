"""Helpers weighed for one time."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from staffing.queries.helper_facts import (
    ActiveTeam,
    absences_between,
    commitments_of_week,
    taught_skills,
    weekly_hours,
)
from staffing.rules.suitability import CandidateFacts, StaffingDemand, Suitability, suitability_of
from trainers.models import Trainer


async def weighed(
    db: AsyncSession,
    helpers: Sequence[Trainer],
    demand: StaffingDemand,
    *,
    ward_id: str,
    teams: Mapping[int, Sequence[ActiveTeam]],
    declined: Collection[int] = (),
    session_id: int | None = None,
) -> Mapping[int, Suitability]:
    """How well each of `helpers` suits `demand`, by id; four statements.

    Args:
        ward_id: of the session; who belongs to it is near.
        declined: ids of those who said no to the session before.
        session_id: the session that moves to this time, which holds nobody then.
    """
    ids = {helper.id for helper in helpers}
    hours = await weekly_hours(db, ids)
    taught = await taught_skills(db, ids, demand.skills)
    commitments = await commitments_of_week(db, ids, demand)
    day = clock.local_day(demand.starts_at)
    absences = await absences_between(db, ids, day, day)
    return {
        helper.id: suitability_of(
            demand,
            CandidateFacts(
                trainer_id=helper.id,
                sort_key=helper.sort_key,
                near=helper.ward_id == ward_id,
                teaches_all=helper.teaches_all,
                skills=frozenset(taught[helper.id]),
                hours=tuple(hours[helper.id]),
                periods=tuple(team.period for team in teams[helper.id]),
                commitments=tuple(each for each in commitments[helper.id] if each.session_id != session_id),
                declined=helper.id in declined,
                absences=tuple(absences[helper.id]),
            ),
        )
        for helper in helpers
    }
