"""Consents noted for many people at once, and voided when that was an error."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consent", sa.Column("round_id", sa.Uuid(), nullable=True))
    op.add_column("consent", sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_consent_voided_is_withdrawn"), "consent", "voided_at IS NULL OR withdrawn_at IS NOT NULL"
    )
    op.create_index("ix_consent_round_id", "consent", ["round_id"], postgresql_where="round_id IS NOT NULL")
    _only_these_change("'withdrawn_at', 'voided_at'")


def downgrade() -> None:
    _only_these_change("'withdrawn_at'")
    op.drop_index("ix_consent_round_id", "consent")
    op.drop_constraint(op.f("ck_consent_voided_is_withdrawn"), "consent")
    op.drop_column("consent", "voided_at")
    op.drop_column("consent", "round_id")


def _only_these_change(columns: str) -> None:
    op.execute("DROP TRIGGER keeps_history ON consent")
    op.execute(
        "CREATE TRIGGER keeps_history BEFORE UPDATE OR DELETE ON consent "
        f"FOR EACH ROW EXECUTE FUNCTION lopso_only_these_change({columns})"
    )
