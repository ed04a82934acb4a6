"""Backups that were made, and how each ended."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant

CHECKS = ("", "read", "restored")


class BackupRun(Base):
    """One backup. `file` is its name without folder; `size` in bytes.

    Attributes:
        check: "restored" into a scratch database and compared, or "read" from the file and compared; empty
            while it runs, and where it failed.
        problem: why it failed, a short code; empty where it did not.
    """

    __tablename__ = "backup_run"
    __table_args__ = (
        CheckConstraint(f"checked IN {CHECKS}", name="checked"),
        Index("ix_backup_run_began_at", "began_at"),
    )

    id: Mapped[Id]
    began_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    file: Mapped[str]
    size: Mapped[int | None]
    rows: Mapped[int | None]
    check: Mapped[str] = mapped_column("checked", server_default="")
    problem: Mapped[str] = mapped_column(server_default="")


async def last_good_backup(db: AsyncSession | AsyncConnection) -> datetime | None:
    """When the newest backup that did well was begun, which is the moment it shows. One statement."""
    statement = (
        select(BackupRun.began_at).where(BackupRun.check != "").order_by(BackupRun.began_at.desc()).limit(1)
    )
    return (await db.execute(statement)).scalar()
