"""Days on which the classes of wards are cancelled together, and the classes that make up for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closure",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_closure_days")),
        sa.CheckConstraint("cardinality(kinds) > 0", name=op.f("ck_closure_kinds")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_closure_reason")),
        sa.ForeignKeyConstraint(["created_by"], ["app_user.id"], name=op.f("fk_closure_created_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_table(
        "closure_ward",
        sa.Column("closure_id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(5), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(done_at IS NULL) = (cancelled IS NULL)", name=op.f("ck_closure_ward_done_with_number")
        ),
        sa.ForeignKeyConstraint(
            ["closure_id"], ["closure.id"], name=op.f("fk_closure_ward_closure_id_closure")
        ),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_closure_ward_ward_id_ward")),
        sa.PrimaryKeyConstraint("closure_id", "ward_id", name=op.f("pk_closure_ward")),
    )
    op.create_index(
        "ix_closure_ward_to_do",
        "closure_ward",
        ["closure_id", "ward_id"],
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(op.f("ix_closure_ward_ward_id"), "closure_ward", ["ward_id"])
    op.add_column("class_session", sa.Column("closure_id", sa.BigInteger(), nullable=True))
    op.add_column("class_session", sa.Column("makes_up_for_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_class_session_closure_id_closure"), "class_session", "closure", ["closure_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_class_session_ward_id_makes_up_for_id_class_session"),
        "class_session",
        "class_session",
        ["ward_id", "makes_up_for_id"],
        ["ward_id", "id"],
    )
    op.create_check_constraint(
        op.f("ck_class_session_closed_is_cancelled"),
        "class_session",
        "closure_id IS NULL OR cancelled_at IS NOT NULL",
    )
    op.create_index(
        "ix_class_session_closure_id",
        "class_session",
        ["closure_id", "ward_id"],
        postgresql_where=sa.text("closure_id IS NOT NULL"),
    )
    op.create_index(
        "uq_class_session_made_up_once",
        "class_session",
        ["makes_up_for_id"],
        unique=True,
        postgresql_where=sa.text("makes_up_for_id IS NOT NULL AND cancelled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_class_session_made_up_once", "class_session")
    op.drop_index("ix_class_session_closure_id", "class_session")
    op.drop_constraint(op.f("ck_class_session_closed_is_cancelled"), "class_session")
    op.drop_column("class_session", "makes_up_for_id")
    op.drop_column("class_session", "closure_id")
    op.drop_table("closure_ward")
    op.drop_table("closure")
