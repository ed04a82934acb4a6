"""Which series another one is a copy of."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("series", sa.Column("copied_from_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_series_ward_id_copied_from_id_series"),
        "series",
        "series",
        ["ward_id", "copied_from_id"],
        ["ward_id", "id"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_series_ward_id_copied_from_id_series"), "series")
    op.drop_column("series", "copied_from_id")
