"""Revoking sign-offs: one with a reason, or all of one press by mistake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from competency.errors import TooLateToUndo
from competency.events import SignOffsRevoked
from competency.models import SignOff
from competency.service.readiness import lock_learners, refresh
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from lopso.kernel.locking import locked_row
from lopso.kernel.parsing import one_line

UNDO_WITHIN = timedelta(minutes=30)
"""How long after the press all its sign-offs can be undone at once."""


@dataclass(frozen=True, slots=True)
class UndoneSignOffs:
    """What became of the sign-offs of one press.

    Attributes:
        revoked: undone; their skills wait again.
        kept: those that replaced a lower level, which undoing would not bring back.
    """

    revoked: Sequence[SignOff]
    kept: Sequence[SignOff]


async def revoke_sign_off(
    db: AsyncSession, ward_id: str, sign_off_id: int, *, reason: str, by: Actor, now: datetime
) -> SignOff:
    """Take a sign-off back, with the reason given. Twice changes nothing. Does not commit.

    Raises:
        NotFound: no such sign-off in this ward.
        InvalidInput: no reason.
    """
    found = await locked_row(db, SignOff, ward_id, sign_off_id)
    if found.revoked_at is not None:
        return found
    reason = one_line(reason)
    if not reason:
        raise InvalidInput({"reason": _("Xin ghi lý do thu hồi.")})
    _revoke(db, found, reason=reason, by=by, now=now)
    await lock_learners(db, [found.learner_id])
    await refresh(db, [(found.learner_id, found.skill_id)])
    await publish(db, SignOffsRevoked(ward_id, (found.learner_id,), by, now))
    return found


async def undo_sign_offs(
    db: AsyncSession, ward_id: str, signed_at: datetime, *, by: Actor, now: datetime
) -> UndoneSignOffs:
    """Revoke what this person signed in one press, which `signed_at` tells. Does not commit.

    What was revoked meanwhile stays as it is. Nine statements and those of event handlers, whatever the
    number.

    Raises:
        TooLateToUndo: longer ago than `UNDO_WITHIN`.
    """
    if not signed_at <= now <= signed_at + UNDO_WITHIN:
        raise TooLateToUndo
    given = (
        select(SignOff)
        .where(SignOff.ward_id == ward_id, SignOff.signed_by == by.user_id, SignOff.signed_at == signed_at)
        .where(SignOff.revoked_at.is_(None))
        .order_by(SignOff.learner_id, SignOff.skill_id)
    )
    await lock_learners(db, [each.learner_id for each in await db.scalars(given)])
    standing = (await db.scalars(given.execution_options(populate_existing=True))).all()
    replacing = set(await db.scalars(_replacing(ward_id, signed_at, by.user_id)))
    revoked = [each for each in standing if each.id not in replacing]
    reason = _("Hoàn tác ngay sau khi xác nhận")
    for each in revoked:
        _revoke(db, each, reason=reason, by=by, now=now)
    if revoked:
        await refresh(db, [(each.learner_id, each.skill_id) for each in revoked])
        learner_ids = tuple(sorted({each.learner_id for each in revoked}))
        await publish(db, SignOffsRevoked(ward_id, learner_ids, by, now))
    return UndoneSignOffs(revoked, [each for each in standing if each.id in replacing])


def _replacing(ward_id: str, signed_at: datetime, signer_id: int | None):
    """Ids of sign-offs of one press that replaced one at a lower level."""
    former = aliased(SignOff)
    return select(SignOff.id).where(
        SignOff.ward_id == ward_id,
        SignOff.signed_by == signer_id,
        SignOff.signed_at == signed_at,
        exists().where(
            former.learner_id == SignOff.learner_id,
            former.skill_id == SignOff.skill_id,
            former.id != SignOff.id,
            former.revoked_at == signed_at,
        ),
    )


def _revoke(db: AsyncSession, found: SignOff, *, reason: str, by: Actor, now: datetime) -> None:
    found.revoked_at, found.revoked_by, found.revoke_reason = now, by.user_id, reason
    audit.note(
        db,
        found,
        "sign_off.revoked",
        by=by,
        now=now,
        reason=reason,
        learner_id=found.learner_id,
        skill_id=found.skill_id,
    )
