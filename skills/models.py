"""The skills framework, kept as editions: nothing about skills is written in code."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lopso.kernel.db import Base, Id, Instant


class Framework(Base):
    """An edition of the framework. Loading a new edition never touches an older one.

    `complete` False shows "bản nháp" on every page that names its skills. The current edition is
    the one new courses draw from; at most one is current. `required_demonstrations` and
    `validity_months` are the edition's rules for a sign-off; the law leaves both open.
    """

    __tablename__ = "framework"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        Index("uq_framework_current", "is_current", unique=True, postgresql_where=text("is_current")),
        CheckConstraint("required_demonstrations >= 1", name="required_demonstrations"),
        CheckConstraint("validity_months > 0", name="validity_months"),
    )

    id: Mapped[Id]
    code: Mapped[str]
    version: Mapped[str]
    title: Mapped[str]
    number: Mapped[str | None]  # of the deciding document
    issued_on: Mapped[date | None]
    issuer: Mapped[str | None]
    complete: Mapped[bool]
    is_current: Mapped[bool] = mapped_column(server_default="false")
    required_demonstrations: Mapped[int] = mapped_column(server_default="1")
    validity_months: Mapped[int | None]
    source: Mapped[dict[str, Any]]
    loaded_at: Mapped[Instant]


class SkillGroup(Base):
    """A group of skills within one edition."""

    __tablename__ = "skill_group"
    __table_args__ = (UniqueConstraint("framework_id", "code"), UniqueConstraint("framework_id", "id"))

    id: Mapped[Id]
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    code: Mapped[str]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    verified: Mapped[bool]
    position: Mapped[int]


class Skill(Base):
    """A skill of one edition; a sign-off points at exactly this row."""

    __tablename__ = "skill"
    __table_args__ = (
        UniqueConstraint("framework_id", "code"),
        ForeignKeyConstraint(["framework_id", "group_id"], ["skill_group.framework_id", "skill_group.id"]),
    )

    id: Mapped[Id]
    framework_id: Mapped[int]
    group_id: Mapped[int]
    code: Mapped[str]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    description_vi: Mapped[str] = mapped_column(server_default="")
    description_en: Mapped[str] = mapped_column(server_default="")
    verified: Mapped[bool]
    position: Mapped[int]

    group: Mapped[SkillGroup] = relationship(lazy="raise", viewonly=True)


class Audience(Base):
    """A kind of learner the edition names (elders, traders, farmers…) and the skills it asks of them."""

    __tablename__ = "audience"
    __table_args__ = (UniqueConstraint("framework_id", "code"),)

    id: Mapped[Id]
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    code: Mapped[str]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    skill_codes: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    position: Mapped[int]
