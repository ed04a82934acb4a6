"""The rows of all tables at one moment, as frames."""

from collections.abc import Iterator

from psycopg import IsolationLevel

from lopso.application.backup import catalog
from lopso.application.backup.catalog import CatalogConnection, Table
from lopso.application.backup.container import (
    END,
    ROWS,
    SUM,
    TABLE,
    Header,
    TableSum,
    frame,
    json_frame,
)
from lopso.application.backup.errors import NoDatabase

_CHUNK = 256 * 1024  # bytes of rows in a frame, at least one row


def begin_snapshot(connection: CatalogConnection, secret: str) -> Header:
    """Begin one transaction that sees the database as it is now; the header of its backup.

    Raises:
        NoDatabase: no schema of ours.
    """
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    as_text(connection)
    row = connection.execute("SELECT now()").fetchone()
    revision = catalog.revision(connection)
    if row is None or revision is None:
        raise NoDatabase
    return Header(revision, row[0], secret)


def as_text(connection: CatalogConnection) -> None:
    """Let ``COPY`` write values alike, whatever this server's settings."""
    for setting in ("TIME ZONE 'UTC'", "datestyle = 'ISO'", "intervalstyle = 'postgres'"):
        connection.execute(f"SET LOCAL {setting}".encode())
    connection.execute("SET LOCAL extra_float_digits = 1")
    connection.execute("SET LOCAL bytea_output = 'hex'")


def snapshot_frames(
    connection: CatalogConnection, header: Header, sums: dict[str, TableSum]
) -> Iterator[bytes]:
    """The frames of a backup, read in the transaction that `begin_snapshot` began; fills `sums` by table."""
    yield header.frame()
    for table in catalog.tables(connection):
        yield json_frame(TABLE, {"name": table.name, "columns": list(table.columns)})
        total = TableSum()
        for rows in read_rows(connection, table):
            total = total.add(rows)
            yield frame(ROWS, rows)
        sums[table.name] = total
        yield json_frame(SUM, total.as_json())
    yield json_frame(END, {"sequences": catalog.sequences(connection)})


def read_rows(connection: CatalogConnection, table: Table) -> Iterator[bytes]:
    """The rows of `table` in chunks of whole rows."""
    waiting = bytearray()
    with connection.cursor() as cursor, cursor.copy(table.copy("TO STDOUT")) as copy:
        for row in copy:
            waiting += row
            if len(waiting) >= _CHUNK:
                yield bytes(waiting)
                waiting.clear()
    if waiting:
        yield bytes(waiting)


def table_sum(connection: CatalogConnection, table: Table) -> TableSum:
    """Number and checksum of the rows that `table` holds now."""
    total = TableSum()
    for rows in read_rows(connection, table):
        total = total.add(rows)
    return total
