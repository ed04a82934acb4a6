"""What follows from a restore, in its transaction: a database of the past must not act on what it knows."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, text, update

from accounts.models import Invitation, LoginSession, ResetCode, ResetMail
from lopso.application.backup.container import Header
from lopso.kernel.audit import AuditEntry
from lopso.kernel.operations.delivery_pause import DeliveryPause
from lopso.kernel.operations.heartbeat import WorkerHeartbeat
from notifications.models import GatewayState


def settle_restore(connection: Connection, header: Header) -> None:
    """Pause delivery, end what lets people in, forget how workers and providers were, and note it."""
    now = connection.execute(text("SELECT now()")).scalar_one()
    _pause(connection, header, now)
    _end_access(connection, now)
    connection.execute(delete(GatewayState))
    connection.execute(delete(WorkerHeartbeat))
    connection.execute(
        insert(AuditEntry).values(
            at=now,
            actor_name="lopso",
            action="database.restored",
            subject="database",
            subject_id="1",
            facts={"taken_at": header.taken_at.isoformat(), "revision": header.revision},
        )
    )


def _pause(connection: Connection, header: Header, now: datetime) -> None:
    connection.execute(update(DeliveryPause).where(DeliveryPause.resumed_at.is_(None)).values(resumed_at=now))
    connection.execute(
        insert(DeliveryPause).values(since=now, reason="restored", backup_taken_at=header.taken_at)
    )


def _end_access(connection: Connection, now: datetime) -> None:
    """Log-ins that were ended since the backup, links and codes that were used since: none may open again."""
    connection.execute(delete(LoginSession))
    for table in (Invitation, ResetCode):
        connection.execute(update(table).where(table.ended_at.is_(None)).values(ended_at=now))
    unsent = update(ResetMail).where(ResetMail.finished_at.is_(None))
    connection.execute(unsent.values(finished_at=now, outcome="expired"))
