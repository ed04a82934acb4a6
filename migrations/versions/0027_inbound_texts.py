"""Texts from people are known by the provider's id, so that one handed on again has no effect."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbound_text",
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", name=op.f("pk_inbound_text")),
    )


def downgrade() -> None:
    op.drop_table("inbound_text")
