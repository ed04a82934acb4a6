"""The invitation behind a link."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import Invitation, User


async def valid_invitation(
    db: AsyncSession, token_hash: bytes, now: datetime, *, lock: bool = False
) -> Invitation | None:
    """The invitation behind a link, unless it was used, replaced or has expired; one statement."""
    query = (
        select(Invitation)
        .join(User, User.id == Invitation.user_id)
        .where(
            Invitation.token_hash == token_hash,
            Invitation.ended_at.is_(None),
            Invitation.expires_at > now,
            User.disabled_at.is_(None),
        )
    )
    return await db.scalar(query.with_for_update(of=Invitation) if lock else query)
