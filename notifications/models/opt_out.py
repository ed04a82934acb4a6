"""Opt-outs: numbers that want no messages, or none of one topic; texts in which people say so."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant, WardId

TOPICS = ("reminders", "changes", "results", "duties")
"""Reminders; change notices; skills and certificates; offers to helpers."""


class OptOut(Base):
    """Somebody said that a number wants no texts on a topic; `topic` null means none at all.

    Holds for the number wherever it is known, whoever of a family gave it. Ended, never deleted.
    `ward_id` is where it was told, null when the number itself or its provider said so.
    """

    __tablename__ = "opt_out"
    __table_args__ = (
        CheckConstraint(r"phone ~ '^\+[0-9]{8,15}$'", name="phone_e164"),
        CheckConstraint(f"topic IN {TOPICS}", name="topic"),
        CheckConstraint("how IN ('staff', 'page', 'reply', 'provider')", name="how"),
        Index(
            "uq_opt_out_standing",
            "phone",
            "topic",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    phone: Mapped[str]
    topic: Mapped[str | None]
    how: Mapped[str]
    ward_id: Mapped[WardId | None] = mapped_column(ForeignKey("ward.id"))
    since: Mapped[Instant]
    noted_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class InboundText(Base):
    """A text from somebody that was acted upon, by the provider's id: handed on again it has no effect.

    Kept for good, since the provider's signature has no date. Neither number nor words are kept.
    """

    __tablename__ = "inbound_text"

    provider_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[Instant]
