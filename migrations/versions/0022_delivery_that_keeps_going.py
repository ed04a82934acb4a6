"""Who was asked about a text and when; texts that lost their use are found by an index; larger sums."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

_SUMS = (("message", "price"), ("ward_month", "price"), ("reminder_policy", "monthly_budget"))


def upgrade() -> None:
    op.add_column("message", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    # A wider precision at the same scale rewrites no row.
    for table, column in _SUMS:
        op.alter_column(table, column, type_=sa.Numeric(18, 4))
    op.drop_index("ix_message_due", table_name="message")
    op.create_index(
        "ix_message_due",
        "message",
        ["urgent", "message_class", "due_at", "id"],
        postgresql_where=sa.text("state = 'planned' AND held_at IS NULL"),
    )
    op.create_index(
        "ix_message_useless_after",
        "message",
        ["useless_after"],
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_index("ix_message_unconfirmed", table_name="message")
    op.create_index(
        "ix_message_unconfirmed",
        "message",
        ["provider", "sent_at", "id"],
        postgresql_where=sa.text("state = 'sent'"),
    )


def downgrade() -> None:
    op.drop_index("ix_message_unconfirmed", table_name="message")
    op.create_index(
        "ix_message_unconfirmed", "message", ["sent_at"], postgresql_where=sa.text("state = 'sent'")
    )
    op.drop_index("ix_message_useless_after", table_name="message")
    op.drop_index("ix_message_due", table_name="message")
    op.create_index(
        "ix_message_due",
        "message",
        ["urgent", "message_class", "due_at", "id"],
        postgresql_where=sa.text("state = 'planned'"),
    )
    for table, column in _SUMS:
        op.alter_column(table, column, type_=sa.Numeric(12, 4))
    op.drop_column("message", "asked_at")
