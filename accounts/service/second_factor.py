"""The second factor: set up, checked, removed."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords
from accounts.errors import SecondFactorUnreadable, WrongCode
from accounts.models import RecoveryCode, RoleGrant, SecondFactor
from accounts.queries.second_factor import second_factor_of
from accounts.rules import authenticator, codes
from accounts.service.sessions import Awaits, end_sessions
from accounts.service.subjects import account_subject
from lopso.kernel import audit
from lopso.kernel.access import Actor, Role
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.sealing import CannotUnseal, seal, unseal


async def step_after_password(db: AsyncSession, user_id: int, demanded: Collection[Role]) -> Awaits | None:
    """What a log-in needs after the password: the code of an app, its set-up, or nothing."""
    factor = await second_factor_of(db, user_id)
    if factor is not None and factor.confirmed_at is not None:
        return "code"
    if not demanded:
        return None
    held = await db.scalar(
        select(RoleGrant.id)
        .where(RoleGrant.user_id == user_id, RoleGrant.revoked_at.is_(None), RoleGrant.role.in_(demanded))
        .limit(1)
    )
    return "set_up" if held is not None else None


async def begin_set_up(db: AsyncSession, user_id: int, *, app_secret: str, now: datetime) -> SecondFactor:
    """Make a secret for an app, to be confirmed by its first code. One that waits is replaced.

    Raises:
        Refused: a second factor is in use already.
    """
    factor = await second_factor_of(db, user_id, lock=True)
    if factor is not None and factor.confirmed_at is not None:
        raise Refused(_("Tài khoản này đã bật xác thực hai bước."))
    sealed = seal(authenticator.new_secret().encode(), secret=app_secret, owner=_owner(user_id))
    if factor is None:
        factor = SecondFactor(user_id=user_id, secret=sealed, created_at=now)
        db.add(factor)
    else:
        factor.secret, factor.created_at = sealed, now
    await db.flush()
    return factor


def secret_of(factor: SecondFactor, *, app_secret: str) -> str:
    """The secret for an app, as base32.

    Raises:
        SecondFactorUnreadable: ``LOPSO_SECRET`` is another one than it was.
    """
    try:
        return unseal(factor.secret, secret=app_secret, owner=_owner(factor.user_id)).decode()
    except CannotUnseal as error:
        raise SecondFactorUnreadable from error


async def confirm_set_up(
    db: AsyncSession, user_id: int, typed: str, *, app_secret: str, by: Actor, now: datetime
) -> Sequence[str]:
    """The first code of the app: from now on each log-in needs one.

    Returns:
        Ten recovery codes, to be shown once.

    Raises:
        WrongCode: not the code of this moment.
        Refused: nothing is being set up.
    """
    factor = await second_factor_of(db, user_id, lock=True)
    if factor is None or factor.confirmed_at is not None:
        raise Refused(_("Xin bắt đầu cài đặt lại từ đầu."))
    await _accept_app_code(factor, typed, app_secret, now)
    factor.confirmed_at = now
    audit.note(db, account_subject(user_id), "user.set_up_second_factor", by=by, now=now)
    return await _new_recovery_codes(db, user_id, now)


async def check_code(
    db: AsyncSession, user_id: int, typed: str, *, app_secret: str, by: Actor, now: datetime
) -> None:
    """Accept a code of the app, or a recovery code, once.

    Raises:
        WrongCode: neither, or used before.
    """
    factor = await second_factor_of(db, user_id, lock=True)
    if factor is None or factor.confirmed_at is None:
        raise WrongCode
    recovery = codes.read_recovery_code(typed)
    if recovery is None:
        await _accept_app_code(factor, typed, app_secret, now)
    else:
        await _use_recovery_code(db, user_id, recovery, by, now)


async def _accept_app_code(factor: SecondFactor, typed: str, app_secret: str, now: datetime) -> None:
    secret = secret_of(factor, app_secret=app_secret)
    code = codes.read_digits(typed)
    step = authenticator.accepted_step(secret, code, last_step=factor.last_step, now=now)
    if step is None:
        raise WrongCode
    factor.last_step = step


async def _use_recovery_code(
    db: AsyncSession, user_id: int, code: codes.RecoveryText, by: Actor, now: datetime
) -> None:
    row = await db.scalar(
        select(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.selector == code.selector,
            RecoveryCode.used_at.is_(None),
        )
        .with_for_update()
    )
    if not await passwords.matches(row.code_hash if row else None, code.verifier) or row is None:
        raise WrongCode
    row.used_at = now
    audit.note(db, account_subject(user_id), "user.used_recovery_code", by=by, now=now)


async def renew_recovery_codes(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> Sequence[str]:
    """Ten new codes in place of the old ones, to be shown once."""
    audit.note(db, account_subject(user_id), "user.renewed_recovery_codes", by=by, now=now)
    return await _new_recovery_codes(db, user_id, now)


async def _new_recovery_codes(db: AsyncSession, user_id: int, now: datetime) -> Sequence[str]:
    await db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    fresh = codes.new_recovery_codes()
    hashes = await asyncio.to_thread(lambda: [passwords.HASHER.hash(each.verifier) for each in fresh])
    db.add_all(
        RecoveryCode(user_id=user_id, selector=each.selector, code_hash=hashed, created_at=now)
        for each, hashed in zip(fresh, hashes, strict=True)
    )
    return [str(each) for each in fresh]


async def remove_second_factor(
    db: AsyncSession, user_id: int, *, but_session: bytes | None = None, by: Actor, now: datetime
) -> bool:
    """Remove the app and its recovery codes; sessions end, perhaps but one.

    Returns:
        Whether there was one.
    """
    await db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    removed = await db.execute(
        delete(SecondFactor).where(SecondFactor.user_id == user_id).returning(SecondFactor.confirmed_at)
    )
    if not any(row.confirmed_at for row in removed):
        return False
    await end_sessions(db, user_id, but=but_session)
    audit.note(db, account_subject(user_id), "user.second_factor_removed", by=by, now=now)
    return True


def _owner(user_id: int) -> str:
    return f"second_factor {user_id}"
