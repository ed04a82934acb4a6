"""Helpers of the movement: digital ambassadors, team members, student volunteers, and their teams."""

from datetime import date, time
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TEXT, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lopso.kernel.db import Base, Id, Instant, WardId

TRAINER_KINDS = ("digital_ambassador", "team_member", "student_volunteer")
TEAM_KINDS = ("community_tech_team", "student_volunteers", "ambassadors")
TEAM_ROLES = ("head", "deputy", "member")


class Team(Base):
    """A Tổ công nghệ số cộng đồng (one per neighbourhood), a student team, or a ward's ambassadors.

    Student teams work in date-bounded blocks: outside `active_from`–`active_to` they are not offered.
    """

    __tablename__ = "team"
    __table_args__ = (
        UniqueConstraint("ward_id", "kind", "name_key"),
        UniqueConstraint("ward_id", "id"),
        ForeignKeyConstraint(["ward_id", "neighbourhood_id"], ["neighbourhood.ward_id", "neighbourhood.id"]),
        CheckConstraint(f"kind IN {TEAM_KINDS}", name="kind"),
        CheckConstraint("active_to >= active_from", name="active_block"),
        CheckConstraint("name <> ''", name="named"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    kind: Mapped[str]
    name: Mapped[str]
    name_key: Mapped[str]
    neighbourhood_id: Mapped[int | None]
    active_from: Mapped[date | None]
    active_to: Mapped[date | None]
    disbanded_at: Mapped[Instant | None]


class Trainer(Base):
    """Somebody who helps or teaches; `user_id` links to the account when they have one.

    `teaches_all` stands for "Tất cả" in a ward's list. `search` as for learners.
    """

    __tablename__ = "trainer"
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        CheckConstraint(f"kind IN {TRAINER_KINDS}", name="kind"),
        CheckConstraint("sex IN ('female', 'male')", name="sex"),
        CheckConstraint(r"phone ~ '^\+[0-9]{8,15}$'", name="phone_e164"),
        CheckConstraint("full_name <> ''", name="named"),
        Index("ix_trainer_ward_id_sort_key", "ward_id", "sort_key", "id", postgresql_where="left_at IS NULL"),
        Index("ix_trainer_ward_id_name_key", "ward_id", "name_key"),
        Index("ix_trainer_ward_id_phone", "ward_id", "phone"),
        Index("ix_trainer_search", "search", postgresql_using="gin"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), unique=True)
    kind: Mapped[str]
    full_name: Mapped[str]
    name_key: Mapped[str]
    sort_key: Mapped[str] = mapped_column(TEXT(collation="C"))
    sex: Mapped[str | None]
    position: Mapped[str] = mapped_column(server_default="")  # "Hội Phụ nữ", "Công an"…
    phone: Mapped[str | None]
    phone_note: Mapped[str] = mapped_column(server_default="")
    email: Mapped[str | None]
    teaches_all: Mapped[bool] = mapped_column(server_default="false")
    note: Mapped[str] = mapped_column(server_default="")
    enlisted_at: Mapped[Instant]
    left_at: Mapped[Instant | None]
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "to_tsvector('simple', name_key || ' w' || ward_id || ' ' "
            "|| coalesce('0' || substr(phone, 4) || ' ' || right(phone, 4), ''))",
            persisted=True,
        ),
        deferred=True,
    )


class TeamMember(Base):
    """Membership of a team, with the role in it."""

    __tablename__ = "team_member"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "team_id"], ["team.ward_id", "team.id"]),
        ForeignKeyConstraint(["ward_id", "trainer_id"], ["trainer.ward_id", "trainer.id"]),
        CheckConstraint(f"role IN {TEAM_ROLES}", name="role"),
        Index(
            "uq_team_member_current", "team_id", "trainer_id", unique=True, postgresql_where="left_at IS NULL"
        ),
        Index("ix_team_member_trainer_id", "trainer_id"),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId]
    team_id: Mapped[int]
    trainer_id: Mapped[int]
    role: Mapped[str]
    joined_at: Mapped[Instant]
    left_at: Mapped[Instant | None]

    team: Mapped[Team] = relationship(lazy="raise", viewonly=True)
    trainer: Mapped[Trainer] = relationship(lazy="raise", viewonly=True)


class Qualification(Base):
    """A skill this helper can teach, as declared in the ward's list or granted after training.

    Points at a skill of an edition; `source` says where the claim comes from.
    """

    __tablename__ = "qualification"
    __table_args__ = (
        CheckConstraint("source IN ('declared', 'training')", name="source"),
        Index(
            "uq_qualification_held",
            "trainer_id",
            "skill_id",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
        Index("ix_qualification_skill_id", "skill_id"),
    )

    id: Mapped[Id]
    trainer_id: Mapped[int] = mapped_column(ForeignKey("trainer.id"))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"))
    source: Mapped[str]
    since: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class Availability(Base):
    """A weekly time at which a helper is usually free: wall-clock in Huế, weekday 0 = Monday.

    No row at all means nothing is known, not that the person is never free.
    """

    __tablename__ = "availability"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("until > since", name="until_after_since"),
        UniqueConstraint("trainer_id", "weekday", "since"),
    )

    id: Mapped[Id]
    trainer_id: Mapped[int] = mapped_column(ForeignKey("trainer.id"))
    weekday: Mapped[int] = mapped_column(SmallInteger)
    since: Mapped[time]
    until: Mapped[time]
