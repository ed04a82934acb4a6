"""Private calendar feeds: the secret addresses under which phones read sessions."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Instant, WardId


class CalendarToken(Base):
    """The secret of one feed, stored hashed; rotating makes a new row.

    It shows a helper's sessions, a learner's, a ward's or a venue's: one of the four. `user_id` is the
    officer who made a ward's or a venue's feed for themselves; it needs their right to see that calendar.
    `content_hash` stands for what the feed last said and `changed_at` is when that was first seen: a feed
    depends on many rows (place, names, answers) and no column of theirs knows when it last changed.
    `language` is of who has no account that knows it.
    """

    __tablename__ = "calendar_token"
    __table_args__ = (
        CheckConstraint("num_nonnulls(trainer_id, learner_id, ward_id, venue_id) = 1", name="one_subject"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint("(user_id IS NULL) = (ward_id IS NULL AND venue_id IS NULL)", name="officer_named"),
        Index(
            "uq_calendar_token_current",
            "trainer_id",
            "learner_id",
            "user_id",
            "ward_id",
            "venue_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("trainer.id"))
    learner_id: Mapped[int | None] = mapped_column(ForeignKey("learner.id"))
    ward_id: Mapped[WardId | None] = mapped_column(ForeignKey("ward.id"))
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venue.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]
    last_used_at: Mapped[Instant | None]
    content_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    changed_at: Mapped[Instant | None]
    language: Mapped[str | None]
