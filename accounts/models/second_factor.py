"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes."""

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant


class SecondFactor(Base):
    """An authenticator app of an account; `secret` is encrypted with a key made from ``LOPSO_SECRET``.

    It counts from `confirmed_at`, when the first code was typed. `last_step` is the time step (30 s) of the
    newest code that was accepted: that code and older ones are refused.
    """

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]
    confirmed_at: Mapped[Instant | None]
    last_step: Mapped[int | None]


class RecoveryCode(Base):
    """A code on paper, good once, for whoever lost the phone with the app.

    The first four characters, `selector`, find the row; of the other eight there is an argon2id hash.
    """

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "selector"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    selector: Mapped[str]
    code_hash: Mapped[str]
    created_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
