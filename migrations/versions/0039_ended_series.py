"""When a series was ended early, and how its rule ended before."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("series", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("series", sa.Column("ends_on_before", sa.Date(), nullable=True))
    op.add_column("series", sa.Column("meetings_before", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_series_end_before"),
        "series",
        "(ended_at IS NULL) = (ends_on_before IS NULL AND meetings_before IS NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_series_end_before"), "series")
    op.drop_column("series", "meetings_before")
    op.drop_column("series", "ends_on_before")
    op.drop_column("series", "ended_at")
