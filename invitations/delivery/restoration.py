"""After a restore: a mail that may have gone since the backup waits for a person; no server can be asked."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_SET_ASIDE = text("""
    UPDATE mail SET state = 'failed', state_reason = 'restored', uncertain = true, lease_until = NULL,
        finished_at = :now
    WHERE state IN ('planned', 'claimed', 'sending') AND due_at <= :restored_at AND created_at <= :taken_at
""")


async def set_restored_aside(
    db: AsyncSession, *, taken_at: datetime, restored_at: datetime, now: datetime
) -> int:
    """Keep back the mails that were open at the backup and due since; how many. Does not commit.

    Staff see them among the mails that need attention, and send again those that are wanted.
    """
    values = {"taken_at": taken_at, "restored_at": restored_at, "now": now}
    return (await db.execute(_SET_ASIDE, values)).rowcount  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]  (a cursor result)
