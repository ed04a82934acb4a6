"""Wordings as registered with the operators."""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from lopso.kernel.db import Base, Id, Instant

MESSAGE_CLASSES = ("service", "operations", "promo")


class MessageTemplate(Base):
    """A wording as registered with the operators: closed list of places, plainly substituted.

    `body` is the unaccented form that is sent, `body_accented` the form people read on pages.
    """

    __tablename__ = "message_template"
    __table_args__ = (
        UniqueConstraint("code", "language", "version"),
        CheckConstraint(f"message_class IN {MESSAGE_CLASSES}", name="message_class"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        Index(
            "uq_message_template_current",
            "code",
            "language",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    code: Mapped[str]
    version: Mapped[int]
    message_class: Mapped[str]
    language: Mapped[str]
    body: Mapped[str]
    body_accented: Mapped[str]
    registered_id: Mapped[str | None]
    created_at: Mapped[Instant]
    retired_at: Mapped[Instant | None]
