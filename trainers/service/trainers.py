"""Changes to helpers."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.events import publish
from lopso.kernel.locking import locked_row
from people.errors import Namesake, PossibleDuplicate
from people.records import changed_columns, name_columns
from trainers.events import (
    HelperEmailChanged,
    HelperLeft,
    HelperNameChanged,
    HelperPhoneChanged,
    HelperReturned,
)
from trainers.models import Trainer
from trainers.queries.trainers import ListedTrainer, namesakes
from trainers.rules import TrainerDetails

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
    trainer = await locked_trainer(db, ward_id, trainer_id)
    columns = _columns(details)
    changed = changed_columns(trainer, columns)
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


async def leave(db: AsyncSession, ward_id: str, trainer_id: int, *, by: Actor, now: datetime) -> Trainer:
    """Note that a helper left; their assignments stay. Doing it again changes nothing. Does not commit."""
    trainer = await locked_trainer(db, ward_id, trainer_id)
    if trainer.left_at is None:
        trainer.left_at = now
        await db.flush()
        audit.note(db, trainer, "trainer.left", by=by, now=now)
        await publish(db, HelperLeft(trainer_id, by, now))
    return trainer


async def come_back(db: AsyncSession, ward_id: str, trainer_id: int, *, by: Actor, now: datetime) -> Trainer:
    """Note that a helper who left is back. Doing it again changes nothing. Does not commit."""
    trainer = await locked_trainer(db, ward_id, trainer_id)
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
        **name_columns(details.full_name),
        "kind": details.kind,
        "sex": details.sex,
        "position": details.position,
        "phone": details.phone,
        "phone_note": details.phone_note,
        "email": details.email,
        "teaches_all": details.teaches_all,
        "note": details.note,
    }


async def locked_trainer(db: AsyncSession, ward_id: str, trainer_id: int) -> Trainer:
    """A helper of this ward, locked against other changes; offers and messages need not wait.

    Raises:
        NotFound: none, or of another ward.
    """
    return await locked_row(db, Trainer, ward_id, trainer_id, key_share=True)
