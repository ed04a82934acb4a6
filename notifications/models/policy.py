"""Policies of the city and its wards about messages: times, caps, budgets."""

from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant, Price, WardId
from scheduling.models import SESSION_KINDS


class ReminderPolicy(Base):
    """When reminders go out: one row for the city (`ward_id` null), and what a ward changed of it.

    In a ward's row null means "as the city", so that it follows whatever the city changes later;
    `day_before_at` and `hours_before`, with the ReminderTime rows, are the ward's where `own_times` says so.
    Wall-clock times in Huế. `day_before_at` null or `hours_before` null switches that reminder off; none goes
    in the last `useless_minutes` before the start.
    `monthly_budget` in đồng for each ward, null in the city's row: no limit; staff are warned at
    `budget_warning` per cent.
    """

    __tablename__ = "reminder_policy"
    __table_args__ = (
        UniqueConstraint("ward_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "ward_id IS NOT NULL OR (own_times AND num_nulls(quiet_until, quiet_from, daily_cap,"
            " budget_warning, useless_minutes) = 0)",
            name="city_is_whole",
        ),
        CheckConstraint("(quiet_until IS NULL) = (quiet_from IS NULL)", name="both_hours"),
        CheckConstraint("hours_before BETWEEN 1 AND 23", name="hours_before"),
        CheckConstraint("quiet_until < quiet_from", name="waking_hours"),
        CheckConstraint("daily_cap BETWEEN 1 AND 50", name="daily_cap"),
        CheckConstraint("monthly_budget >= 0", name="monthly_budget"),
        CheckConstraint("budget_warning BETWEEN 1 AND 100", name="budget_warning"),
        CheckConstraint("useless_minutes BETWEEN 0 AND 240", name="useless_minutes"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId | None] = mapped_column(ForeignKey("ward.id"))
    own_times: Mapped[bool] = mapped_column(server_default="true")
    day_before_at: Mapped[time | None]
    hours_before: Mapped[int | None] = mapped_column(SmallInteger)
    quiet_until: Mapped[time | None]  # nothing before this hour
    quiet_from: Mapped[time | None]  # nothing after this hour
    daily_cap: Mapped[int | None] = mapped_column(SmallInteger)
    monthly_budget: Mapped[Price | None]
    budget_warning: Mapped[int | None] = mapped_column(SmallInteger)
    useless_minutes: Mapped[int | None] = mapped_column(SmallInteger)


class ReminderTime(Base):
    """Reminder times of one kind of session where they differ from the usual ones of the same policy."""

    __tablename__ = "reminder_time"
    __table_args__ = (
        UniqueConstraint("ward_id", "kind", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"kind IN {SESSION_KINDS}", name="kind"),
        CheckConstraint("hours_before BETWEEN 1 AND 23", name="hours_before"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId | None] = mapped_column(ForeignKey("ward.id"))
    kind: Mapped[str]
    day_before_at: Mapped[time | None]
    hours_before: Mapped[int | None] = mapped_column(SmallInteger)


class Replanning(Base):
    """A ward whose planned reminders are to be replanned: its times or a wording have changed."""

    __tablename__ = "replanning"

    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    asked_at: Mapped[Instant]


class WardMonth(Base):
    """Cost so far of a ward's messages of one month, updated when deliveries are recorded.

    `month` is the first day of the month in Huế; `price` in đồng.
    """

    __tablename__ = "ward_month"
    __table_args__ = (CheckConstraint("extract(day FROM month) = 1", name="first_of_month"),)

    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    texts: Mapped[int] = mapped_column(server_default="0")
    segments: Mapped[int] = mapped_column(server_default="0")
    price: Mapped[Price] = mapped_column(server_default="0")
