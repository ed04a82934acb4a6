"""The index over the providers' ids leaves out texts that have none: each step before sending writes less."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_message_provider_id", table_name="message")
    op.create_index(
        "ix_message_provider_id",
        "message",
        ["provider_id"],
        postgresql_where=sa.text("provider_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_message_provider_id", table_name="message")
    op.create_index("ix_message_provider_id", "message", ["provider_id"])
