"""ParsedList rows become teams and helpers: the known are left alone, the rest are added at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, sort_key
from lopso.kernel.workbook.matching import MatchResult
from lopso.kernel.workbook.results import Doubt, DoubtfulRow, DraftRow, ImportResult, ParsedList
from people.identity import IdentityKeys
from people.phones import stored_kind
from skills.models import Framework, Skill, SkillGroup
from trainers.importing.drafts import TeamDraft, TrainerDraft, labels, skill_codes
from trainers.models import Availability, Qualification, Team, TeamMember, Trainer
from trainers.rules import TeamPosition, compare_helpers
from venues.service import neighbourhoods_named

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Known:
    """A helper the ward has, and what tells them from others of the same name."""

    trainer_id: int
    identity: IdentityKeys


@dataclass(frozen=True, slots=True)
class Sorted:
    """Rows of a file against who is known; `known` pairs a helper's id with what the file says."""

    new: Sequence[DraftRow[TrainerDraft]]
    known: Sequence[tuple[int, TrainerDraft]]
    already_known: int
    doubtful: Sequence[DoubtfulRow]


async def sort_out(db: AsyncSession, ward_id: str, parsed: ParsedList[TrainerDraft]) -> Sorted:
    """Tell the new people from those the ward already has; two statements. Those who left are known too."""
    there = await _namesakes(db, ward_id, {fold(row.draft.full_name) for row in parsed.good})
    new: list[DraftRow[TrainerDraft]] = []
    known: list[tuple[int, TrainerDraft]] = []
    doubtful = list(parsed.doubtful)
    for row in parsed.good:
        matches = [
            (compare_helpers(each.identity, row.draft.identity).result, each)
            for each in there[fold(row.draft.full_name)]
        ]
        same = next((each for result, each in matches if result is MatchResult.SAME), None)
        if same is not None:
            known.append((same.trainer_id, row.draft))
        elif all(result is MatchResult.DIFFERENT for result, _each in matches):
            new.append(row)
        else:
            reason = _("Có thể trùng người đã có (cùng họ tên, cùng tổ, đội), nhưng khác số điện thoại")
            doubt = Doubt(labels()["full_name"], row.draft.full_name, reason)
            doubtful.append(DoubtfulRow(row.sheet, row.row, row.cells, (doubt,)))
    doubtful.sort(key=lambda row: (row.sheet, row.row))
    return Sorted(new, known, parsed.repeated + len(known), doubtful)


async def save(
    db: AsyncSession, ward_id: str, parsed: ParsedList[TrainerDraft], *, by: Actor, now: datetime
) -> ImportResult:
    """Add every team and helper that is new; a known helper may gain a team. Does not commit."""
    # Two imports into one ward take turns: the second sees what the first added.
    await db.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"import teams {ward_id}"})
    sorted_rows = await sort_out(db, ward_id, parsed)
    drafts = [row.draft for row in sorted_rows.new]
    ids: list[int] = []
    for at in range(0, len(drafts), _BATCH):
        rows = [_trainer(draft, ward_id, now) for draft in drafts[at : at + _BATCH]]
        ids += (
            await db.scalars(insert(Trainer).returning(Trainer.id, sort_by_parameter_order=True), rows)
        ).all()
    people = [*zip(ids, drafts, strict=True), *sorted_rows.known]
    teams = await _teams(db, ward_id, people, by=by, now=now)
    await _join(db, ward_id, people, teams, now)
    await _qualify(db, list(zip(ids, drafts, strict=True)), now)
    free = [
        {"trainer_id": trainer_id, "weekday": each.weekday, "since": each.since, "until": each.until}
        for trainer_id, draft in zip(ids, drafts, strict=True)
        for each in draft.free
    ]
    if free:
        await db.execute(insert(Availability), free)
    result = ImportResult(
        read=parsed.read,
        saved=len(ids),
        already_known=sorted_rows.already_known,
        header=parsed.header,
        doubtful=sorted_rows.doubtful,
    )
    audit.record(
        db,
        by=by,
        now=now,
        action="teams.imported",
        ward_id=ward_id,
        subject="ward",
        subject_id=ward_id,
        facts={
            "read": result.read,
            "saved": result.saved,
            "already_known": result.already_known,
            "doubtful": len(result.doubtful),
            "trainer_ids": sorted(ids),
        },
    )
    await db.flush()
    return result


async def _namesakes(db: AsyncSession, ward_id: str, names: Collection[str]) -> dict[str, list[Known]]:
    rows = (
        await db.execute(
            select(Trainer.id, Trainer.name_key, Trainer.phone, Trainer.position)
            .where(Trainer.ward_id == ward_id)
            .where(Trainer.name_key == func.any(sorted(names)))
        )
    ).all()
    teams: defaultdict[int, set[str]] = defaultdict(set)
    for row in await db.execute(
        select(TeamMember.trainer_id, Team.name_key)
        .join(Team, Team.id == TeamMember.team_id)
        .where(TeamMember.trainer_id == func.any([row.id for row in rows]))
    ):
        teams[row.trainer_id].add(row.name_key)
    known: defaultdict[str, list[Known]] = defaultdict(list)
    for row in rows:
        group = TeamPosition(frozenset(teams[row.id]), fold(row.position))
        identity = IdentityKeys(row.phone, stored_kind(row.phone), group=group)
        known[row.name_key].append(Known(row.id, identity))
    return known


def _trainer(draft: TrainerDraft, ward_id: str, now: datetime) -> dict[str, object]:
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
"""Kind and folded name: what makes a team one in its ward."""


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
    """Note what each declares to teach, as skills of the edition in force; nothing when none is loaded."""
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
