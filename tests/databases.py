"""Databases for tests that commit: one test after another uses the same, emptied in between.

Emptying takes a few milliseconds, cloning and dropping a tenth of a second; and the engine keeps its
connections and compiled statements.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from lopso.application import example, reference
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.embedded import ROLE, EmbeddedServer
from tests.cluster import TEMPLATE
from tests.factories import NOON

_MANY_ROWS = 5_000
"""After deleting more than this, a new clone is cheaper than the dead rows left behind."""

_CATALOGS = ("pg_class", "pg_attribute", "pg_constraint", "pg_proc", "pg_trigger")

_numbers = count(1)


class Database:
    """A migrated database and connections to it.

    `single_use` is for a test whose database other processes write to: it is dropped, not emptied.
    """

    def __init__(self, server: EmbeddedServer, *, template: str = TEMPLATE) -> None:
        self._server = server
        self.name = f"lopso_{next(_numbers)}"
        server.create_database(self.name, template=template)
        self.url = server.url(self.name)
        self.engine: AsyncEngine = database.create_engine(self.url, pool_size=16)
        self.single_use = False
        self._superuser = psycopg.connect(_as_superuser(self.url), autocommit=True)
        # Neither foreign keys nor the trigger that guards the audit trail hinder the deletion of all rows.
        self._superuser.execute("SET session_replication_role = replica")
        self._superuser.execute("SET lock_timeout = '10s'")
        tables = self._all_tables()
        self._filled_by_migrations = self._not_empty(tables)
        self._tables = [table for table in tables if table not in self._filled_by_migrations]
        self._definitions = self._read_definitions()

    async def reset(self) -> bool:
        """Make it like a new clone; False when that takes a new clone.

        Connections still in the middle of something are ended.
        """
        pool = self.engine.sync_engine.pool
        assert isinstance(pool, QueuePool)
        if pool.checkedout():
            await self.engine.dispose()
        self._end_transactions()
        if self.single_use or self._read_definitions() != self._definitions:
            return False
        return self._delete_rows() <= _MANY_ROWS

    async def disconnect(self) -> None:
        """End the connections to it that were opened here: only then it can be a template."""
        await self.engine.dispose()
        self._superuser.close()

    async def drop(self) -> None:
        """Remove it, and end all connections to it."""
        await self.disconnect()
        with psycopg.connect(_as_superuser(self._server.url("postgres")), autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(self.name)))

    def _end_transactions(self) -> None:
        self._superuser.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND state <> 'idle'"
        )

    def _all_tables(self) -> Sequence[Identifier]:
        found = self._all(
            SQL(
                "SELECT schemaname, tablename FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
            ).format()
        )
        return [Identifier(*names) for names in found]

    def _not_empty(self, tables: Sequence[Identifier]) -> Sequence[Identifier]:
        parts = [
            SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(number, table)
            for number, table in enumerate(tables)
        ]
        numbers: list[int] = [row[0] for row in self._all(SQL(" UNION ALL ").join(parts))]
        return [tables[number] for number in numbers]

    def _read_definitions(self) -> Sequence[tuple[Any, ...]]:
        """Changes with every table, column, function or trigger, and with the rows that migrations made."""
        catalogs = [
            SQL("SELECT count(*), max(xmin::text::bigint)::text FROM {}").format(Identifier(name))
            for name in _CATALOGS
        ]
        rows = [
            SQL("SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {} t").format(table)
            for table in self._filled_by_migrations
        ]
        return self._all(SQL(" UNION ALL ").join([*catalogs, *rows]))

    def _delete_rows(self) -> int:
        """Delete all rows and restart every sequence; the number of rows."""
        deleted = sum(
            self._superuser.execute(SQL("DELETE FROM {}").format(table)).rowcount
            for table in self._not_empty(self._tables)
        )
        self._superuser.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
            " FROM pg_sequences WHERE last_value IS NOT NULL"
        )
        return deleted

    def _all(self, statement: Composed) -> Sequence[tuple[Any, ...]]:
        return self._superuser.execute(statement, prepare=True).fetchall()


class Databases:
    """Databases that wait for the next test."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._idle: list[Database] = []
        self._example_city: Database | None = None

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[Database]:
        """A database without rows, for nobody else while the block runs."""
        own = self._idle.pop() if self._idle else Database(self._server)
        try:
            yield own
        finally:
            if await own.reset():
                self._idle.append(own)
            else:
                await own.drop()

    @asynccontextmanager
    async def one_with_example_city(self) -> AsyncGenerator[Database]:
        """A database with the city of the demo as at `NOON`, for nobody else; the first one takes seconds."""
        if self._example_city is None:
            self._example_city = await self._make_example_city()
        own = Database(self._server, template=self._example_city.name)
        try:
            yield own
        finally:
            await own.drop()

    async def _make_example_city(self) -> Database:
        made = Database(self._server)
        async with database.session_maker(made.engine, LISTENERS).begin() as db:
            await reference.load(db, now=NOON)
        await example.build(made.engine, now=NOON)
        await made.disconnect()
        return made

    async def close(self) -> None:
        """Drop them all."""
        while self._idle:
            await self._idle.pop().drop()
        if self._example_city is not None:
            await self._example_city.drop()


def _as_superuser(url: str) -> str:
    return url.replace(f"postgresql+psycopg://{ROLE}@", "postgresql://postgres@")
