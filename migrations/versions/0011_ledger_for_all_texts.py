"""Texts without a session, repeats, holding back, opt-outs, monthly cost, the health of providers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_HELD = "held_at IS NULL OR state IN ('planned', 'expired', 'withdrawn', 'suppressed')"


def upgrade() -> None:
    op.alter_column("message", "session_id", existing_type=sa.BigInteger(), nullable=True)
    op.add_column("message", sa.Column("about", sa.Text(), server_default="", nullable=False))
    op.add_column("message", sa.Column("repeat", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("message", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("held_by", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("resolved_by", sa.BigInteger(), nullable=True))
    op.add_column("message", sa.Column("resolution", sa.Text(), server_default="", nullable=False))
    for column in ("held_by", "resolved_by"):
        op.create_foreign_key(op.f(f"fk_message_{column}_app_user"), "message", "app_user", [column], ["id"])
    for name, rule in (
        ("one_subject", "(session_id IS NULL) = (about <> '')"),
        ("repeat", "repeat BETWEEN 0 AND 9"),
        ("held", _HELD),
        ("resolved_somehow", "(resolved_at IS NULL) = (resolution = '')"),
        ("resolution", "resolution IN ('', 'called', 'met', 'sent_again', 'not_needed')"),
    ):
        op.create_check_constraint(op.f(f"ck_message_{name}"), "message", rule)
    op.drop_index("uq_message_once", table_name="message")
    op.create_index(
        "uq_message_once",
        "message",
        ["purpose", "to_phone", "session_id", "session_version", "about", "repeat"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'suppressed')"),
        postgresql_nulls_not_distinct=True,
    )
    # Each class of texts has a queue of its own.
    op.drop_index("ix_message_due", table_name="message")
    op.create_index(
        "ix_message_due",
        "message",
        ["urgent", "message_class", "due_at", "id"],
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.add_column("reminder_policy", sa.Column("monthly_budget", sa.Numeric(12, 4), nullable=True))
    op.add_column(
        "reminder_policy",
        sa.Column("budget_warning", sa.SmallInteger(), server_default="80", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_reminder_policy_monthly_budget"), "reminder_policy", "monthly_budget >= 0"
    )
    op.create_check_constraint(
        op.f("ck_reminder_policy_budget_warning"), "reminder_policy", "budget_warning BETWEEN 1 AND 100"
    )
    op.create_table(
        "ward_month",
        sa.Column("ward_id", sa.String(length=5), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("texts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("segments", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=4), server_default="0", nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_ward_month_first_of_month")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_ward_month_ward_id_ward")),
        sa.PrimaryKeyConstraint("ward_id", "month", name=op.f("pk_ward_month")),
    )
    op.create_table(
        "opt_out",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("ward_id", sa.String(length=5), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(r"phone ~ '^\+[0-9]{8,15}$'", name=op.f("ck_opt_out_phone_e164")),
        sa.CheckConstraint(
            "topic IN ('reminders', 'changes', 'results', 'duties')", name=op.f("ck_opt_out_topic")
        ),
        sa.CheckConstraint("how IN ('staff', 'page', 'reply', 'provider')", name=op.f("ck_opt_out_how")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_opt_out_ended_by_app_user")),
        sa.ForeignKeyConstraint(["noted_by"], ["app_user.id"], name=op.f("fk_opt_out_noted_by_app_user")),
        sa.ForeignKeyConstraint(["ward_id"], ["ward.id"], name=op.f("fk_opt_out_ward_id_ward")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_out")),
    )
    op.create_index(
        "uq_opt_out_standing",
        "opt_out",
        ["phone", "topic"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "gateway_state",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("health", sa.Text(), server_default="good", nullable=False),
        sa.Column("health_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("health IN ('good', 'slow', 'down')", name=op.f("ck_gateway_state_health")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_gateway_state")),
    )


def downgrade() -> None:
    op.drop_table("gateway_state")
    op.drop_table("opt_out")
    op.drop_table("ward_month")
    op.drop_constraint(op.f("ck_reminder_policy_budget_warning"), "reminder_policy")
    op.drop_constraint(op.f("ck_reminder_policy_monthly_budget"), "reminder_policy")
    op.drop_column("reminder_policy", "budget_warning")
    op.drop_column("reminder_policy", "monthly_budget")
    # Texts that the older ledger has no place for.
    op.execute("""
        CREATE TEMPORARY TABLE stranger AS SELECT id FROM message WHERE session_id IS NULL OR repeat > 0;
        DELETE FROM message_recipient WHERE message_id IN (SELECT id FROM stranger);
        ALTER TABLE delivery_event DISABLE TRIGGER append_only;
        DELETE FROM delivery_event WHERE message_id IN (SELECT id FROM stranger);
        ALTER TABLE delivery_event ENABLE TRIGGER append_only;
        DELETE FROM message WHERE id IN (SELECT id FROM stranger);
        DROP TABLE stranger
    """)
    op.drop_index("ix_message_due", table_name="message")
    op.create_index(
        "ix_message_due",
        "message",
        ["urgent", "due_at", "id"],
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_index("uq_message_once", table_name="message")
    for name in ("one_subject", "repeat", "held", "resolved_somehow", "resolution"):
        op.drop_constraint(op.f(f"ck_message_{name}"), "message")
    for column in ("about", "repeat", "held_at", "held_by", "resolved_at", "resolved_by", "resolution"):
        op.drop_column("message", column)
    op.alter_column("message", "session_id", existing_type=sa.BigInteger(), nullable=False)
    op.create_index(
        "uq_message_once",
        "message",
        ["purpose", "to_phone", "session_id", "session_version"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'suppressed')"),
    )
