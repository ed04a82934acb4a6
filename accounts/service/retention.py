"""What accounts leave behind, deleted after its time."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import Invitation, KnownDevice, LoginFailure, LoginSession, ResetCode, ResetMail
from accounts.queries.sessions import IDLE, LONGEST, STEP_WITHIN
from lopso.kernel.db import Base

FAILURES_KEPT = timedelta(days=1)
RESETS_KEPT = timedelta(days=7)
INVITATIONS_KEPT = timedelta(days=30)
DEVICES_KEPT = timedelta(days=180)


async def clear_accounts(db: AsyncSession, *, now: datetime) -> dict[str, int]:
    """Delete ended log-ins, traces of wrong passwords, used and expired links and codes, devices not seen for
    long; rows by table. Does not commit.

    The audit trail says who logged in when, and stays.
    """
    ended_log_in = or_(
        LoginSession.seen_at <= now - IDLE,
        LoginSession.created_at <= now - LONGEST,
        LoginSession.awaits.is_not(None) & (LoginSession.created_at <= now - STEP_WITHIN),
    )
    past: list[tuple[type[Base], ColumnElement[bool]]] = [
        (LoginSession, ended_log_in),
        (LoginFailure, LoginFailure.at <= now - FAILURES_KEPT),
        (ResetMail, ResetMail.requested_at <= now - RESETS_KEPT),
        (ResetCode, ResetCode.expires_at <= now - RESETS_KEPT),
        (Invitation, Invitation.expires_at <= now - INVITATIONS_KEPT),
        (KnownDevice, KnownDevice.seen_at <= now - DEVICES_KEPT),
    ]
    cleared: dict[str, int] = {}
    for table, condition in past:
        rows = await db.execute(delete(table).where(condition).returning(*table.__mapper__.primary_key))
        cleared[table.__tablename__] = len(rows.all())
    return cleared
