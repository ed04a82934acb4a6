"""Attendance."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendance_mark",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("learner_id", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column(
            "is_present",
            sa.Boolean(),
            sa.Computed("mark IN ('present', 'late', 'left_early')", persisted=True),
            nullable=False,
        ),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("walk_in", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("offline", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "mark IN ('present', 'late', 'left_early', 'excused', 'absent', 'cleared')",
            name=op.f("ck_attendance_mark_mark"),
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_attendance_mark_learner_id_learner")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["app_user.id"], name=op.f("fk_attendance_mark_recorded_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id", "session_id"],
            ["class_session.ward_id", "class_session.id"],
            name=op.f("fk_attendance_mark_ward_id_session_id_class_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_mark")),
        sa.UniqueConstraint("client_id", name=op.f("uq_attendance_mark_client_id")),
        sa.UniqueConstraint(
            "id",
            "session_id",
            "learner_id",
            "is_present",
            name=op.f("uq_attendance_mark_id_session_id_learner_id_is_present"),
        ),
    )
    op.create_index("ix_attendance_mark_learner_id", "attendance_mark", ["learner_id"], unique=False)
    op.create_index(
        "ix_attendance_mark_session_learner",
        "attendance_mark",
        ["session_id", "learner_id", "happened_at", "id"],
        unique=False,
    )

    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON attendance_mark
        FOR EACH ROW EXECUTE FUNCTION lopso_forbid_change()
    """)


def downgrade() -> None:
    op.drop_table("attendance_mark")
