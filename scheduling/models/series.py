"""Series: the rule that weekly sessions come from."""

from datetime import date, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant, WardId


class Series(Base):
    """A weekly rule: slots (weekday and time), from a day, until a day or for a number of meetings.

    The rule stays here; each meeting is a ClassSession of its own and may be changed alone.
    `split_from_id` points back when "this and following" cut a series in two, `copied_from_id` to the series
    that this one is a copy of. `ended_at` is when it was ended early; `ends_on_before` and `meetings_before`
    are how its rule ended until then.
    """

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        ForeignKeyConstraint(["ward_id", "course_id"], ["course.ward_id", "course.id"]),
        ForeignKeyConstraint(["ward_id", "split_from_id"], ["series.ward_id", "series.id"]),
        ForeignKeyConstraint(["ward_id", "copied_from_id"], ["series.ward_id", "series.id"]),
        CheckConstraint("(ends_on IS NULL) <> (meetings IS NULL)", name="one_way_to_end"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("meetings BETWEEN 1 AND 200", name="meetings"),
        CheckConstraint(
            "(ended_at IS NULL) = (ends_on_before IS NULL AND meetings_before IS NULL)", name="end_before"
        ),
        Index("ix_series_ward_id_starts_on", "ward_id", "starts_on"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    course_id: Mapped[int | None]
    split_from_id: Mapped[int | None]
    copied_from_id: Mapped[int | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    meetings: Mapped[int | None]
    skips_holidays: Mapped[bool]
    ended_at: Mapped[Instant | None]
    ends_on_before: Mapped[date | None]
    meetings_before: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[Instant]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class SeriesSlot(Base):
    """A weekly time of a series: wall-clock in Huế, weekday 0 = Monday."""

    __tablename__ = "series_slot"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("duration_minutes BETWEEN 15 AND 720", name="duration"),
    )

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    starts_at: Mapped[time] = mapped_column(primary_key=True)
    duration_minutes: Mapped[int]
