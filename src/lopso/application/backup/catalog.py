"""What a database holds, read from its catalogues: tables, sequences, foreign keys."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

VERSION_TABLE = "alembic_version"

CatalogConnection = psycopg.Connection[tuple[Any, ...]]


class Table(NamedTuple):
    """A table of ours in the schema ``public``; `columns` without generated ones."""

    name: str
    columns: Sequence[str]

    def copy(self, direction: str) -> sql.Composed:
        """``COPY`` of all columns, `direction` being ``TO STDOUT`` or ``FROM STDIN``."""
        names = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("COPY {} ({}) {}").format(
            sql.Identifier("public", self.name),
            names,
            sql.SQL("TO STDOUT") if direction == "TO STDOUT" else sql.SQL("FROM STDIN"),
        )


class ForeignKey(NamedTuple):
    """A foreign key and the words that make it."""

    table: str
    name: str
    definition: str


# Tables of an extension, if a database has one, are not ours.
_TABLES = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> %s
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    GROUP BY c.relname ORDER BY c.relname
"""
_SEQUENCES = """
    SELECT sequencename::text, last_value FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY 1
"""
_FOREIGN_KEYS = """
    SELECT r.relname::text, k.conname::text, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid
    WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def tables(connection: CatalogConnection) -> list[Table]:
    """Every table of ours by name, the one of Alembic left out."""
    return [Table(*row) for row in connection.execute(_TABLES, [VERSION_TABLE])]


def sequences(connection: CatalogConnection) -> dict[str, int]:
    """The last value of every sequence that was used."""
    return {str(name): int(value) for name, value in connection.execute(_SEQUENCES)}


def foreign_keys(connection: CatalogConnection) -> list[ForeignKey]:
    """Every foreign key between our tables."""
    return [ForeignKey(*row) for row in connection.execute(_FOREIGN_KEYS)]


def revision(connection: CatalogConnection) -> str | None:
    """The revision of the schema; None where there is none."""
    if not _exists(connection, VERSION_TABLE):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def others_connected(connection: CatalogConnection) -> bool:
    """Whether some other client is connected to this database."""
    row = connection.execute(_OTHERS).fetchone()
    return row is not None and row[0] > 0


def _exists(connection: CatalogConnection, table: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()
    return row is not None and row[0] is not None
