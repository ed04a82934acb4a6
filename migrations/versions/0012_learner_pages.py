"""The page behind a learner's printed card."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learner_page",
        sa.Column("learner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("generation", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), server_default="vi", nullable=False),
        sa.Column("large_text", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("generation >= 1", name=op.f("ck_learner_page_generation")),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_learner_page_hashed")),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_learner_page_language")),
        sa.CheckConstraint(
            "revoked_at IS NOT NULL OR revoked_by IS NULL", name=op.f("ck_learner_page_revoked_by_at")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "learner_id"],
            ["learner.ward_id", "learner.id"],
            name=op.f("fk_learner_page_ward_id_learner_id_learner"),
        ),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_learner_page_made_by_app_user")),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["app_user.id"], name=op.f("fk_learner_page_revoked_by_app_user")
        ),
        sa.PrimaryKeyConstraint("learner_id", name=op.f("pk_learner_page")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_learner_page_token_hash")),
    )


def downgrade() -> None:
    op.drop_table("learner_page")
