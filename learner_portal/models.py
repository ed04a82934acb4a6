"""The page behind a learner's printed card."""

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Instant, WardId


class LearnerPage(Base):
    """A learner's own page, opened by the token on their card; one row a learner.

    The token is derived from LOPSO_SECRET, the learner and `generation`, so that a card can be printed again
    while older ones stay valid; it is looked up by its SHA-256 alone. A new token is the next generation; a
    revoked one (`revoked_at`) is never valid again. `language` and `large_text` are stored here, so that the
    page needs no cookie.
    """

    __tablename__ = "learner_page"
    __table_args__ = (
        ForeignKeyConstraint(["ward_id", "learner_id"], ["learner.ward_id", "learner.id"]),
        UniqueConstraint("token_hash"),
        CheckConstraint("generation >= 1", name="generation"),
        CheckConstraint("octet_length(token_hash) = 32", name="hashed"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint("revoked_at IS NOT NULL OR revoked_by IS NULL", name="revoked_by_at"),
    )

    learner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ward_id: Mapped[WardId]
    generation: Mapped[int] = mapped_column(server_default="1")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[Instant]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    printed_at: Mapped[Instant | None]
    last_used_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    language: Mapped[str] = mapped_column(server_default="vi")
    large_text: Mapped[bool] = mapped_column(server_default="false")
