"""The ward's helpers to match drafts with; new helpers saved with teams, skills and hours."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.text import fold, sort_key
from lopso.kernel.workbook.kinds import SavedRecords
from lopso.kernel.workbook.matching import KnownRecord, MatchedRows
from people.identity import IdentityKeys
from people.phones import stored_kind
from skills.models import Framework, Skill, SkillGroup
from trainers.importing.drafts import TrainerDraft, labels
from trainers.importing.skill_names import skill_codes
from trainers.importing.team_names import TeamDraft
from trainers.models import Availability, Qualification, Team, TeamMember, Trainer
from trainers.rules import TeamPosition
from venues.service import neighbourhoods_named

_BATCH = 1000


async def known_trainers(
    db: AsyncSession, ward_id: str, names: Collection[str]
) -> Mapping[str, Sequence[KnownRecord[IdentityKeys]]]:
    """The ward's helpers of these folded names, those who left too; two statements."""
    rows = (
        await db.execute(
            select(Trainer.id, Trainer.name_key, Trainer.phone, Trainer.position)
            .where(Trainer.ward_id == ward_id)
            .where(Trainer.name_key == func.any(sorted(names)))
            .order_by(Trainer.id)
        )
    ).all()
    teams = await _teams_of(db, [row.id for row in rows])
    known: defaultdict[str, list[KnownRecord[IdentityKeys]]] = defaultdict(list)
    for row in rows:
        group = TeamPosition(frozenset(teams[row.id]), fold(row.position))
        identity = IdentityKeys(row.phone, stored_kind(row.phone), group=group)
        known[row.name_key].append(KnownRecord(row.id, identity))
    return known


async def _teams_of(db: AsyncSession, trainer_ids: Sequence[int]) -> Mapping[int, set[str]]:
    """Keys of all teams helpers ever were in, by helper."""
    teams: defaultdict[int, set[str]] = defaultdict(set)
    for row in await db.execute(
        select(TeamMember.trainer_id, Team.name_key)
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.trainer_id == func.any(trainer_ids))
    ):
        teams[row.trainer_id].add(row.name_key)
    return teams


async def save_trainers(
    db: AsyncSession,
    ward_id: str,
    rows: MatchedRows[TrainerDraft],
    *,
    agreed: Collection[str],
    by: Actor,
    now: datetime,
) -> SavedRecords:
    """Add every team and helper that is new; a known helper may gain a team. Does not commit."""
    drafts = [row.draft for row in rows.new]
    ids: list[int] = []
    for at in range(0, len(drafts), _BATCH):
        columns = [_columns(draft, ward_id, now) for draft in drafts[at : at + _BATCH]]
        ids += (
            await db.scalars(insert(Trainer).returning(Trainer.id, sort_by_parameter_order=True), columns)
        ).all()
    added = list(zip(ids, drafts, strict=True))
    people = [*added, *((trainer_id, row.draft) for trainer_id, row in rows.known)]
    teams = await _teams(db, ward_id, people, by=by, now=now)
    await _join(db, ward_id, people, teams, now)
    await _qualify(db, added, now)
    await _note_free_times(db, added)
    return SavedRecords(len(ids), {"trainer_ids": sorted(ids)})


async def _note_free_times(db: AsyncSession, people: Sequence[tuple[int, TrainerDraft]]) -> None:
    free = [
        {"trainer_id": trainer_id, "weekday": each.weekday, "since": each.since, "until": each.until}
        for trainer_id, draft in people
        for each in draft.free
    ]
    if free:
        await db.execute(insert(Availability), free)


def _columns(draft: TrainerDraft, ward_id: str, now: datetime) -> dict[str, object]:
    untaught = [item for item in draft.teaches if skill_codes(item) is None]
    note = [draft.note, f"{labels()['teaches']}: {', '.join(untaught)}" if untaught else ""]
    return {
        "ward_id": ward_id,
        "kind": draft.kind,
        "full_name": draft.full_name,
        "name_key": fold(draft.full_name),
        "sort_key": sort_key(draft.full_name),
        "sex": draft.sex,
        "position": draft.position,
        "phone": draft.phone,
        "phone_note": draft.phone_note,
        "email": draft.email,
        "teaches_all": draft.teaches_all,
        "note": "; ".join(part for part in note if part),
        "enlisted_at": now,
    }


_TeamKey = tuple[str, str]
"""Kind and key of a team, unique in its ward."""


async def _teams(
    db: AsyncSession, ward_id: str, people: Sequence[tuple[int, TrainerDraft]], *, by: Actor, now: datetime
) -> Mapping[_TeamKey, int]:
    named: dict[_TeamKey, TeamDraft] = {
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


async def _join(
    db: AsyncSession,
    ward_id: str,
    people: Sequence[tuple[int, TrainerDraft]],
    teams: Mapping[_TeamKey, int],
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


async def _qualify(db: AsyncSession, people: Sequence[tuple[int, TrainerDraft]], now: datetime) -> None:
    """Save declared skills as skills of the edition in force; nothing when none is loaded."""
    skills = (
        await db.execute(
            select(Skill.id, Skill.code, Skill.name_vi, SkillGroup.code.label("group"))
            .join(SkillGroup, SkillGroup.id == Skill.group_id)
            .join(Framework, Framework.id == Skill.framework_id)
            .where(Framework.is_current)
        )
    ).all()
    by_item: dict[str, set[int]] = {}
    for item in {item for _id, draft in people for item in draft.teaches}:
        codes, groups = skill_codes(item) or (frozenset[str](), frozenset[str]())
        folded = fold(item)
        by_item[item] = {
            row.id
            for row in skills
            if row.code in codes or row.group in groups or fold(row.name_vi) == folded
        }
    rows = [
        {"trainer_id": trainer_id, "skill_id": skill_id, "source": "declared", "since": now}
        for trainer_id, draft in people
        for skill_id in sorted({skill for item in draft.teaches for skill in by_item[item]})
    ]
    for at in range(0, len(rows), _BATCH):
        await db.execute(insert(Qualification), rows[at : at + _BATCH])
