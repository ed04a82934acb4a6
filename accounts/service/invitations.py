"""Links with which somebody chooses a password, once: after an invitation, or a forgotten one."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import queries
from accounts.errors import InvitationInvalid
from accounts.models import Invitation, User
from accounts.service.credentials import set_password
from accounts.service.sessions import token_id
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
    token = new_link(db, user_id, lasts=INVITATION_LASTS, by=by, now=now)
    audit.note(db, account_subject(user_id), "user.invited", by=by, now=now)
    return token


def new_link(db: AsyncSession, user_id: int, *, lasts: timedelta, by: Actor, now: datetime) -> str:
    """A link's token, beside those that are open. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    db.add(
        Invitation(
            token_hash=token_id(token),
            user_id=user_id,
            created_at=now,
            created_by=by.user_id,
            expires_at=now + lasts,
        )
    )
    return token


async def accept_invitation(db: AsyncSession, token: str, *, password: str, now: datetime) -> User:
    """Set the password of the invited person; the link and older sessions end.

    Raises:
        InvitationInvalid: unknown, used or expired.
        InvalidInput: a weak password; the link stays valid.
    """
    invitation = await queries.valid_invitation(db, token_id(token), now, lock=True)
    if invitation is None:
        raise InvitationInvalid
    user = await db.get_one(User, invitation.user_id)
    by = Actor(user.id, user.name)
    await set_password(db, user, password, by=by, now=now, how="chose_password")
    return user
