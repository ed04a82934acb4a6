"""Invites that one act changed."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Invite


async def invites_changed(db: AsyncSession, session_ids: Collection[int], *, at: datetime) -> int:
    """How many invites into these sessions were changed at this instant; one statement."""
    found = await db.scalar(
        select(func.count()).where(Invite.session_id.in_(session_ids), Invite.changed_at == at)
    )
    return found or 0
