"""Alembic's entry: the metadata of every package, one transaction per revision.

With a connection given, everything happens in the transaction that it is in.
"""

from alembic import context
from sqlalchemy import Connection, create_engine

from lopso.application.registry import metadata


def run_on(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run_on(given)
else:
    engine = create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        run_on(connection)
    engine.dispose()
