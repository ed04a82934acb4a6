"""Workers that are alive: each has a row and renews it; whoever watches reads only the database."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import Uuid, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Instant

EVERY = timedelta(seconds=10)
SILENT_AFTER = timedelta(seconds=45)
"""A worker not seen for so long counts as gone."""

_FORGOTTEN_AFTER = timedelta(days=1)


class WorkerHeartbeat(Base):
    """A running worker process; it removes its row when it ends in order."""

    __tablename__ = "worker_heartbeat"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    started_at: Mapped[Instant]
    seen_at: Mapped[Instant]


async def beat(connection: AsyncConnection, worker_id: uuid.UUID, *, now: datetime) -> None:
    """Say that this worker is alive, and forget those gone for a day. Does not commit."""
    row = insert(WorkerHeartbeat).values(id=worker_id, started_at=now, seen_at=now)
    await connection.execute(row.on_conflict_do_update(index_elements=["id"], set_={"seen_at": now}))
    await connection.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.seen_at < now - _FORGOTTEN_AFTER))


async def leave(connection: AsyncConnection, worker_id: uuid.UUID) -> None:
    """Say that this worker ends. Does not commit."""
    await connection.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.id == worker_id))


async def last_seen(db: AsyncSession | AsyncConnection) -> datetime | None:
    """When some worker was last seen; None when none is known. One statement."""
    statement = select(WorkerHeartbeat.seen_at).order_by(WorkerHeartbeat.seen_at.desc()).limit(1)
    return (await db.execute(statement)).scalar()
