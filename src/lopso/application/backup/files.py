"""Files written whole or not at all, readable by their owner only."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lopso.application.backup.errors import BackupFileRefused
from lopso.kernel.i18n import gettext as _

PARTIAL = ".partial"


@contextmanager
def written_whole(file: Path) -> Generator[BinaryIO]:
    """A file to write and read, which gets the name `file` at the end of the block; none is left on an error.

    Raises:
        BackupFileRefused: `file` exists, its folder cannot be written, or the disk is full.
    """
    if file.exists():
        raise BackupFileRefused(_("Đã có tệp %(file)s; tệp cũ được giữ nguyên.", file=file))
    partial = file.with_name(file.name + PARTIAL)
    try:
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        with os.fdopen(handle, "w+b") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        partial.rename(file)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(file, error) from error
        raise
    _sync_folder(file.parent)


def _unwritable(file: Path, error: OSError) -> BackupFileRefused:
    why = error.strerror or error
    return BackupFileRefused(_("Không ghi được tệp %(file)s: %(why)s.", file=file, why=why))


def replace_text(file: Path, text: str) -> None:
    """Give `file` this content, whole or not at all."""
    fresh = file.with_name(file.name + PARTIAL)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
