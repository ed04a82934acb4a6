"""Staged lists can be read in another way and answered; what was chosen is remembered for the next one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staged_import", sa.Column("sheets", sa.LargeBinary(), nullable=True))
    for name in ("choices", "answers"):
        op.add_column("staged_import", sa.Column(name, postgresql.JSONB(), nullable=True))
    op.create_table(
        "list_look",
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("header", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("chosen_by", sa.BigInteger(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cardinality(header) > 0", name=op.f("ck_list_look_has_header")),
        sa.ForeignKeyConstraint(["chosen_by"], ["app_user.id"], name=op.f("fk_list_look_chosen_by_app_user")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_list_look_ward_id_ward")),
        sa.PrimaryKeyConstraint("ward_id", "kind", "digest", name=op.f("pk_list_look")),
    )


def downgrade() -> None:
    op.drop_table("list_look")
    for name in ("answers", "choices", "sheets"):
        op.drop_column("staged_import", name)
