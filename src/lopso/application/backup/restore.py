"""Restores a backup: schema, rows and what follows from them, in one transaction.

Whoever is killed in the middle leaves the database as it was.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, create_engine, text

from lopso.application import migrate
from lopso.application.backup import catalog
from lopso.application.backup.after_restore import settle_restore
from lopso.application.backup.container import BackupFrames, Header, TableSum
from lopso.application.backup.errors import DatabaseInUse, DatabaseNotEmpty, NewerBackup
from lopso.application.backup.loading import load

# Relations and functions of an extension, if a database has one, are not ours.
_OURS = text("""
    SELECT format('DROP TABLE IF EXISTS %s CASCADE', c.oid::regclass) FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    UNION ALL
    SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'DROP SCHEMA IF EXISTS jobs CASCADE'
""")


@dataclass(frozen=True, slots=True)
class RestoreSummary:
    """What a restored database holds; `sums` by table."""

    taken_at: datetime
    revision: str
    sums: Mapping[str, TableSum]

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.sums.values())


def restore(url: str, header: Header, frames: BackupFrames, *, replace: bool) -> RestoreSummary:
    """Restore into the database at `url` (``postgresql+psycopg://…``) and migrate it to our revision.

    Delivery is paused, nobody is logged in, and the audit trail says what happened (`after_restore`).

    Args:
        replace: what the database holds may go.

    Raises:
        DatabaseNotEmpty, DatabaseInUse, NewerBackup, BackupDamaged: then nothing has changed.
    """
    with _one_transaction(url) as connection:
        if catalog.others_connected(_raw(connection)):
            raise DatabaseInUse
        if catalog.tables(_raw(connection)):
            if not replace:
                raise DatabaseNotEmpty
            for statement in connection.scalars(_OURS).all():
                connection.exec_driver_sql(statement)
        sums = _load(connection, header, frames)
        migrate.upgrade_within(connection)
        settle_restore(connection, header)
    return RestoreSummary(header.taken_at, header.revision, sums)


def restore_rows(url: str, header: Header, frames: BackupFrames) -> dict[str, TableSum]:
    """Restore into an empty scratch database at the backup's own revision, and nothing else."""
    with _one_transaction(url) as connection:
        return _load(connection, header, frames)


def _load(connection: Connection, header: Header, frames: BackupFrames) -> dict[str, TableSum]:
    if not migrate.knows(header.revision):
        raise NewerBackup(header.revision)
    migrate.upgrade_within(connection, header.revision)
    return load(_raw(connection), frames)


@contextmanager
def _one_transaction(url: str) -> Generator[Connection]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _raw(connection: Connection) -> catalog.CatalogConnection:
    """psycopg's connection below, in the same transaction."""
    return cast(catalog.CatalogConnection, connection.connection.driver_connection)
