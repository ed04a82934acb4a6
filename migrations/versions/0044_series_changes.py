"""Changes of series, with what is needed to undo them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series_change",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(5), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ward_id", "series_id"],
            ["series.ward_id", "series.id"],
            name=op.f("fk_series_change_ward_id_series_id_series"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["app_user.id"], name=op.f("fk_series_change_changed_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_change")),
        sa.UniqueConstraint("ward_id", "id", name=op.f("uq_series_change_ward_id_id")),
    )
    op.create_index("ix_series_change_ward_id_series_id", "series_change", ["ward_id", "series_id"])
    op.create_table(
        "series_change_session",
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(5), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ward_id", "change_id"],
            ["series_change.ward_id", "series_change.id"],
            name=op.f("fk_series_change_session_ward_id_change_id_series_change"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "session_id"],
            ["class_session.ward_id", "class_session.id"],
            name=op.f("fk_series_change_session_ward_id_session_id_class_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("change_id", "session_id", name=op.f("pk_series_change_session")),
    )
    op.create_index("ix_series_change_session_session_id", "series_change_session", ["session_id"])


def downgrade() -> None:
    op.drop_table("series_change_session")
    op.drop_table("series_change")
