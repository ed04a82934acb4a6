"""Rows that a person left out of a list are remembered, by a digest."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "left_out_row",
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("left_out_by", sa.BigInteger(), nullable=True),
        sa.Column("left_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["left_out_by"], ["app_user.id"], name=op.f("fk_left_out_row_left_out_by_app_user")
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_left_out_row_ward_id_ward")),
        sa.PrimaryKeyConstraint("ward_id", "kind", "digest", name=op.f("pk_left_out_row")),
    )
    op.create_index("ix_left_out_row_left_out_at", "left_out_row", ["left_out_at"])


def downgrade() -> None:
    op.drop_table("left_out_row")
