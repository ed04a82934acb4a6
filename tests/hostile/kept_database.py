"""A database that is looked at before and after a request, and put back as it was."""

from collections.abc import Mapping
from types import TracebackType

import psycopg
from psycopg import sql


class KeptDatabase:
    """Copies of all tables beside them; which tables a request changed; those put back.

    A table counts as changed when its number of rows or its newest transaction differ.
    """

    def __init__(self, url: str) -> None:
        address = url.replace("postgresql+psycopg://", "postgresql://").replace("//lopso@", "//postgres@")
        self._db = psycopg.connect(address, autocommit=True)
        self._db.execute("SET session_replication_role = replica")  # no foreign keys, no triggers
        self._columns = self._read_columns()
        self._query = self._fingerprint_query()
        self._db.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
        for table in self._columns:
            name = sql.Identifier(table)
            self._db.execute(
                sql.SQL("CREATE TABLE kept.{} AS SELECT {} FROM public.{}").format(
                    name, self._names(table), name
                )
            )
        self._before = self._fingerprint()
        self._transactions = self._assigned()

    def __enter__(self) -> "KeptDatabase":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._db.execute("DROP SCHEMA IF EXISTS kept CASCADE")
        self._db.close()

    def changed(self) -> set[str]:
        """The tables that differ from their copies."""
        if self._assigned() == self._transactions:  # nobody wrote at all
            return set()
        now = self._fingerprint()
        self._transactions = self._assigned()
        return {table for table, value in now.items() if value != self._before[table]}

    def put_back(self, tables: set[str]) -> None:
        """Fill `tables` from their copies."""
        for table in tables:
            name, columns = sql.Identifier(table), self._names(table)
            self._db.execute(sql.SQL("DELETE FROM public.{}").format(name))
            self._db.execute(
                sql.SQL("INSERT INTO public.{} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM kept.{}").format(
                    name, columns, columns, name
                )
            )
        if tables:
            self._before = self._fingerprint()
            self._transactions = self._assigned()

    def _assigned(self) -> int:
        row = self._db.execute(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text", prepare=True
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _fingerprint(self) -> Mapping[str, tuple[int, int]]:
        return {table: (rows, newest) for table, rows, newest in self._db.execute(self._query, prepare=True)}

    def _fingerprint_query(self) -> sql.Composed:
        each = sql.SQL("SELECT {}, count(*), coalesce(max(xmin::text::bigint), 0) FROM public.{}")
        parts = [each.format(sql.Literal(table), sql.Identifier(table)) for table in self._columns]
        return sql.SQL(" UNION ALL ").join(parts)

    def _names(self, table: str) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, self._columns[table]))

    def _read_columns(self) -> dict[str, list[str]]:
        columns: dict[str, list[str]] = {}
        for table, column in self._db.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND is_generated = 'NEVER' ORDER BY table_name, ordinal_position"
        ):
            columns.setdefault(table, []).append(column)
        return columns
