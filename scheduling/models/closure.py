"""Closures: days on which the classes of several wards are cancelled together, as in a storm."""

from datetime import date

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant, WardId


class Closure(Base):
    """Which kinds of session are cancelled on which days (in Huế, both included), and why."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("cardinality(kinds) > 0", name="kinds"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[Id]
    first_day: Mapped[date]
    last_day: Mapped[date]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason: Mapped[str]
    created_at: Mapped[Instant]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_by_name: Mapped[str]


class ClosureWard(Base):
    """A ward of a closure. Its sessions are cancelled in the transaction that sets `done_at`.

    `cancelled` is how many.
    """

    __tablename__ = "closure_ward"
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (cancelled IS NULL)", name="done_with_number"),
        Index("ix_closure_ward_to_do", "closure_id", "ward_id", postgresql_where=text("done_at IS NULL")),
        Index("ix_closure_ward_ward_id", "ward_id"),
    )

    closure_id: Mapped[int] = mapped_column(ForeignKey("closure.id"), primary_key=True)
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    done_at: Mapped[Instant | None]
    cancelled: Mapped[int | None]
