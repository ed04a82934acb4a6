"""Enrolments: which learner has a seat in which session."""

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learners.models import Learner
from lopso.kernel.db import Base, Id, Instant, WardId


class Enrolment(Base):
    """A learner's seat in one session, a place on its waiting list, or a cancelled one.

    One row per learner and session; coming back after a cancellation changes the row and its times, the
    audit trail keeps its history. Enrolling in a series means one row in each coming session.
    A trigger keeps `class_session.seats_taken`.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("session_id", "learner_id"),
        ForeignKeyConstraint(["ward_id", "session_id"], ["class_session.ward_id", "class_session.id"]),
        ForeignKeyConstraint(["learner_ward_id", "learner_id"], ["learner.ward_id", "learner.id"]),
        CheckConstraint("state IN ('enrolled', 'waitlisted', 'cancelled')", name="state"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_time"),
        Index("ix_enrolment_learner_id", "learner_id"),
        Index("ix_enrolment_waiting", "session_id", "queued_at", postgresql_where="state = 'waitlisted'"),
        Index("ix_enrolment_cancel_reason", "session_id", postgresql_where="cancel_reason <> ''"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    session_id: Mapped[int]
    learner_id: Mapped[int]
    learner_ward_id: Mapped[WardId]
    state: Mapped[str]
    queued_at: Mapped[Instant]
    enrolled_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    cancelled_at: Mapped[Instant | None]
    cancel_reason: Mapped[str] = mapped_column(server_default="")

    learner: Mapped[Learner] = relationship(lazy="raise", viewonly=True)
