"""Attendance marks, append-only."""

import uuid

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from attendance.rules import MARKS
from lopso.kernel.db import Base, Id, Instant, WardId


class AttendanceMark(Base):
    """One mark of one learner in one session. Append-only: a trigger refuses update and delete.

    The latest by (`happened_at`, `id`) counts; "cleared" removes a mark. `client_id` is made by the
    client, so that a repeated upload changes nothing. A learner need not be enrolled: a walk-in is simply
    marked.
    """

    __tablename__ = "attendance_mark"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "session_id"], ["class_session.ward_id", "class_session.id"]),
        # Target of a demonstration's foreign key: this mark, of this learner, in this session, present.
        UniqueConstraint("id", "session_id", "learner_id", "is_present"),
        UniqueConstraint("client_id"),
        CheckConstraint(f"mark IN {MARKS}", name="mark"),
        Index("ix_attendance_mark_session_learner", "session_id", "learner_id", "happened_at", "id"),
        Index("ix_attendance_mark_learner_id", "learner_id"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    session_id: Mapped[int]
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"))
    mark: Mapped[str]
    is_present: Mapped[bool] = mapped_column(
        Computed("mark IN ('present', 'late', 'left_early')", persisted=True)
    )
    happened_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    walk_in: Mapped[bool] = mapped_column(server_default="false")
    offline: Mapped[bool] = mapped_column(server_default="false")
    client_id: Mapped[uuid.UUID] = mapped_column(Uuid)
