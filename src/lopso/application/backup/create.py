"""Makes a backup: a snapshot of the database, encrypted, checked, and only then under its name."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

import psycopg

from lopso.application.backup import encryption, runs
from lopso.application.backup.catalog import CatalogConnection
from lopso.application.backup.check import check_backup
from lopso.application.backup.container import Header, TableSum, compressed
from lopso.application.backup.encryption import PublicKey
from lopso.application.backup.files import written_whole
from lopso.application.backup.snapshot import begin_snapshot, snapshot_frames

Check = Literal["restored", "read"]
"""How a backup was checked: restored into a scratch database, or read where none could be made."""


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """A backup that was made and checked; `size` in bytes, `sums` by table."""

    file: Path
    taken_at: datetime
    size: int
    sums: Mapping[str, TableSum]
    check: Check

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.sums.values())


def create_backup(url: str, secret: str, file: Path, keys: Sequence[PublicKey]) -> BackupSummary:
    """Back up the database at `url` (``postgresql+psycopg://…``) with the application's `secret`.

    It is encrypted to one more key that only this process ever holds, with which the file is read again and
    restored into a scratch database, rows compared. Then that key is forgotten.

    Raises:
        BackupFileRefused: `file` exists or cannot be written.
        NoDatabase: nothing to back up.
        BackupDamaged: what was written is not what was read.
    """
    with runs.recorded(url, file.name) as run:
        own_key = encryption.new_private_key()
        sums: dict[str, TableSum] = {}
        with written_whole(file) as opened, psycopg.connect(_plain(url)) as connection:
            header = begin_snapshot(connection, secret)
            # Closed first on an error: the connection could not end while a table is being read.
            with closing(_frames(connection, header, sums)) as frames:
                encryption.encrypt(frames, opened, [*keys, encryption.public_key_of(own_key)])
            connection.rollback()
            size = opened.tell()
            check = _checked(opened, own_key, url, sums)
        summary = BackupSummary(file, header.taken_at, size, sums, check)
        run.done(size=summary.size, rows=summary.rows, check=check)
    return summary


def _frames(connection: CatalogConnection, header: Header, sums: dict[str, TableSum]) -> Generator[bytes]:
    return compressed(snapshot_frames(connection, header, sums))


def _checked(opened: BinaryIO, key: encryption.PrivateKey, url: str, sums: Mapping[str, TableSum]) -> Check:
    opened.flush()
    opened.seek(0)
    return check_backup(opened, key, url, expected=sums).check


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
