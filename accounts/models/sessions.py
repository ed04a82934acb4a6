"""Log-in sessions, devices somebody has logged in on, and wrong passwords."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant


class LoginSession(Base):
    """One log-in on one device; `id` is the SHA-256 of the cookie: the table holds no usable one.

    `awaits`: what is still missing after the password, "code" or "set_up" of the second factor; such a
    session opens no page. `device` and `address` are words for the list of sessions ("Chrome, Android",
    "14.161.22.x"), not facts to compare.
    """

    __tablename__ = "login_session"
    __table_args__ = (
        CheckConstraint("awaits IN ('code', 'set_up')", name="awaits"),
        Index("ix_login_session_user_id", "user_id"),
        Index("ix_login_session_seen_at", "seen_at"),
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    device: Mapped[str] = mapped_column(server_default=text("''"))
    address: Mapped[str] = mapped_column(server_default=text("''"))
    awaits: Mapped[str | None]


class KnownDevice(Base):
    """A browser on which somebody has logged in; `device` is the SHA-256 of its cookie.

    It opens nothing. Wrong passwords typed elsewhere do not count against it, so that a stranger who guesses
    cannot lock the owner out.
    """

    __tablename__ = "known_device"
    __table_args__ = (
        Index("ix_known_device_user_id_address", "user_id", "address"),
        Index("ix_known_device_seen_at", "seen_at"),
    )

    device: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), primary_key=True)
    address: Mapped[str]
    seen_at: Mapped[Instant]


class LoginFailure(Base):
    """A wrong password or code: `identifier` is a hash of the account, or of what was typed where there is
    none; `address` where it came from; `device` is set when it came from a known device of that account."""

    __tablename__ = "login_failure"
    __table_args__ = (
        Index("ix_login_failure_identifier_at", "identifier", "at"),
        Index("ix_login_failure_address_at", "address", "at"),
        Index("ix_login_failure_at", "at"),
    )

    id: Mapped[Id]
    identifier: Mapped[bytes] = mapped_column(LargeBinary(32))
    address: Mapped[str]
    device: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    at: Mapped[Instant]
