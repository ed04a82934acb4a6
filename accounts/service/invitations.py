"""Links with which somebody chooses a password, once."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import passwords, queries
from accounts.errors import InvitationInvalid
from accounts.models import Invitation, User
from accounts.service.sessions import end_sessions, token_id
from accounts.service.subjects import account_subject
from lopso.kernel import audit
from lopso.kernel.access import Actor

INVITATION_LASTS = timedelta(days=7)


async def invite(db: AsyncSession, user_id: int, *, by: Actor, now: datetime) -> str:
    """Make a link's token (256 random bits) with which the person chooses a password; older ones end.

    Only its hash is kept: the token can be shown this once.
    """
    await db.execute(
        update(Invitation)
        .where(Invitation.user_id == user_id, Invitation.ended_at.is_(None))
        .values(ended_at=now)
    )
    token = secrets.token_urlsafe(32)
    db.add(
        Invitation(
            token_hash=token_id(token),
            user_id=user_id,
            created_at=now,
            created_by=by.user_id,
            expires_at=now + INVITATION_LASTS,
        )
    )
    audit.note(db, account_subject(user_id), "user.invited", by=by, now=now)
    return token


async def accept_invitation(db: AsyncSession, token: str, *, password: str, now: datetime) -> User:
    """Set the password of the invited person; the link and older sessions end.

    Raises:
        InvitationInvalid: unknown, used or expired.
        InvalidInput: a weak password; the link stays valid.
    """
    invitation = await queries.valid_invitation(db, token_id(token), now)
    if invitation is None:
        raise InvitationInvalid
    passwords.check_new(password)
    ended = await db.execute(
        update(Invitation)
        .where(Invitation.token_hash == invitation.token_hash, Invitation.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Invitation.user_id)
    )
    if ended.first() is None:
        raise InvitationInvalid
    user = await db.get_one(User, invitation.user_id)
    user.password_hash = await passwords.hash_password(password)
    await end_sessions(db, user.id)
    audit.note(db, account_subject(user.id), "user.chose_password", by=Actor(user.id, user.name), now=now)
    return user
