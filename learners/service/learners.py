"""Changes to learners."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from learners.events import (
    LearnerArchived,
    LearnerEmailChanged,
    LearnerNameChanged,
    LearnerPhoneChanged,
    LearnerReturned,
)
from learners.models import Learner
from learners.queries.learners import perhaps_the_same
from learners.rules import LearnerDetails
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from lopso.kernel.locking import locked_row
from people.errors import PossibleDuplicate
from people.records import changed_columns, name_columns

_NAME_FIELDS = {"full_name", "title", "sex", "birth_year"}
"""What decides how somebody is addressed."""


async def register(
    db: AsyncSession,
    ward_id: str,
    details: LearnerDetails,
    *,
    by: Actor,
    now: datetime,
    another: bool = False,
) -> Learner:
    """Add a learner to the ward's list. Does not commit.

    Args:
        another: True when a person saw the namesakes and says this is somebody else.

    Raises:
        PossibleDuplicate: somebody of this name may be the same person.
        InvalidInput: the neighbourhood is not one of this ward.
    """
    if not another:
        namesakes = await perhaps_the_same(db, ward_id, details.full_name, details.identity)
        if namesakes:
            raise PossibleDuplicate(namesakes)
    learner = Learner(ward_id=ward_id, registered_at=now, **_columns(details))
    async with _checked(db):
        db.add(learner)
    audit.note(db, learner, "learner.registered", by=by, now=now)
    return learner


async def edit(
    db: AsyncSession,
    ward_id: str,
    learner_id: int,
    details: LearnerDetails,
    *,
    by: Actor,
    now: datetime,
    another: bool = False,
) -> Learner:
    """Save what changed; the audit entry names the fields, never their values. Does not commit.

    Raises:
        NotFound: no such learner in this ward.
        PossibleDuplicate: after the change this may be another learner of the list.
        InvalidInput: the neighbourhood is not one of this ward.
    """
    learner = await locked_learner(db, ward_id, learner_id)
    columns = _columns(details)
    changed = changed_columns(learner, columns)
    if not changed:
        return learner
    if not another and {"full_name", "birth_year", "phone"} & set(changed):
        namesakes = await perhaps_the_same(db, ward_id, details.full_name, details.identity, but=learner_id)
        if namesakes:
            raise PossibleDuplicate(namesakes)
    old_phone = learner.phone
    async with _checked(db):
        for name in changed:
            setattr(learner, name, columns[name])
    audit.note(db, learner, "learner.edited", by=by, now=now, changed=changed)
    if "phone" in changed:
        await publish(db, LearnerPhoneChanged(learner_id, old_phone, learner.phone, by, now))
    if "email" in changed:
        await publish(db, LearnerEmailChanged(learner_id, by, now))
    if _NAME_FIELDS & set(changed):
        await publish(db, LearnerNameChanged(learner_id, by, now))
    return learner


async def archive(db: AsyncSession, ward_id: str, learner_id: int, *, by: Actor, now: datetime) -> Learner:
    """Archive a learner; what points at them stays. Archiving again changes nothing. Does not commit."""
    learner = await locked_learner(db, ward_id, learner_id)
    if learner.archived_at is None:
        learner.archived_at = now
        await db.flush()
        audit.note(db, learner, "learner.archived", by=by, now=now)
        await publish(db, LearnerArchived(learner_id, by, now))
    return learner


async def restore(db: AsyncSession, ward_id: str, learner_id: int, *, by: Actor, now: datetime) -> Learner:
    """Restore an archived learner. Restoring again changes nothing. Does not commit."""
    learner = await locked_learner(db, ward_id, learner_id)
    if learner.archived_at is not None:
        learner.archived_at = None
        await db.flush()
        audit.note(db, learner, "learner.restored", by=by, now=now)
        await publish(db, LearnerReturned(learner_id, by, now))
    return learner


def _columns(details: LearnerDetails) -> dict[str, object]:
    return {
        **asdict(details),
        "audiences": list(details.audiences),
        **name_columns(details.full_name),
    }


async def locked_learner(db: AsyncSession, ward_id: str, learner_id: int) -> Learner:
    """A learner of this ward, locked against other changes; enrolments and messages need not wait.

    Raises:
        NotFound: none, or of another ward.
    """
    return await locked_row(db, Learner, ward_id, learner_id, key_share=True)


@asynccontextmanager
async def _checked(db: AsyncSession) -> AsyncGenerator[None]:
    """A savepoint: after a refusal the transaction can still read what the page of the form needs.

    Raises:
        InvalidInput: the neighbourhood is not one of this ward.
    """
    try:
        async with db.begin_nested():
            yield
    except IntegrityError as error:
        if "neighbourhood" in str(error.orig):
            raise InvalidInput(
                {"neighbourhood_id": _("Xin chọn tổ dân phố, thôn của phường, xã này.")}
            ) from error
        raise
