"""Wordings are drafted and put into use; reminder times differ by kind of session; plans made anew in turn."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('ward_class', 'market_round', 'home_visit', 'mass_event', 'team_training')"


def upgrade() -> None:
    op.add_column("message_template", sa.Column("purpose", sa.Text(), server_default="", nullable=False))
    op.add_column("message_template", sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message_template", sa.Column("created_by", sa.BigInteger(), nullable=True))
    op.add_column("message_template", sa.Column("activated_by", sa.BigInteger(), nullable=True))
    for column in ("created_by", "activated_by"):
        op.create_foreign_key(
            op.f(f"fk_message_template_{column}_app_user"), "message_template", "app_user", [column], ["id"]
        )
    op.execute("""
        UPDATE message_template SET activated_at = created_at, purpose = CASE code
            WHEN 'visit_day_before' THEN 'reminder_day_before'
            WHEN 'visit_same_day' THEN 'reminder_same_day'
            WHEN 'session_relocated' THEN 'session_moved'
            WHEN 'helper_relocated' THEN 'helper_moved'
            ELSE code
        END
    """)
    op.alter_column("message_template", "purpose", server_default=None)
    op.create_check_constraint(
        op.f("ck_message_template_retired_was_active"),
        "message_template",
        "retired_at IS NULL OR activated_at IS NOT NULL",
    )
    op.drop_index("uq_message_template_current", table_name="message_template")
    for name, rows in (
        ("current", "activated_at IS NOT NULL AND retired_at IS NULL"),
        ("draft", "activated_at IS NULL"),
    ):
        op.create_index(
            f"uq_message_template_{name}",
            "message_template",
            ["code", "language"],
            unique=True,
            postgresql_where=sa.text(rows),
        )

    op.add_column(
        "reminder_policy", sa.Column("useless_minutes", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_reminder_policy_useless_minutes"), "reminder_policy", "useless_minutes BETWEEN 0 AND 240"
    )
    op.create_table(
        "reminder_time",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day_before_at", sa.Time(), nullable=True),
        sa.Column("hours_before", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint(_KINDS, name=op.f("ck_reminder_time_kind")),
        sa.CheckConstraint("hours_before BETWEEN 1 AND 23", name=op.f("ck_reminder_time_hours_before")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_reminder_time_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_time")),
        sa.UniqueConstraint(
            "ward_id", "kind", name=op.f("uq_reminder_time_ward_id_kind"), postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "replanning",
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_replanning_ward_id_ward")),
        sa.PrimaryKeyConstraint("ward_id", name=op.f("pk_replanning")),
    )
    op.create_index("ix_message_about", "message", ["about"], postgresql_where=sa.text("about <> ''"))


def downgrade() -> None:
    op.drop_index("ix_message_about", table_name="message")
    op.drop_table("replanning")
    op.drop_table("reminder_time")
    op.drop_constraint(op.f("ck_reminder_policy_useless_minutes"), "reminder_policy")
    op.drop_column("reminder_policy", "useless_minutes")
    op.execute("DELETE FROM message_template WHERE activated_at IS NULL")
    for name in ("draft", "current"):
        op.drop_index(f"uq_message_template_{name}", table_name="message_template")
    op.create_index(
        "uq_message_template_current",
        "message_template",
        ["code", "language"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.drop_constraint(op.f("ck_message_template_retired_was_active"), "message_template")
    for column in ("activated_by", "created_by", "activated_at", "purpose"):
        op.drop_column("message_template", column)
