"""The ward's helpers to match drafts with; new helpers saved with teams, skills and hours."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.text import fold, sort_key
from lopso.kernel.workbook.kinds import SavedRecords
from lopso.kernel.workbook.matching import KnownRecord, MatchedRows
from people.drafts import with_agreed_numbers
from people.identity import IdentityKeys
from people.phones import number_to_compare, stored_kind
from trainers.importing.drafts import TrainerDraft, labels
from trainers.importing.saving_skills import add_declared_skills
from trainers.importing.saving_teams import add_memberships, ensure_teams
from trainers.importing.skill_names import skill_codes
from trainers.models import Availability, Team, TeamMember, Trainer
from trainers.rules import TeamPosition

_BATCH = 1000


async def known_trainers(
    db: AsyncSession, ward_id: str, names: Collection[str]
) -> Mapping[str, Sequence[KnownRecord[IdentityKeys]]]:
    """The ward's helpers of these folded names, those who left too; two statements."""
    rows = (
        await db.execute(
            select(Trainer.id, Trainer.name_key, Trainer.phone, Trainer.phone_note, Trainer.position)
            .where(Trainer.ward_id == ward_id)
            .where(Trainer.name_key == func.any(sorted(names)))
            .order_by(Trainer.id)
        )
    ).all()
    teams = await _teams_of(db, [row.id for row in rows])
    known: defaultdict[str, list[KnownRecord[IdentityKeys]]] = defaultdict(list)
    for row in rows:
        group = TeamPosition(frozenset(teams[row.id]), fold(row.position))
        number = number_to_compare(row.phone, row.phone_note)
        identity = IdentityKeys(number, stored_kind(number), group=group)
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
    drafts = with_agreed_numbers([row.draft for row in rows.new], agreed)
    ids: list[int] = []
    for at in range(0, len(drafts), _BATCH):
        columns = [_columns(draft, ward_id, now) for draft in drafts[at : at + _BATCH]]
        ids += (
            await db.scalars(insert(Trainer).returning(Trainer.id, sort_by_parameter_order=True), columns)
        ).all()
    added = list(zip(ids, drafts, strict=True))
    people = [*added, *((trainer_id, row.draft) for trainer_id, row in rows.known)]
    teams = await ensure_teams(db, ward_id, people, by=by, now=now)
    await add_memberships(db, ward_id, people, teams, now)
    await add_declared_skills(db, added, now)
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
