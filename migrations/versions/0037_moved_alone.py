"""Where the rule of its series puts a session that was moved by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_MOVED_ALONE = """
UPDATE class_session
SET rule_start = nullif(
    coalesce(
        (
            SELECT ((original_start AT TIME ZONE 'Asia/Ho_Chi_Minh')::date + slot.starts_at)
                AT TIME ZONE 'Asia/Ho_Chi_Minh'
            FROM series_slot AS slot
            WHERE slot.series_id = class_session.series_id
              AND slot.weekday = extract(isodow FROM original_start AT TIME ZONE 'Asia/Ho_Chi_Minh') - 1
            ORDER BY slot.starts_at
            LIMIT 1
        ),
        original_start
    ),
    class_session.starts_at
)
WHERE series_id IS NOT NULL
  AND starts_at <> original_start
  AND NOT EXISTS (
    SELECT FROM series_slot AS slot
    WHERE slot.series_id = class_session.series_id
      AND slot.weekday = extract(isodow FROM class_session.starts_at AT TIME ZONE 'Asia/Ho_Chi_Minh') - 1
      AND slot.starts_at = (class_session.starts_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::time
)
"""


def upgrade() -> None:
    op.add_column("class_session", sa.Column("rule_start", sa.DateTime(timezone=True), nullable=True))
    op.execute(_MOVED_ALONE)
    op.create_check_constraint(
        op.f("ck_class_session_moved_from_its_rule"),
        "class_session",
        "rule_start IS NULL OR (series_id IS NOT NULL AND rule_start <> starts_at)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_class_session_moved_from_its_rule"), "class_session")
    op.drop_column("class_session", "rule_start")
