"""A forgotten password: a link by mail, or a code that staff read out."""

from datetime import datetime, timedelta

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords
from accounts.errors import WrongResetCode
from accounts.models import ResetCode, ResetMail, User
from accounts.queries.resets import open_reset_code
from accounts.rules.codes import new_reset_code, read_digits
from accounts.service.credentials import set_password
from accounts.service.log_in import account_of, read_identifier
from accounts.service.subjects import account_subject
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _

CODE_LASTS = timedelta(minutes=30)
MAILS_AN_HOUR = 3


async def request_reset_mail(db: AsyncSession, identifier: str, *, now: datetime) -> None:
    """Ask for a mail with a link, if there is such an account with an address.

    One statement whether there is one or not; the worker makes the link and sends it, so the answer takes as
    long in either case. More than three an hour are not sent.
    """
    email, phone = read_identifier(identifier)
    recent = (
        select(func.count())
        .where(ResetMail.user_id == User.id, ResetMail.requested_at > now - timedelta(hours=1))
        .correlate(User)
        .scalar_subquery()
    )
    account = select(User.id, literal(now), literal(now)).where(
        User.email == email if email is not None else User.phone == (phone or ""),
        User.email.is_not(None),
        User.disabled_at.is_(None),
        recent < MAILS_AN_HOUR,
    )
    await db.execute(insert(ResetMail).from_select(["user_id", "requested_at", "due_at"], account))


async def make_reset_code(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> str:
    """Make a code of twelve digits to be read out; an older one ends. Only a hash is kept.

    Raises:
        NotFound: no such account.
        Refused: the account is disabled.
    """
    user = await db.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound
    if user.disabled_at is not None:
        raise Refused(_("Tài khoản này đang bị khóa."))
    await db.execute(
        update(ResetCode)
        .where(ResetCode.user_id == user_id, ResetCode.ended_at.is_(None))
        .values(ended_at=now)
    )
    code = new_reset_code()
    db.add(
        ResetCode(
            user_id=user_id,
            code_hash=await passwords.hash_password(code),
            created_at=now,
            created_by=by.user_id,
            expires_at=now + CODE_LASTS,
        )
    )
    audit.note(db, account_subject(user_id), "user.reset_code_made", by=by, now=now)
    return code


async def reset_with_code(
    db: AsyncSession, *, identifier: str, code: str, password: str, now: datetime
) -> User:
    """Choose a new password with a code that was read out; it ends, and so do all sessions.

    Raises:
        WrongResetCode: no such account, no code for it, or another one; it takes as long in each case.
        InvalidInput: a weak password; the code stays good.
    """
    user = await account_of(db, identifier)
    open_code = await open_reset_code(db, user.id if user else None, now)
    right = await passwords.matches(open_code.code_hash if open_code else None, read_digits(code))
    if not right or user is None:
        raise WrongResetCode
    await set_password(db, user, password, by=Actor(user.id, user.name), now=now, how="reset_password")
    return user
