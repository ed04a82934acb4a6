"""What mails told people's calendars of a session."""

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant, WardId


class Invite(Base):
    """One person's appointment in one session as mails tell it, for life: the same `uid` in all of them.

    `state`, `session_version` and `to_address` are what was last planned to be told; each such plan has a
    `sequence` of its own, higher than the last. It stands here, below the room that writes the mails, since
    calendar feeds and files tell of the same `uid` and must not fall behind. `changed_at` is the DTSTAMP.
    """

    __tablename__ = "invite"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "session_id"], ["class_session.ward_id", "class_session.id"]),
        CheckConstraint("num_nonnulls(trainer_id, learner_id, user_id) = 1", name="one_person"),
        CheckConstraint("state IN ('invited', 'cancelled')", name="state"),
        CheckConstraint("sequence >= 0", name="sequence"),
        UniqueConstraint("uid"),
        UniqueConstraint(
            "session_id", "trainer_id", "learner_id", "user_id", postgresql_nulls_not_distinct=True
        ),
    )

    id: Mapped[Id]
    ward_id: Mapped[WardId] = mapped_column(ForeignKey("ward.id"))
    session_id: Mapped[int]
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("trainer.id"))
    learner_id: Mapped[int | None] = mapped_column(ForeignKey("learner.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    uid: Mapped[str]
    sequence: Mapped[int]
    state: Mapped[str]
    session_version: Mapped[int]
    to_address: Mapped[str]
    changed_at: Mapped[Instant]
