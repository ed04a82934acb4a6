"""The job library's own tables, in a schema of their own so that models and migrations stay comparable."""

from alembic import op
from procrastinate.schema import SchemaManager, migrations_path

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Many statements at once, with % in them: only the driver's own connection takes that. Same transaction.
    connection = op.get_bind().connection.driver_connection
    connection.execute("CREATE SCHEMA jobs")
    connection.execute("SET LOCAL search_path TO jobs")
    connection.execute(SchemaManager.get_schema())
    # Which of the library's own schema steps are in: a later revision applies those that are not,
    # whatever version of the library this database began with.
    connection.execute("CREATE TABLE lopso_step (name text PRIMARY KEY)")
    connection.execute(
        "INSERT INTO lopso_step SELECT unnest(%s::text[])",
        [sorted(file.name for file in migrations_path.glob("*.sql"))],
    )
    connection.execute("SET LOCAL search_path TO DEFAULT")


def downgrade() -> None:
    op.execute("DROP SCHEMA jobs CASCADE")
