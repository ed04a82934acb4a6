"""The audit trail: who changed what, when, in the same transaction as the change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ForeignKey, Index, String
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


class WardRow(Protocol):
    """A row of a table that belongs to a ward."""

    __tablename__: str

    @property
    def id(self) -> object:
        """Its key."""
        ...

    @property
    def ward_id(self) -> str | None:
        """Its ward; None for what belongs to the whole city."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What a change is about, where no row at hand says it."""

    kind: str
    id: object
    ward_id: str | None = None


def note(
    db: AsyncSession, about: WardRow | Subject, action: str, /, *, by: Actor, now: datetime, **facts: object
) -> None:
    """Note one change, to be written with the rest of the transaction.

    Args:
        about: a row with its id (flushed), or what stands for one.
        action: past tense, dotted: "learner.archived".
        facts: ids and small values; no phone number, no message text.
    """
    kind = about.kind if isinstance(about, Subject) else about.__tablename__
    db.add(
        AuditEntry(
            at=now,
            actor_id=by.user_id,
            actor_name=by.name,
            action=action,
            ward_id=about.ward_id,
            subject=kind,
            subject_id=str(about.id),
            facts=facts,
        )
    )


def record(
    db: AsyncSession,
    *,
    by: Actor,
    now: datetime,
    action: str,
    ward_id: str | None,
    subject: str,
    subject_id: object,
    facts: dict[str, Any] | None = None,
) -> None:
    """Note one change; written with the rest of the transaction. `action` is past tense, dotted."""
    db.add(
        AuditEntry(
            at=now,
            actor_id=by.user_id,
            actor_name=by.name,
            action=action,
            ward_id=ward_id,
            subject=subject,
            subject_id=str(subject_id),
            facts=facts or {},
        )
    )
