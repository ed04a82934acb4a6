"""Plan sheets wait like other lists, and what they said of a series is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sheet_series",
        sa.Column("series_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ward_id", "series_id"],
            ["series.ward_id", "series.id"],
            name=op.f("fk_sheet_series_ward_id_series_id_series"),
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_sheet_series_ward_id_ward")),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_sheet_series")),
    )
    op.create_index("ix_sheet_series_ward_id", "sheet_series", ["ward_id"])
    op.drop_constraint(op.f("ck_staged_import_kind"), "staged_import")
    op.create_check_constraint("kind", "staged_import", "kind IN ('learners', 'teams', 'plan')")


def downgrade() -> None:
    op.drop_table("sheet_series")
    op.execute("DELETE FROM staged_import WHERE kind = 'plan'")
    op.drop_constraint(op.f("ck_staged_import_kind"), "staged_import")
    op.create_check_constraint("kind", "staged_import", "kind IN ('learners', 'teams')")
