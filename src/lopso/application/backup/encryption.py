"""Encryption to a public key, as the age format has it (X25519, authenticated in pieces of 64 KiB).

The library is loaded where it is used: only these commands need it.
"""

import importlib
import os
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from lopso.application.backup.container import Readable
from lopso.application.backup.errors import BackupDamaged, BackupFileRefused, BadBackupKey, WrongBackupKey
from lopso.kernel.i18n import gettext as _

PublicKey = Any
"""A key that files are encrypted to; the library has no types."""

PrivateKey = Any
"""The key that opens them; never kept on the server."""


def _age() -> Any:
    return importlib.import_module("pyrage")


def new_private_key() -> PrivateKey:
    """A new key; ``str()`` of it is what has to be kept."""
    return _age().x25519.Identity.generate()


def public_key_of(key: PrivateKey) -> PublicKey:
    """The public half."""
    return key.to_public()


def read_public_key(typed: str) -> PublicKey:
    """A public key (``age1…``).

    Raises:
        BadBackupKey: it is none.
    """
    try:
        return _age().x25519.Recipient.from_str(typed.strip())
    except _age().RecipientError as error:
        raise BadBackupKey(
            _("Khoá công khai phải là một dòng bắt đầu bằng age1, do lopso backup-key in ra.")
        ) from error


def read_private_key(file: Path) -> PrivateKey:
    """The private key in `file`; lines that begin with # are left out.

    Raises:
        BadBackupKey: there is none in it.
        BackupFileRefused: it cannot be read.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupFileRefused(_("Không đọc được tệp khoá %(file)s.", file=file)) from error
    for line in lines:
        if line.strip() and not line.startswith("#"):
            with suppress(_age().IdentityError):
                return _age().x25519.Identity.from_str(line.strip())
    raise BadBackupKey(_("Trong tệp %(file)s không có khoá bí mật (AGE-SECRET-KEY-…).", file=file))


def encrypt(chunks: Iterator[bytes], file: BinaryIO, keys: Sequence[PublicKey]) -> None:
    """Write `chunks` to `file`, for whoever has the private half of one of `keys`."""
    source, sink = _Chunks(chunks), _Sink(file)
    try:
        _age().encrypt_io(source, sink, list(keys))
    except Exception:
        failure = source.failure or sink.failure  # the library wraps both
        if failure is not None:
            raise failure from None
        raise


@contextmanager
def decrypted(file: BinaryIO, key: PrivateKey) -> Generator[Readable]:
    """What `file` holds, to be read to its end: only then is it known to be whole.

    Raises:
        WrongBackupKey: `key` does not open it.
        BackupDamaged: while reading; it was altered or cut.
    """
    reading = _Decryption(file, key)
    try:
        yield reading
    finally:
        reading.close()


class _Chunks:
    """Chunks as a file to read from; remembers what the source raised."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._ready = bytearray()
        self.failure: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            while len(self._ready) < size:
                self._ready += next(self._chunks)
        except StopIteration:
            pass
        except BaseException as error:
            self.failure = error
            raise
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken


class _Sink:
    """A file to write to; remembers what writing raised, a full disk for instance."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self._file.flush()


class _Decryption:
    """A thread decrypts into a pipe: the library pushes, and we want to pull."""

    def __init__(self, file: BinaryIO, key: PrivateKey) -> None:
        reading, writing = os.pipe()
        self._pipe = os.fdopen(reading, "rb")
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(file, key, writing), daemon=True)
        self._thread.start()

    def read(self, size: int, /) -> bytes:
        taken = self._pipe.read(size)
        if len(taken) < size:
            self._thread.join()
            self._complain()
        return taken

    def close(self) -> None:
        self._pipe.close()
        self._thread.join()

    def _run(self, file: BinaryIO, key: PrivateKey, writing: int) -> None:
        try:
            with os.fdopen(writing, "wb") as pipe:
                _age().decrypt_io(file, pipe, [key])
        except BaseException as error:
            self._failure = error

    def _complain(self) -> None:
        if self._failure is None:
            return
        if isinstance(self._failure, _age().DecryptError) and "key" in str(self._failure).lower():
            raise WrongBackupKey from self._failure
        raise BackupDamaged(str(self._failure)) from self._failure
