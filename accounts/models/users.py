"""Accounts and the roles they hold."""

from sqlalchemy import TEXT, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from lopso.kernel.access import Role
from lopso.kernel.db import Base, Id, Instant, WardId
from lopso.kernel.text import sort_key

_ROLES = ", ".join(f"'{role}'" for role in Role)


class User(Base):
    """An account, with an e-mail or a phone to log in by.

    `email` is lower case, `phone` E.164, `password_hash` argon2id: null until an invitation is accepted.
    `sort_key` orders by given name in Vietnamese order; it follows the name by itself.
    """

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name="reachable"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint(r"phone ~ '^\+[0-9]{8,15}$'", name="phone_e164"),
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(TEXT(collation="C"))
    email: Mapped[str | None] = mapped_column(unique=True)
    phone: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    language: Mapped[str] = mapped_column(server_default="vi")
    created_at: Mapped[Instant]
    disabled_at: Mapped[Instant | None]

    @validates("name")
    def _follow(self, _attribute: str, name: str) -> str:
        self.sort_key = sort_key(name)
        return name


class RoleGrant(Base):
    """A role held in one ward, or city-wide when `ward_id` is null. Revoked, never deleted."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", name="role"),
        CheckConstraint("role <> 'city_admin' OR ward_id IS NULL", name="admin_is_city_wide"),
        Index(
            "uq_role_grant_held",
            "user_id",
            "role",
            "ward_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    role: Mapped[str]
    ward_id: Mapped[WardId | None] = mapped_column(ForeignKey("ward.id"))
    granted_at: Mapped[Instant]
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    revoked_at: Mapped[Instant | None]

    user: Mapped[User] = relationship(lazy="raise", viewonly=True, foreign_keys=[user_id])
