"""Calendar feeds of wards, venues and learners beside those of helpers."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OWNERS = (("learner_id", "learner"), ("ward_id", "ward"), ("venue_id", "venue"), ("user_id", "app_user"))
_CURRENT = "uq_calendar_token_current"


def upgrade() -> None:
    op.alter_column("calendar_token", "trainer_id", existing_type=sa.BigInteger(), nullable=True)
    for column, table in _OWNERS:
        kind = sa.String(length=5) if table == "ward" else sa.BigInteger()
        op.add_column("calendar_token", sa.Column(column, kind, nullable=True))
        name = op.f(f"fk_calendar_token_{column}_{table}")
        op.create_foreign_key(name, "calendar_token", table, [column], ["id"])
    for name, rule in (
        ("one_subject", "num_nonnulls(trainer_id, learner_id, ward_id, venue_id) = 1"),
        ("officer_named", "(user_id IS NULL) = (ward_id IS NULL AND venue_id IS NULL)"),
    ):
        op.create_check_constraint(op.f(f"ck_calendar_token_{name}"), "calendar_token", rule)
    op.drop_index(_CURRENT, table_name="calendar_token")
    op.create_index(
        _CURRENT,
        "calendar_token",
        ["trainer_id", "learner_id", "user_id", "ward_id", "venue_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.execute("DELETE FROM calendar_token WHERE trainer_id IS NULL")
    op.drop_index(_CURRENT, table_name="calendar_token")
    for name in ("one_subject", "officer_named"):
        op.drop_constraint(op.f(f"ck_calendar_token_{name}"), "calendar_token")
    for column, _table in _OWNERS:
        op.drop_column("calendar_token", column)
    op.alter_column("calendar_token", "trainer_id", existing_type=sa.BigInteger(), nullable=False)
    op.create_index(
        _CURRENT,
        "calendar_token",
        ["trainer_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
