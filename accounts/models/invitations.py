"""Links to choose a password."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Instant


class Invitation(Base):
    """A link to choose a password once; also after a forgotten one.

    `token_hash` is the SHA-256 of 256 random bits. A newer invitation ends the older ones.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires_later"),
        Index("ix_invitation_user_id", "user_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[Instant]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    expires_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
