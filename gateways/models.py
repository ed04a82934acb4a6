"""Texts of the sandbox provider."""

import uuid

from sqlalchemy import Index, SmallInteger, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant


class SandboxText(Base):
    """A text "delivered" to the page of test phones.

    `asked` counts send calls: more than one is a text sent twice.
    """

    __tablename__ = "sandbox_text"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index("ix_sandbox_text_to_phone_at", "to_phone", "at"),
    )

    id: Mapped[Id]
    reference: Mapped[uuid.UUID] = mapped_column(Uuid)
    to_phone: Mapped[str]
    body: Mapped[str]
    at: Mapped[Instant]
    asked: Mapped[int] = mapped_column(SmallInteger, server_default="1")
