"""A ward keeps of the reminder policy only what it changed; wordings are counted from an index."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_MAY_FOLLOW = ("quiet_until", "quiet_from", "daily_cap", "budget_warning", "useless_minutes")


def upgrade() -> None:
    op.create_index(
        "ix_message_template_id_due_at",
        "message",
        ["template_id", "due_at"],
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )
    op.add_column(
        "reminder_policy", sa.Column("own_times", sa.Boolean(), server_default="true", nullable=False)
    )
    for column in _MAY_FOLLOW:
        op.alter_column("reminder_policy", column, nullable=True, server_default=None)
    op.create_check_constraint(
        op.f("ck_reminder_policy_city_is_whole"),
        "reminder_policy",
        "ward_id IS NOT NULL OR (own_times AND num_nulls(quiet_until, quiet_from, daily_cap,"
        " budget_warning, useless_minutes) = 0)",
    )
    op.create_check_constraint(
        op.f("ck_reminder_policy_both_hours"),
        "reminder_policy",
        "(quiet_until IS NULL) = (quiet_from IS NULL)",
    )
    # Hours beyond what a city, and then a ward, may choose; hours that lie wholly beyond are the city's.
    op.execute(
        "UPDATE reminder_policy SET quiet_until = '06:00', quiet_from = '22:00'"
        " WHERE quiet_until >= '22:00' OR quiet_from <= '06:00'"
    )
    op.execute(
        "UPDATE reminder_policy SET quiet_until = greatest(quiet_until, '06:00'),"
        " quiet_from = least(quiet_from, '22:00')"
    )
    op.execute("""
        UPDATE reminder_policy own SET quiet_until = city.quiet_until, quiet_from = city.quiet_from
        FROM reminder_policy city
        WHERE city.ward_id IS NULL AND own.ward_id IS NOT NULL
          AND (own.quiet_until >= city.quiet_from OR own.quiet_from <= city.quiet_until)
    """)
    op.execute("""
        UPDATE reminder_policy own SET
            quiet_until = greatest(own.quiet_until, city.quiet_until),
            quiet_from = least(own.quiet_from, city.quiet_from)
        FROM reminder_policy city WHERE city.ward_id IS NULL AND own.ward_id IS NOT NULL
    """)
    # A ward that saved times of its own got a copy of the city's budget and cap with them. Its other copies
    # stay: a program of the version before, still running, does not expect them to be missing.
    op.execute("""
        UPDATE reminder_policy own SET monthly_budget = NULL
        FROM reminder_policy city
        WHERE city.ward_id IS NULL AND own.ward_id IS NOT NULL AND own.monthly_budget = city.monthly_budget
    """)
    op.execute("""
        UPDATE reminder_policy own SET daily_cap = NULL
        FROM reminder_policy city
        WHERE city.ward_id IS NULL AND own.ward_id IS NOT NULL AND own.daily_cap = city.daily_cap
    """)


def downgrade() -> None:
    op.drop_index("ix_message_template_id_due_at", table_name="message")
    op.drop_constraint(op.f("ck_reminder_policy_both_hours"), "reminder_policy")
    op.drop_constraint(op.f("ck_reminder_policy_city_is_whole"), "reminder_policy")
    op.execute("""
        UPDATE reminder_policy own SET
            day_before_at = CASE WHEN own.own_times THEN own.day_before_at ELSE city.day_before_at END,
            hours_before = CASE WHEN own.own_times THEN own.hours_before ELSE city.hours_before END,
            quiet_until = coalesce(own.quiet_until, city.quiet_until),
            quiet_from = coalesce(own.quiet_from, city.quiet_from),
            daily_cap = coalesce(own.daily_cap, city.daily_cap),
            monthly_budget = coalesce(own.monthly_budget, city.monthly_budget),
            budget_warning = coalesce(own.budget_warning, city.budget_warning),
            useless_minutes = coalesce(own.useless_minutes, city.useless_minutes)
        FROM reminder_policy city WHERE city.ward_id IS NULL AND own.ward_id IS NOT NULL
    """)
    defaults = {"budget_warning": "80", "useless_minutes": "0"}
    for column in _MAY_FOLLOW:
        op.alter_column("reminder_policy", column, nullable=False, server_default=defaults.get(column, False))
    op.drop_column("reminder_policy", "own_times")
