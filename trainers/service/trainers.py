"""Changes to helpers, their skills and their free hours."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.events import publish
from lopso.kernel.text import fold, sort_key
from people.errors import Namesake, PossibleDuplicate
from skills.models import Framework, Skill
from trainers.events import (
    HelperEmailChanged,
    HelperLeft,
    HelperNameChanged,
    HelperPhoneChanged,
    HelperReturned,
)
from trainers.models import Availability, Qualification, Trainer
from trainers.queries.trainers import ListedTrainer, hours_of, namesakes
from trainers.rules import Hours, TrainerDetails

_NAME_FIELDS = {"full_name", "sex"}
"""What decides how somebody is addressed."""


async def enlist(
    db: AsyncSession,
    ward_id: str,
    details: TrainerDetails,
    *,
    by: Actor,
    now: datetime,
    another: bool = False,
) -> Trainer:
    """Add a helper to the ward's list. Does not commit.

    Args:
        another: True when a person saw the namesakes and says this is somebody else.

    Raises:
        PossibleDuplicate: a helper of this name has the same phone, or one of the two has none.
    """
    if not another:
        await _no_namesake(db, ward_id, details, but=None)
    trainer = Trainer(ward_id=ward_id, enlisted_at=now, **_columns(details))
    db.add(trainer)
    await db.flush()
    audit.note(db, trainer, "trainer.enlisted", by=by, now=now)
    return trainer


async def edit(
    db: AsyncSession,
    ward_id: str,
    trainer_id: int,
    details: TrainerDetails,
    *,
    by: Actor,
    now: datetime,
    another: bool = False,
) -> Trainer:
    """Save what changed; the audit entry names the fields, never their values. Does not commit.

    Raises:
        NotFound: no such helper in this ward.
        PossibleDuplicate: with what changed this may be another helper on the list.
    """
    trainer = await _locked(db, ward_id, trainer_id)
    columns = _columns(details)
    changed = sorted(name for name, value in columns.items() if getattr(trainer, name) != value)
    if not changed:
        return trainer
    if not another and {"full_name", "phone"} & set(changed):
        await _no_namesake(db, ward_id, details, but=trainer_id)
    old_phone = trainer.phone
    for name in changed:
        setattr(trainer, name, columns[name])
    await db.flush()
    audit.note(db, trainer, "trainer.edited", by=by, now=now, changed=changed)
    if "phone" in changed:
        await publish(db, HelperPhoneChanged(trainer_id, old_phone, trainer.phone, by, now))
    if "email" in changed:
        await publish(db, HelperEmailChanged(trainer_id, by, now))
    if _NAME_FIELDS & set(changed):
        await publish(db, HelperNameChanged(trainer_id, by, now))
    return trainer


async def set_skills(
    db: AsyncSession, ward_id: str, trainer_id: int, skill_ids: Collection[int], *, by: Actor, now: datetime
) -> None:
    """Make the skills of the edition in force that a helper declares exactly these. Does not commit.

    What training granted, and skills of older editions, stay untouched; ids of other editions are ignored.

    Raises:
        NotFound: no such helper in this ward.
    """
    trainer = await _locked(db, ward_id, trainer_id)
    current = set(
        await db.scalars(
            select(Skill.id).join(Framework, Framework.id == Skill.framework_id).where(Framework.is_current)
        )
    )
    held = {
        row.skill_id: row.source
        for row in await db.execute(
            select(Qualification.skill_id, Qualification.source)
            .where(Qualification.trainer_id == trainer_id, Qualification.ended_at.is_(None))
            .where(Qualification.skill_id.in_(current))
        )
    }
    wanted = current & set(skill_ids)
    added = sorted(wanted - set(held))
    ended = sorted(each for each, source in held.items() if each not in wanted and source == "declared")
    if ended:
        await db.execute(
            update(Qualification)
            .where(Qualification.trainer_id == trainer_id, Qualification.skill_id.in_(ended))
            .where(Qualification.ended_at.is_(None))
            .values(ended_at=now)
        )
    if added:
        rows = [
            {"trainer_id": trainer_id, "skill_id": each, "source": "declared", "since": now} for each in added
        ]
        await db.execute(insert(Qualification), rows)
    if added or ended:
        audit.note(db, trainer, "trainer.skills_set", by=by, now=now, added=added, ended=ended)


async def set_hours(
    db: AsyncSession, ward_id: str, trainer_id: int, hours: Iterable[Hours], *, by: Actor, now: datetime
) -> None:
    """Make the weekly free times of a helper exactly these; none means nothing is known. Does not commit.

    Raises:
        NotFound: no such helper in this ward.
    """
    trainer = await _locked(db, ward_id, trainer_id)
    wanted = sorted(set(hours))
    if wanted == list(await hours_of(db, trainer_id)):
        return
    await db.execute(delete(Availability).where(Availability.trainer_id == trainer_id))
    if wanted:
        rows = [
            {"trainer_id": trainer_id, "weekday": each.weekday, "since": each.since, "until": each.until}
            for each in wanted
        ]
        await db.execute(insert(Availability), rows)
    audit.note(db, trainer, "trainer.hours_set", by=by, now=now, times=len(wanted))


async def leave(db: AsyncSession, ward_id: str, trainer_id: int, *, by: Actor, now: datetime) -> Trainer:
    """Note that a helper left; their assignments stay. Doing it again changes nothing. Does not commit."""
    trainer = await _locked(db, ward_id, trainer_id)
    if trainer.left_at is None:
        trainer.left_at = now
        await db.flush()
        audit.note(db, trainer, "trainer.left", by=by, now=now)
        await publish(db, HelperLeft(trainer_id, by, now))
    return trainer


async def come_back(db: AsyncSession, ward_id: str, trainer_id: int, *, by: Actor, now: datetime) -> Trainer:
    """Note that a helper who left is back. Doing it again changes nothing. Does not commit."""
    trainer = await _locked(db, ward_id, trainer_id)
    if trainer.left_at is not None:
        trainer.left_at = None
        await db.flush()
        audit.note(db, trainer, "trainer.came_back", by=by, now=now)
        await publish(db, HelperReturned(trainer_id, by, now))
    return trainer


async def _no_namesake(db: AsyncSession, ward_id: str, details: TrainerDetails, *, but: int | None) -> None:
    perhaps = [
        Namesake(
            id=each.trainer.id,
            name=each.trainer.full_name,
            facts=_facts(each),
            phone=each.trainer.phone,
            removed=each.trainer.left_at is not None,
        )
        for each in await namesakes(db, ward_id, details.full_name)
        if each.trainer.id != but
        and (details.phone is None or each.trainer.phone is None or each.trainer.phone == details.phone)
    ]
    if perhaps:
        raise PossibleDuplicate(perhaps)


def _facts(person: ListedTrainer) -> tuple[str, ...]:
    teams = ", ".join(member.team.name for member in person.teams)
    return tuple(fact for fact in (person.trainer.position, teams) if fact)


def _columns(details: TrainerDetails) -> dict[str, object]:
    return {
        "full_name": details.full_name,
        "name_key": fold(details.full_name),
        "sort_key": sort_key(details.full_name),
        "kind": details.kind,
        "sex": details.sex,
        "position": details.position,
        "phone": details.phone,
        "phone_note": details.phone_note,
        "email": details.email,
        "teaches_all": details.teaches_all,
        "note": details.note,
    }


async def _locked(db: AsyncSession, ward_id: str, trainer_id: int) -> Trainer:
    trainer = await db.scalar(
        select(Trainer)
        .where(Trainer.id == trainer_id, Trainer.ward_id == ward_id)
        .with_for_update(key_share=True)  # offers and messages of others need not wait
    )
    if trainer is None:
        raise NotFound
    return trainer
