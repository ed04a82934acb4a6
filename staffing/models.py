"""Absences: days on which a helper said that they cannot come, and the sessions they gave back for it."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant

LONGEST_ABSENCE = 366  # days


class Absence(Base):
    """A helper is away from `first` to `last`, both included, days in Huế.

    Nobody is asked into a session of such a day. One that was cancelled is kept: it is how it came that
    sessions were given back and taken again.
    """

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("last >= first", name="last_after_first"),
        CheckConstraint(f"last - first < {LONGEST_ABSENCE}", name="not_for_ever"),
        CheckConstraint("reason <> ''", name="has_reason"),
        Index("ix_absence_trainer_id_last", "trainer_id", "last"),
    )

    id: Mapped[Id]
    trainer_id: Mapped[int] = mapped_column(ForeignKey("trainer.id"))
    first: Mapped[date]
    last: Mapped[date]
    reason: Mapped[str]
    noted_at: Mapped[Instant]
    noted_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    cancelled_at: Mapped[Instant | None]


class AbsenceAssignment(Base):
    """An assignment declined because of an absence, with the state it had before."""

    __tablename__ = "absence_assignment"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'accepted')", name="state"),
        Index("ix_absence_assignment_assignment_id", "assignment_id"),
    )

    absence_id: Mapped[int] = mapped_column(ForeignKey("absence.id"), primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), primary_key=True)
    state: Mapped[str]
