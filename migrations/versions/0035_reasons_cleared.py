"""Reasons of helpers and learners are cleared after their time: indexes of those that are left."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_assignment_reason_ends_at",
        "assignment",
        ["ends_at"],
        postgresql_where=sa.text("reason NOT IN ('', 'lý do đã xóa')"),
    )
    op.create_index(
        "ix_enrolment_cancel_reason",
        "enrolment",
        ["session_id"],
        postgresql_where=sa.text("cancel_reason <> ''"),
    )


def downgrade() -> None:
    op.drop_index("ix_enrolment_cancel_reason", "enrolment")
    op.drop_index("ix_assignment_reason_ends_at", "assignment")
