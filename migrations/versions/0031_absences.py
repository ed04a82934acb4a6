"""Days on which helpers are away, with the sessions they gave back for it."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trainer_id", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("last >= first", name=op.f("ck_absence_last_after_first")),
        sa.CheckConstraint("last - first < 366", name=op.f("ck_absence_not_for_ever")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_absence_has_reason")),
        sa.ForeignKeyConstraint(["noted_by"], ["app_user.id"], name=op.f("fk_absence_noted_by_app_user")),
        sa.ForeignKeyConstraint(["trainer_id"], ["trainer.id"], name=op.f("fk_absence_trainer_id_trainer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_trainer_id_last", "absence", ["trainer_id", "last"])
    op.create_table(
        "absence_assignment",
        sa.Column("absence_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('offered', 'accepted')", name=op.f("ck_absence_assignment_state")),
        sa.ForeignKeyConstraint(
            ["absence_id"], ["absence.id"], name=op.f("fk_absence_assignment_absence_id_absence")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_absence_assignment_assignment_id_assignment")
        ),
        sa.PrimaryKeyConstraint("absence_id", "assignment_id", name=op.f("pk_absence_assignment")),
    )
    op.create_index("ix_absence_assignment_assignment_id", "absence_assignment", ["assignment_id"])


def downgrade() -> None:
    op.drop_table("absence_assignment")
    op.drop_table("absence")
