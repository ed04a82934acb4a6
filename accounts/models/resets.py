"""A forgotten password: links by mail, codes that somebody reads out."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant


class ResetMail(Base):
    """Somebody asked for a link to choose a new password; the worker makes the link when it sends the mail.

    `outcome` is "sent", "failed" or "expired" once `finished_at` is set.
    """

    __tablename__ = "reset_mail"
    __table_args__ = (
        CheckConstraint("(outcome IS NULL) = (finished_at IS NULL)", name="outcome_when_finished"),
        CheckConstraint("outcome IN ('sent', 'failed', 'expired')", name="outcome"),
        Index("ix_reset_mail_due_at", "due_at", postgresql_where=text("finished_at IS NULL")),
        Index("ix_reset_mail_user_id_requested_at", "user_id", "requested_at"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    requested_at: Mapped[Instant]
    due_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    finished_at: Mapped[Instant | None]
    outcome: Mapped[str | None]


class ResetCode(Base):
    """A code of twelve digits that staff read out to somebody who forgot the password; good once.

    `code_hash` is argon2id. A newer code ends the older ones.
    """

    __tablename__ = "reset_code"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires_later"),
        Index("uq_reset_code_open", "user_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_reset_code_expires_at", "expires_at"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    code_hash: Mapped[str]
    created_at: Mapped[Instant]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    expires_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
