"""Loads the frames of a backup into the tables of its revision, in the caller's transaction.

An ordinary role may not switch off foreign keys, so they are dropped and made again, which also checks every
row; triggers that guard changes are disabled meanwhile.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from lopso.application.backup import catalog
from lopso.application.backup.catalog import CatalogConnection, Table
from lopso.application.backup.container import END, ROWS, SUM, TABLE, BackupFrames, TableSum, read_json
from lopso.application.backup.errors import BackupDamaged
from lopso.application.backup.snapshot import as_text, table_sum


def load(connection: CatalogConnection, frames: BackupFrames) -> dict[str, TableSum]:
    """Fill the tables from `frames` and compare what they then hold; the sums by table. Does not commit.

    Raises:
        BackupDamaged: other tables, rows the database refuses, or rows that are not those of the backup.
    """
    as_text(connection)
    known = {table.name: table for table in catalog.tables(connection)}
    try:
        with _unguarded(connection, list(known)):
            told = _fill(connection, frames, known)
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError) as error:
        raise BackupDamaged(f"rows refused: {type(error).__name__}") from error
    found = {name: table_sum(connection, table) for name, table in known.items()}
    if found != told:
        wrong = sorted(name for name in found.keys() | told.keys() if found.get(name) != told.get(name))
        raise BackupDamaged(f"not the same rows: {', '.join(wrong)}")
    return found


def _fill(
    connection: CatalogConnection, frames: BackupFrames, known: dict[str, Table]
) -> dict[str, TableSum]:
    told: dict[str, TableSum] = {}
    for kind, payload in frames:
        if kind == END:
            _set_sequences(connection, read_json(payload))
            if next(frames, None) is not None:
                raise BackupDamaged("something after the end")
            return told
        if kind != TABLE:
            raise BackupDamaged("no table")
        table = _known_table(read_json(payload), known)
        if table.name in told:
            raise BackupDamaged("a table twice")
        told[table.name] = _copy_rows(connection, table, frames)
    raise BackupDamaged("no end")


def _copy_rows(connection: CatalogConnection, table: Table, frames: BackupFrames) -> TableSum:
    """Copy the rows that follow into `table`; the sum that the backup tells of them."""
    with connection.cursor() as cursor, cursor.copy(table.copy("FROM STDIN")) as copy:
        for kind, payload in frames:
            if kind == SUM:
                return _told_sum(read_json(payload))
            if kind != ROWS:
                break
            copy.write(payload)
        raise BackupDamaged("table cut")


def _known_table(told: dict[str, Any], known: dict[str, Table]) -> Table:
    table = known.get(str(told.get("name")))
    columns: Any = told.get("columns")
    if table is None or not isinstance(columns, list) or set(columns) != set(table.columns):  # pyright: ignore[reportUnknownArgumentType]  (compared with strings)
        raise BackupDamaged("a table that this revision does not have")
    return Table(table.name, [str(each) for each in columns])  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  (compared above)


def _told_sum(told: dict[str, Any]) -> TableSum:
    try:
        return TableSum(int(told["rows"]), int(told["checksum"], 16))
    except (KeyError, TypeError, ValueError) as error:
        raise BackupDamaged("sum not understood") from error


def _set_sequences(connection: CatalogConnection, told: dict[str, Any]) -> None:
    values: Any = told.get("sequences")
    if not isinstance(values, dict):
        raise BackupDamaged("no sequences")
    for name, value in values.items():  # pyright: ignore[reportUnknownVariableType]  (checked by the database)
        connection.execute("SELECT setval(format('public.%%I', %s::text)::regclass, %s)", [name, value])


@contextmanager
def _unguarded(connection: CatalogConnection, tables: Sequence[str]) -> Generator[None]:
    """Empty tables without foreign keys and triggers; both are back at the end, the keys checked."""
    keys = catalog.foreign_keys(connection)
    for key in keys:
        _alter(connection, key.table, sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(key.name)))
    for table in tables:
        _alter(connection, table, sql.SQL("DISABLE TRIGGER USER"))
        # Some migrations leave rows of their own; the backup has them too.
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier("public", table)))
    yield
    for table in tables:
        _alter(connection, table, sql.SQL("ENABLE TRIGGER USER"))
    for key in keys:
        definition = sql.SQL(key.definition)  # pyright: ignore[reportArgumentType]  (the database's own words)
        _alter(
            connection,
            key.table,
            sql.SQL("ADD CONSTRAINT {} {}").format(sql.Identifier(key.name), definition),
        )


def _alter(connection: CatalogConnection, table: str, what: sql.Composable) -> None:
    connection.execute(sql.SQL("ALTER TABLE {} {}").format(sql.Identifier("public", table), what))
