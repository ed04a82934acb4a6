"""Sessions: one meeting, at one place, at one time."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lopso.kernel.db import Base, Id, Instant, WardId
from scheduling.models.course import Course
from venues.models import Market, Room

_FOLDED = r"regexp_replace(normalize(lower(title || ' ' || place), NFD), '[\u0300-\u036f]', '', 'g')"
WORDS = rf"regexp_replace(translate({_FOLDED}, 'đĐ', 'dd'), '[^a-z0-9]+', ' ', 'g')"
"""SQL: words of title and place in lower case without accents, as `lopso.kernel.text.fold` makes them."""

SESSION_KINDS = ("ward_class", "market_round", "home_visit", "mass_event", "team_training")


class ClassSession(Base):
    """One meeting. A cancelled session is kept: attendance and messages point at it.

    A draft has no `published_at` and tells nobody. `original_start` never changes: it is how a meeting
    is known within its series. `version` grows with every change that people must hear of (time, place,
    cancellation). `seats_taken` is kept by a trigger on enrolment, so that the check on it holds under
    any concurrency. `rule_start` is where the rule of its series puts a session that was moved by itself;
    null while it is there. `closure_id`: the closure that cancelled it; `makes_up_for_id`: the cancelled
    session whose class it makes up for, which only one standing session does. The place is a room, or a
    market (`place` says which aisle), or only words (`place`).
    """

    __tablename__ = "class_session"
    __table_args__ = (
        UniqueConstraint("ward_id", "id"),
        UniqueConstraint("id", "starts_at", "ends_at"),  # assignments carry the time by foreign key
        UniqueConstraint("series_id", "original_start"),
        ForeignKeyConstraint(["ward_id", "series_id"], ["series.ward_id", "series.id"]),
        ForeignKeyConstraint(["ward_id", "course_id"], ["course.ward_id", "course.id"]),
        ForeignKeyConstraint(["ward_id", "room_id"], ["room.ward_id", "room.id"]),
        ForeignKeyConstraint(["ward_id", "market_id"], ["market.ward_id", "market.id"]),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("ends_at <= starts_at + interval '24 hours'", name="within_a_day"),
        CheckConstraint(f"kind IN {SESSION_KINDS}", name="kind"),
        CheckConstraint("title <> ''", name="titled"),
        CheckConstraint("capacity BETWEEN 1 AND 5000", name="capacity"),
        CheckConstraint("seats_taken BETWEEN 0 AND capacity", name="seats_within_capacity"),
        CheckConstraint("need_trainers BETWEEN 0 AND 20", name="need_trainers"),
        CheckConstraint("need_helpers BETWEEN 0 AND 200", name="need_helpers"),
        CheckConstraint("room_id IS NOT NULL OR market_id IS NOT NULL OR place <> ''", name="somewhere"),
        CheckConstraint("kind <> 'ward_class' OR course_id IS NOT NULL", name="class_has_course"),
        CheckConstraint(
            "rule_start IS NULL OR (series_id IS NOT NULL AND rule_start <> starts_at)",
            name="moved_from_its_rule",
        ),
        ForeignKeyConstraint(["ward_id", "makes_up_for_id"], ["class_session.ward_id", "class_session.id"]),
        CheckConstraint("(cancelled_at IS NULL) = (cancel_reason IS NULL)", name="cancelled_with_reason"),
        CheckConstraint("closure_id IS NULL OR cancelled_at IS NOT NULL", name="closed_is_cancelled"),
        ExcludeConstraint(
            (text("int8range(room_id, room_id, '[]')"), "&&"),
            ("during", "&&"),
            where=text("cancelled_at IS NULL AND room_id IS NOT NULL"),
            using="gist",
            name="ex_class_session_room_once",
        ),
        Index("ix_class_session_ward_id_starts_at", "ward_id", "starts_at"),
        Index("ix_class_session_starts_at", "starts_at"),
        Index("ix_class_session_room_id", "room_id"),
        Index("ix_class_session_course_id", "course_id"),
        Index(
            "ix_class_session_closure_id",
            "closure_id",
            "ward_id",
            postgresql_where=text("closure_id IS NOT NULL"),
        ),
        Index(
            "uq_class_session_made_up_once",
            "makes_up_for_id",
            unique=True,
            postgresql_where=text("makes_up_for_id IS NOT NULL AND cancelled_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    series_id: Mapped[int | None]
    course_id: Mapped[int | None]
    kind: Mapped[str]
    title: Mapped[str]
    room_id: Mapped[int | None]
    market_id: Mapped[int | None]
    place: Mapped[str] = mapped_column(server_default="")
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    during: Mapped[Any] = mapped_column(
        TSTZRANGE, Computed("tstzrange(starts_at, ends_at, '[)')", persisted=True), deferred=True
    )
    original_start: Mapped[Instant]
    rule_start: Mapped[Instant | None]
    capacity: Mapped[int]
    seats_taken: Mapped[int] = mapped_column(server_default="0")
    need_trainers: Mapped[int] = mapped_column(SmallInteger)
    need_helpers: Mapped[int] = mapped_column(SmallInteger)
    note: Mapped[str] = mapped_column(server_default="")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Instant]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    published_at: Mapped[Instant | None]
    cancelled_at: Mapped[Instant | None]
    cancel_reason: Mapped[str | None]
    closure_id: Mapped[int | None] = mapped_column(ForeignKey("closure.id"))
    makes_up_for_id: Mapped[int | None]
    words: Mapped[str] = mapped_column(Computed(WORDS, persisted=True), deferred=True)

    course: Mapped[Course | None] = relationship(lazy="raise", viewonly=True)
    room: Mapped[Room | None] = relationship(lazy="raise", viewonly=True)
    market: Mapped[Market | None] = relationship(lazy="raise", viewonly=True)
