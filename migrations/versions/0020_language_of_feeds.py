"""A learner's calendar feed speaks the language of the page it was taken from."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calendar_token", sa.Column("language", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_calendar_token_language"), "calendar_token", "language IN ('vi', 'en')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_calendar_token_language"), "calendar_token")
    op.drop_column("calendar_token", "language")
