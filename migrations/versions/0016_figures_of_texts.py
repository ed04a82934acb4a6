"""A ward's month of texts is counted from an index alone; texts in trouble have an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_message_ward_id_due_at", table_name="message")
    op.create_index(
        "ix_message_ward_id_due_at", "message", ["ward_id", "due_at"], postgresql_include=["state", "sent_at"]
    )
    op.create_index(
        "ix_message_trouble",
        "message",
        ["ward_id", "due_at"],
        postgresql_where=sa.text(
            "state IN ('failed', 'undelivered', 'ambiguous', 'expired', 'suppressed') AND resolved_at IS NULL"
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_message_trouble", table_name="message")
    op.drop_index("ix_message_ward_id_due_at", table_name="message")
    op.create_index("ix_message_ward_id_due_at", "message", ["ward_id", "due_at"])
