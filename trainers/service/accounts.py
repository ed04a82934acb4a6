"""Accounts of helpers: the coordinator hands over a link to choose a password."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service as accounts
from accounts.models import RoleGrant
from lopso.kernel import audit
from lopso.kernel.access import Actor, Role
from lopso.kernel.errors import InvalidInput, NotFound, Refused
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from trainers.events import HelperEmailChanged
from trainers.models import Trainer


async def give_account(db: AsyncSession, ward_id: str, trainer_id: int, *, by: Actor, now: datetime) -> str:
    """Let a helper log in with their phone or e-mail; again, for a lost link or a forgotten password.

    Returns:
        The token of an invitation link, to be shown once.

    Raises:
        NotFound: no such helper in this ward, or they have left.
        InvalidInput: neither phone nor e-mail is known, or somebody else logs in with it.
        Refused: the account holds more than teaching in this ward: its link is for the city to give.
    """
    trainer = await _locked(db, ward_id, trainer_id)
    user_id = trainer.user_id
    if user_id is None:
        if trainer.phone is None and trainer.email is None:
            raise InvalidInput(
                {"phone": _("Cần số điện thoại hoặc e-mail của người này để đăng nhập. Xin bổ sung trước.")}
            )
        user = await accounts.add_user(
            db,
            name=trainer.full_name,
            password=None,
            email=trainer.email,
            phone=trainer.phone,
            by=by,
            now=now,
        )
        user_id = user.id
        await link_account(db, ward_id, trainer_id, user_id, by=by, now=now)

    else:
        await _require_teaching_only(db, user_id, ward_id)
    return await accounts.invite(db, user_id, by=by, now=now)


async def make_helper_code(
    db: AsyncSession, ward_id: str, trainer_id: int, *, by: Actor, now: datetime
) -> str:
    """A code for a new password, to be read out to a helper who forgot theirs.

    Raises:
        NotFound: no such helper in this ward, they have left, or have no account.
        Refused: the account holds more than teaching in this ward, or is disabled.
    """
    trainer = await _locked(db, ward_id, trainer_id)
    if trainer.user_id is None:
        raise NotFound
    await _require_teaching_only(db, trainer.user_id, ward_id)
    return await accounts.make_reset_code(db, trainer.user_id, by=by, now=now)


async def link_account(
    db: AsyncSession, ward_id: str, trainer_id: int, user_id: int, *, by: Actor, now: datetime
) -> None:
    """Link a helper to an existing account, and grant it the trainer role in the helper's ward.

    Raises:
        NotFound: no such helper in this ward, or they have left.
        InvalidInput: the helper has another account.
    """
    trainer = await _locked(db, ward_id, trainer_id)
    if trainer.user_id not in (None, user_id):
        raise InvalidInput({"user": _("Người này đã có tài khoản khác.")})
    trainer.user_id = user_id
    await db.flush()
    await accounts.grant_role(db, user_id, Role.TRAINER, ward_id, by=by, now=now)
    audit.note(db, trainer, "trainer.account_linked", by=by, now=now, user=user_id)
    if trainer.email is None:
        await publish(db, HelperEmailChanged(trainer_id, by, now))


async def _require_teaching_only(db: AsyncSession, user_id: int, ward_id: str) -> None:
    """Require that a link or code to set the password hands over no more than teaching in this ward."""
    other = (RoleGrant.role != Role.TRAINER) | RoleGrant.ward_id.is_distinct_from(ward_id)
    found = await db.scalar(
        select(RoleGrant.id)
        .where(RoleGrant.user_id == user_id, RoleGrant.revoked_at.is_(None), other)
        .limit(1)
    )
    if found is not None:
        raise Refused(
            _("Tài khoản này còn vai trò khác. Xin quản trị thành phố tạo đường dẫn đặt lại mật khẩu.")
        )


async def _locked(db: AsyncSession, ward_id: str, trainer_id: int) -> Trainer:
    trainer = await db.scalar(
        select(Trainer)
        .where(Trainer.id == trainer_id, Trainer.ward_id == ward_id, Trainer.left_at.is_(None))
        .with_for_update(key_share=True)
    )
    if trainer is None:
        raise NotFound
    return trainer
