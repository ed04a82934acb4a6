"""Log-in sessions, and wrong passwords."""

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lopso.kernel.db import Base, Id, Instant


class LoginSession(Base):
    """One log-in on one device; `id` is the SHA-256 of the cookie: the table holds no usable one."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_user_id", "user_id"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[Instant]
    seen_at: Mapped[Instant]


class LoginFailure(Base):
    """A wrong password: `identifier` is a hash of what was typed, `address` where it came from."""

    __tablename__ = "login_failure"
    __table_args__ = (
        Index("ix_login_failure_identifier_at", "identifier", "at"),
        Index("ix_login_failure_address_at", "address", "at"),
    )

    id: Mapped[Id]
    identifier: Mapped[bytes] = mapped_column(LargeBinary(32))
    address: Mapped[str]
    at: Mapped[Instant]
