"""Courses: what a class is about."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lopso.kernel.db import Base, Id, Instant, WardId
from skills.models import Skill


class Course(Base):
    """A topic taught in a ward: its skills are what can be demonstrated in its sessions."""

    __tablename__ = "course"
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        CheckConstraint("title <> ''", name="titled"),
        CheckConstraint("duration_minutes BETWEEN 15 AND 720", name="duration"),
        Index(
            "uq_course_open_title", "ward_id", "title_key", unique=True, postgresql_where="retired_at IS NULL"
        ),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    title: Mapped[str]
    title_key: Mapped[str]
    summary: Mapped[str] = mapped_column(server_default="")
    duration_minutes: Mapped[int]
    retired_at: Mapped[Instant | None]


class CourseSkill(Base):
    """A skill that a course teaches, in the order in which it is taught."""

    __tablename__ = "course_skill"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"), primary_key=True)
    position: Mapped[int]

    skill: Mapped[Skill] = relationship(lazy="raise", viewonly=True)
