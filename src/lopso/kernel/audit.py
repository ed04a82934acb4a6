"""The audit trail, written in the same transaction as the change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.access import Actor
from lopso.kernel.db import Base, Id, Instant


class AuditEntry(Base):
    """One change. Never updated, never deleted (a trigger refuses both).

    `facts` holds ids and small values; no phone number, no message text.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_ward_id_at", "ward_id", "at"),
        Index("ix_audit_entry_subject_subject_id", "subject", "subject_id"),
    )

    id: Mapped[Id]
    at: Mapped[Instant]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    actor_name: Mapped[str]
    action: Mapped[str]
    ward_id: Mapped[str | None] = mapped_column(String(5))
    subject: Mapped[str]
    subject_id: Mapped[str]
    facts: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a change is about, where no row at hand says it."""

    kind: str
    id: object
    ward_id: str | None = None


def note(
    db: AsyncSession, about: Base | Subject, action: str, /, *, by: Actor, now: datetime, **facts: object
) -> None:
    """Note one change, to be written with the rest of the transaction.

    Args:
        about: a row that is in the database (flushed), with its ward where it has one; or what stands for it.
        action: past tense, dotted: "learner.archived".
        facts: ids and small values; no phone number, no message text.
    """
    subject = about if isinstance(about, Subject) else _subject_of(about)
    db.add(
        AuditEntry(
            at=now,
            actor_id=by.user_id,
            actor_name=by.name,
            action=action,
            ward_id=subject.ward_id,
            subject=subject.kind,
            subject_id=str(subject.id),
            facts=facts,
        )
    )


def _subject_of(row: Base) -> Subject:
    (key,) = inspect(row).identity or (None,)
    if key is None:
        raise ValueError(f"{row.__tablename__}: note a row after it was flushed")
    return Subject(row.__tablename__, key, getattr(row, "ward_id", None))
