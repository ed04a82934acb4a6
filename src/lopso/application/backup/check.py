"""Checks a backup: restores it into a scratch database and compares, or reads it where none can be made."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Literal
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from lopso.application.backup import encryption
from lopso.application.backup.container import (
    END,
    ROWS,
    SUM,
    TABLE,
    BackupFrames,
    Header,
    TableSum,
    read_frames,
    read_header,
    read_json,
)
from lopso.application.backup.errors import BackupDamaged
from lopso.application.backup.restore import restore_rows

_SCRATCH = "lopso_backup_check_"


@dataclass(frozen=True, slots=True)
class CheckedBackup:
    """What a backup holds, and how that was found out."""

    header: Header
    sums: Mapping[str, TableSum]
    check: Literal["restored", "read"]


def check_backup(
    file: BinaryIO,
    key: encryption.PrivateKey,
    url: str,
    *,
    expected: Mapping[str, TableSum] | None = None,
) -> CheckedBackup:
    """Check the whole of `file`; nothing stays behind on the server at `url`.

    Args:
        expected: what the tables must hold; None: what the backup itself says.

    Raises:
        WrongBackupKey, BackupDamaged, NewerBackup: see there.
    """
    with encryption.decrypted(file, key) as plain, scratch_database(url) as scratch:
        frames = read_frames(plain)
        header = read_header(frames)
        sums = _read(frames) if scratch is None else restore_rows(scratch, header, frames)
    if expected is not None and sums != expected:
        raise BackupDamaged("not what was read from the database")
    return CheckedBackup(header, sums, "read" if scratch is None else "restored")


@contextmanager
def scratch_database(url: str) -> Generator[str | None]:
    """The address of an empty database beside the one at `url`; None where our role may make none.

    Those that a killed check left behind are removed, too.
    """
    here = make_url(url)
    name = _SCRATCH + uuid4().hex[:12]
    plain = here.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            yield None
            return
        _drop_forgotten(connection, but=name)
        try:
            yield here.set(database=name).render_as_string(hide_password=False)
        finally:
            # Without FORCE it waits for an autovacuum worker to leave; with it, an ordinary role is refused.
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _drop_forgotten(connection: psycopg.Connection, *, but: str) -> None:
    forgotten = connection.execute(
        "SELECT datname FROM pg_database d WHERE starts_with(datname, %s) AND datname <> %s"
        " AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)",
        [_SCRATCH, but],
    ).fetchall()
    for (name,) in forgotten:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _read(frames: BackupFrames) -> dict[str, TableSum]:
    """Sums of the rows in `frames`, compared with those it tells."""
    sums: dict[str, TableSum] = {}
    name, total = "", TableSum()
    for kind, payload in frames:
        if kind == TABLE:
            name, total = str(read_json(payload).get("name")), TableSum()
        elif kind == ROWS:
            total = total.add(payload)
        elif kind == SUM:
            if read_json(payload) != total.as_json():
                raise BackupDamaged(f"not the same rows: {name}")
            sums[name] = total
        elif kind == END:
            if next(frames, None) is not None:
                raise BackupDamaged("something after the end")
            return sums
    raise BackupDamaged("no end")
