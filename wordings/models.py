"""Wordings as registered with the operators."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant

MESSAGE_CLASSES = ("service", "operations", "promo")


class MessageTemplate(Base):
    """One version of a wording: a closed list of placeholders, plainly substituted.

    `body` is the unaccented form that is sent, `body_accented` the form people read on pages. A draft has no
    `activated_at`; a version that another one followed has `retired_at`. What has been in use never changes.
    `created_by` null: shipped with a release. `registered_id` is the operators' name for it.
    """

    __tablename__ = "message_template"
    __table_args__ = (
        UniqueConstraint("code", "language", "version"),
        CheckConstraint(f"message_class IN {MESSAGE_CLASSES}", name="message_class"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint("retired_at IS NULL OR activated_at IS NOT NULL", name="retired_was_active"),
        Index(
            "uq_message_template_current",
            "code",
            "language",
            unique=True,
            postgresql_where=text("activated_at IS NOT NULL AND retired_at IS NULL"),
        ),
        Index(
            "uq_message_template_draft",
            "code",
            "language",
            unique=True,
            postgresql_where=text("activated_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    code: Mapped[str]
    purpose: Mapped[str]
    version: Mapped[int]
    message_class: Mapped[str]
    language: Mapped[str]
    body: Mapped[str]
    body_accented: Mapped[str]
    registered_id: Mapped[str | None]
    created_at: Mapped[Instant]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    activated_at: Mapped[Instant | None]
    activated_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    retired_at: Mapped[Instant | None]
