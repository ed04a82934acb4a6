"""Teams and memberships of an imported list."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from trainers.importing.drafts import TrainerDraft
from trainers.importing.team_names import TeamDraft
from trainers.models import Team, TeamMember
from venues.service import neighbourhoods_named

TeamKey = tuple[str, str]
"""Kind and key of a team, unique in its ward."""


async def ensure_teams(
    db: AsyncSession, ward_id: str, people: Sequence[tuple[int, TrainerDraft]], *, by: Actor, now: datetime
) -> Mapping[TeamKey, int]:
    """Add the teams that the ward does not have; return the ids of all teams named. Does not commit.

    Args:
        people: ids of helpers with their drafts.
    """
    named: dict[TeamKey, TeamDraft] = {
        (each.team.kind, each.team.key): each.team for _id, draft in people for each in draft.teams
    }
    if not named:
        return {}
    places = await neighbourhoods_named(
        db, ward_id, [team.neighbourhood for team in named.values() if team.neighbourhood], by=by, now=now
    )
    rows = [
        {
            "ward_id": ward_id,
            "kind": team.kind,
            "name": team.name,
            "name_key": team.key,
            "neighbourhood_id": places[team.neighbourhood.key] if team.neighbourhood else None,
        }
        for _key, team in sorted(named.items())
    ]
    await db.execute(
        insert_or_leave(Team).on_conflict_do_nothing(index_elements=["ward_id", "kind", "name_key"]), rows
    )
    found = await db.execute(
        select(Team.kind, Team.name_key, Team.id)
        .where(Team.ward_id == ward_id)
        .where(tuple_(Team.kind, Team.name_key).in_(named))
    )
    return {(row.kind, row.name_key): row.id for row in found}


async def add_memberships(
    db: AsyncSession,
    ward_id: str,
    people: Sequence[tuple[int, TrainerDraft]],
    teams: Mapping[TeamKey, int],
    now: datetime,
) -> None:
    """Add memberships that never were: somebody who left a team is not put back by an old list."""
    wanted = {
        (teams[each.team.kind, each.team.key], trainer_id): each.role
        for trainer_id, draft in people
        for each in draft.teams
    }
    ever = await db.execute(
        select(TeamMember.team_id, TeamMember.trainer_id).where(
            TeamMember.trainer_id == func.any([trainer_id for trainer_id, _draft in people])
        )
    )
    for row in ever:
        wanted.pop((row.team_id, row.trainer_id), None)
    rows = [
        {"ward_id": ward_id, "team_id": team_id, "trainer_id": trainer_id, "role": role, "joined_at": now}
        for (team_id, trainer_id), role in wanted.items()
    ]
    if rows:
        await db.execute(insert(TeamMember), rows)
