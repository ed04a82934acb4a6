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
from people.phones import number_to_compare, stored_kind
from trainers.importing.drafts import TrainerDraft, labels
from trainers.importing.saving_skills import add_declared_skills
from trainers.importing.saving_teams import add_memberships, ensure_teams
from trainers.importing.skill_names import skill_codes
from trainers.importing.team_names import MembershipDraft, TeamDraft
from trainers.models import Availability, Team, TeamMember, Trainer
from trainers.rules import TrainerDetails
from trainers.service.trainers import edit

_BATCH = 1000


async def known_trainers(
    db: AsyncSession, ward_id: str, drafts: Sequence[TrainerDraft]
) -> Mapping[str, Sequence[KnownRecord[TrainerDraft]]]:
    """The ward's helpers who have the names of `drafts`, those who left too; two statements."""
    found = (
        await db.scalars(
            select(Trainer)
            .where(Trainer.ward_id == ward_id)
            .where(Trainer.name_key == func.any(sorted({fold(draft.full_name) for draft in drafts})))
            .order_by(Trainer.id)
        )
    ).all()
    teams = await _teams_of(db, [trainer.id for trainer in found])
    known: defaultdict[str, list[KnownRecord[TrainerDraft]]] = defaultdict(list)
    for trainer in found:
        draft = _as_draft(trainer, tuple(teams[trainer.id]))
        known[trainer.name_key].append(KnownRecord(trainer.id, draft, trainer.left_at is not None))
    return known


def _as_draft(trainer: Trainer, teams: tuple[MembershipDraft, ...]) -> TrainerDraft:
    return TrainerDraft(
        full_name=trainer.full_name,
        kind=trainer.kind,
        sex=trainer.sex,
        position=trainer.position,
        phone=trainer.phone,
        phone_kind=stored_kind(trainer.phone),
        phone_note=trainer.phone_note,
        email=trainer.email,
        teaches_all=trainer.teaches_all,
        note=trainer.note,
        proposed_phone=None if trainer.phone else number_to_compare(None, trainer.phone_note),
        teams=teams,
    )


async def _teams_of(db: AsyncSession, trainer_ids: Sequence[int]) -> Mapping[int, list[MembershipDraft]]:
    """All teams helpers ever were in, by helper."""
    teams: defaultdict[int, list[MembershipDraft]] = defaultdict(list)
    for row in await db.execute(
        select(TeamMember.trainer_id, TeamMember.role, Team.kind, Team.name, Team.name_key)
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.trainer_id == func.any(trainer_ids))
        .order_by(Team.id)
    ):
        team = TeamDraft(row.kind, row.name, row.name_key, None)
        teams[row.trainer_id].append(MembershipDraft(team, row.role))
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
    """Add every team and helper that is new; a known one may gain a team or be corrected. Does not commit."""
    drafts = with_agreed_numbers([row.draft for row in rows.new], agreed)
    ids: list[int] = []
    for at in range(0, len(drafts), _BATCH):
        columns = [_columns(draft, ward_id, now) for draft in drafts[at : at + _BATCH]]
        ids += (
            await db.scalars(insert(Trainer).returning(Trainer.id, sort_by_parameter_order=True), columns)
        ).all()
    added = list(zip(ids, drafts, strict=True))
    known = [*rows.known, *((change.record_id, change.row) for change in rows.changes)]
    people = [*added, *((trainer_id, row.draft) for trainer_id, row in known)]
    teams = await ensure_teams(db, ward_id, people, by=by, now=now)
    await add_memberships(db, ward_id, people, teams, now)
    await add_declared_skills(db, added, now)
    await _note_free_times(db, added)
    for change in rows.changes:
        await edit(db, ward_id, change.record_id, _details(change.after), by=by, now=now, another=True)
    return SavedRecords(len(ids), {"trainer_ids": sorted(ids)})


def _details(draft: TrainerDraft) -> TrainerDetails:
    return TrainerDetails(
        full_name=draft.full_name,
        kind=draft.kind,
        sex=draft.sex,
        position=draft.position,
        phone=draft.phone,
        phone_kind=draft.phone_kind,
        phone_note=draft.phone_note,
        email=draft.email,
        teaches_all=draft.teaches_all,
        note=draft.note,
    )


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
