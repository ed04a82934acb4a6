"""Second factors, forgotten passwords, known devices; the test mailbox takes mails without invites."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def _user(table: str, column: str = "user_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["app_user.id"], name=op.f(f"fk_{table}_{column}_app_user"))


def upgrade() -> None:
    _sessions()
    _second_factor()
    _resets()
    op.alter_column("sandbox_mail", "mail_id", nullable=True)


def _sessions() -> None:
    op.add_column(
        "login_session", sa.Column("device", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column(
        "login_session", sa.Column("address", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("login_session", sa.Column("awaits", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_login_session_awaits"), "login_session", "awaits IN ('code', 'set_up')"
    )
    op.create_index("ix_login_session_seen_at", "login_session", ["seen_at"])
    op.add_column("login_failure", sa.Column("device", sa.LargeBinary(length=32), nullable=True))
    op.create_index("ix_login_failure_at", "login_failure", ["at"])
    op.create_table(
        "known_device",
        sa.Column("device", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        _user("known_device"),
        sa.PrimaryKeyConstraint("device", "user_id", name=op.f("pk_known_device")),
    )
    op.create_index("ix_known_device_user_id_address", "known_device", ["user_id", "address"])
    op.create_index("ix_known_device_seen_at", "known_device", ["seen_at"])


def _second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        _user("second_factor"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        _user("recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("user_id", "selector", name=op.f("uq_recovery_code_user_id_selector")),
    )


def _resets() -> None:
    op.create_table(
        "reset_mail",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(outcome IS NULL) = (finished_at IS NULL)", name=op.f("ck_reset_mail_outcome_when_finished")
        ),
        sa.CheckConstraint("outcome IN ('sent', 'failed', 'expired')", name=op.f("ck_reset_mail_outcome")),
        _user("reset_mail"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_mail")),
    )
    op.create_index(
        "ix_reset_mail_due_at", "reset_mail", ["due_at"], postgresql_where=sa.text("finished_at IS NULL")
    )
    op.create_index("ix_reset_mail_user_id_requested_at", "reset_mail", ["user_id", "requested_at"])
    op.create_table(
        "reset_code",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_reset_code_expires_later")),
        _user("reset_code"),
        _user("reset_code", "created_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_code")),
    )
    op.create_index(
        "uq_reset_code_open",
        "reset_code",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_reset_code_expires_at", "reset_code", ["expires_at"])


def downgrade() -> None:
    op.execute("DELETE FROM sandbox_mail WHERE mail_id IS NULL")
    op.alter_column("sandbox_mail", "mail_id", nullable=False)
    for table in ("reset_code", "reset_mail", "recovery_code", "second_factor", "known_device"):
        op.drop_table(table)
    op.drop_index("ix_login_failure_at", "login_failure")
    op.drop_column("login_failure", "device")
    op.drop_index("ix_login_session_seen_at", "login_session")
    op.drop_constraint(op.f("ck_login_session_awaits"), "login_session")
    for column in ("awaits", "address", "device"):
        op.drop_column("login_session", column)
