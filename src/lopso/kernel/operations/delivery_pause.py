"""Pauses of delivery: while one is open, no worker claims a text or a mail.

The claims of texts and of mails ask for an open pause in the same statement, so that a pause holds at once
for every worker, and for one that starts on a restored database.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.db import Base, Id, Instant

PAUSE_REASONS = ("restored", "by_hand")


class DeliveryPause(Base):
    """One pause, from `since` to `resumed_at`; at most one is open.

    Attributes:
        reason: "restored": the database comes from a backup; "by_hand": somebody paused.
        backup_taken_at: when that backup was taken: what was sent since is not in the database.
        resume_asked_at: somebody wants delivery to resume; after a restore providers are asked first.
        problem: name of the provider that could not be asked the last time; else empty.
    """

    __tablename__ = "delivery_pause"
    __table_args__ = (
        CheckConstraint(f"reason IN {PAUSE_REASONS}", name="reason"),
        CheckConstraint("(reason = 'restored') = (backup_taken_at IS NOT NULL)", name="restored_from"),
        Index(
            "uq_delivery_pause_open",
            text("(resumed_at IS NULL)"),
            unique=True,
            postgresql_where=text("resumed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    since: Mapped[Instant]
    reason: Mapped[str]
    backup_taken_at: Mapped[Instant | None]
    paused_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    resume_asked_at: Mapped[Instant | None]
    resume_asked_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    problem: Mapped[str] = mapped_column(server_default="")
    resumed_at: Mapped[Instant | None]


async def open_pause(db: AsyncSession, *, lock: bool = False) -> DeliveryPause | None:
    """The open pause, if delivery is paused; one statement."""
    statement = select(DeliveryPause).where(DeliveryPause.resumed_at.is_(None))
    return await db.scalar(statement.with_for_update() if lock else statement)


async def pause_delivery(db: AsyncSession, *, by: Actor, now: datetime) -> DeliveryPause:
    """Pause delivery by hand; a pause that is open stays as it is. Does not commit.

    What workers have already begun to send goes out; nothing else does.
    """
    await db.execute(text("SELECT pg_advisory_xact_lock(hashtext('lopso delivery pause'))"))
    pause = await open_pause(db)
    if pause is None:
        pause = DeliveryPause(since=now, reason="by_hand", paused_by=by.user_id)
        db.add(pause)
        await db.flush()
        audit.note(db, pause, "delivery.paused", by=by, now=now)
    return pause


async def ask_to_resume(db: AsyncSession, *, by: Actor, now: datetime) -> DeliveryPause | None:
    """Resume delivery; after a restore a worker asks the providers first. Does not commit.

    Returns:
        The pause that was open, or None.
    """
    pause = await open_pause(db, lock=True)
    if pause is None:
        return None
    if pause.resume_asked_at is None:
        pause.resume_asked_at, pause.resume_asked_by = now, by.user_id
        audit.note(db, pause, "delivery.resume_asked", by=by, now=now)
    if pause.reason == "by_hand":
        await end_pause(db, pause, by=by, now=now)
    return pause


async def end_pause(db: AsyncSession, pause: DeliveryPause, *, by: Actor, now: datetime) -> None:
    """End `pause`. Does not commit."""
    pause.resumed_at, pause.problem = now, ""
    audit.note(db, pause, "delivery.resumed", by=by, now=now)
