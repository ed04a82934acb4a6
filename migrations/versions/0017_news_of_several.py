"""One text tells news of several sessions; a retry leaves alone when a text was first due."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for every text that no retry has moved: nothing to fill in, and older code need not know of it.
    op.add_column("message", sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_message_ward_id_due_at", table_name="message")
    op.create_index(
        "ix_message_ward_id_first_due",
        "message",
        ["ward_id", sa.text("coalesce(first_due_at, due_at)")],
        postgresql_include=["state", "sent_at", "due_at", "first_due_at"],
    )
    op.create_table(
        "message_also",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("session_version", sa.BigInteger(), nullable=False),
        sa.Column("moved_from", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_also_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["class_session.id"], name=op.f("fk_message_also_session_id_class_session")
        ),
        sa.PrimaryKeyConstraint("message_id", "session_id", name=op.f("pk_message_also")),
    )
    op.create_index("ix_message_also_session_id", "message_also", ["session_id"])


def downgrade() -> None:
    op.drop_table("message_also")
    op.drop_index("ix_message_ward_id_first_due", table_name="message")
    op.create_index(
        "ix_message_ward_id_due_at", "message", ["ward_id", "due_at"], postgresql_include=["state", "sent_at"]
    )
    op.drop_column("message", "first_due_at")
