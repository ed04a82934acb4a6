"""Accounts in the order of Vietnamese lists of people: by given name."""

import sqlalchemy as sa
from alembic import op

from lopso.kernel.text import sort_key

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app_user", sa.Column("sort_key", sa.TEXT(collation="C"), nullable=True))
    users = sa.table("app_user", sa.column("id"), sa.column("name"), sa.column("sort_key"))
    connection = op.get_bind()
    for number, name in connection.execute(sa.select(users.c.id, users.c.name)).all():
        values = {"sort_key": sort_key(name)}
        connection.execute(sa.update(users).where(users.c.id == number).values(values))
    op.alter_column("app_user", "sort_key", nullable=False)


def downgrade() -> None:
    op.drop_column("app_user", "sort_key")
