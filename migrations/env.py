"""Alembic's entry: the metadata of every room, one transaction per revision."""

from alembic import context
from sqlalchemy import create_engine

from lopso.application.registry import metadata

engine = create_engine(context.config.attributes["url"])

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
