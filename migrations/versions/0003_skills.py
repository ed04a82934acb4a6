"""Skills."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "framework",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("is_current", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("required_demonstrations", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("validity_months", sa.BigInteger(), nullable=True),
        sa.Column("source", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("required_demonstrations >= 1", name=op.f("ck_framework_required_demonstrations")),
        sa.CheckConstraint("validity_months > 0", name=op.f("ck_framework_validity_months")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_framework_code_version")),
    )
    op.create_index(
        "uq_framework_current",
        "framework",
        ["is_current"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "audience",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("framework_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("skill_codes", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_audience_framework_id_framework")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience")),
        sa.UniqueConstraint("framework_id", "code", name=op.f("uq_audience_framework_id_code")),
    )
    op.create_table(
        "skill_group",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("framework_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_skill_group_framework_id_framework")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_group")),
        sa.UniqueConstraint("framework_id", "code", name=op.f("uq_skill_group_framework_id_code")),
        sa.UniqueConstraint("framework_id", "id", name=op.f("uq_skill_group_framework_id_id")),
    )
    op.create_table(
        "skill",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("framework_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_vi", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("description_vi", sa.Text(), server_default="", nullable=False),
        sa.Column("description_en", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_id", "group_id"],
            ["skill_group.framework_id", "skill_group.id"],
            name=op.f("fk_skill_framework_id_group_id_skill_group"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("framework_id", "code", name=op.f("uq_skill_framework_id_code")),
    )


def downgrade() -> None:
    op.drop_table("skill")
    op.drop_table("skill_group")
    op.drop_table("audience")
    op.drop_table("framework")
