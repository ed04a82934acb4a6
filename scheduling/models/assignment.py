"""Assignments: who teaches or helps in which session."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lopso.kernel.db import Base, Id, Instant, WardId
from scheduling.models.session import ClassSession
from trainers.models import Trainer

ASSIGNMENT_ACTIVE = ("offered", "accepted")
REASON_CLEARED = "lý do đã xóa"
"""In place of a reason that is kept no longer: `scheduling.service.retention`."""

ASSIGNMENT_STATES = (*ASSIGNMENT_ACTIVE, "declined", "withdrawn", "replaced", "no_show")


class Assignment(Base):
    """A helper asked into a session. Never deleted: asking again makes a new row.

    `starts_at` and `ends_at` follow the session by a cascading foreign key, so the exclusion on them
    also holds when a session is moved. `ward_id` is the session's ward; helpers may come from another.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "session_id"], ["class_session.ward_id", "class_session.id"]),
        ForeignKeyConstraint(
            ["session_id", "starts_at", "ends_at"],
            ["class_session.id", "class_session.starts_at", "class_session.ends_at"],
            onupdate="CASCADE",
            name="fk_assignment_session_time",
        ),
        CheckConstraint("role IN ('trainer', 'helper')", name="role"),
        CheckConstraint(f"state IN {ASSIGNMENT_STATES}", name="state"),
        CheckConstraint("state = 'offered' OR answered_at IS NOT NULL", name="answer_has_time"),
        CheckConstraint("state <> 'declined' OR reason <> ''", name="decline_has_reason"),
        ExcludeConstraint(
            (text("int8range(trainer_id, trainer_id, '[]')"), "&&"),
            ("during", "&&"),
            where=text("state IN ('offered', 'accepted')"),
            using="gist",
            name="ex_assignment_helper_once",
        ),
        Index("ix_assignment_session_id", "session_id"),
        Index("ix_assignment_trainer_id_starts_at", "trainer_id", "starts_at"),
        Index(
            "ix_assignment_reason_ends_at",
            "ends_at",
            postgresql_where=text(f"reason NOT IN ('', '{REASON_CLEARED}')"),
        ),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    session_id: Mapped[int]
    trainer_id: Mapped[int] = mapped_column(ForeignKey("trainer.id"))
    role: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="offered")
    reason: Mapped[str] = mapped_column(server_default="")
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    during: Mapped[Any] = mapped_column(
        TSTZRANGE, Computed("tstzrange(starts_at, ends_at, '[)')", persisted=True), deferred=True
    )
    offered_at: Mapped[Instant]
    offered_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    answered_at: Mapped[Instant | None]
    accepted_at: Mapped[Instant | None]
    """When the helper had agreed, where cancelling the session or a replacement ended it."""

    session: Mapped[ClassSession] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Assignment.session_id) == ClassSession.id"
    )
    trainer: Mapped[Trainer] = relationship(lazy="raise", viewonly=True)
