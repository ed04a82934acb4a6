"""A server that several processes share: made, started, joined and stopped under a lock on a file."""

import fcntl
import os
import pwd
import shlex
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import errors, sql

from lopso.kernel.embedded.errors import EmbeddedUnavailable
from lopso.kernel.embedded.programs import run_program
from lopso.kernel.embedded.sockets import socket_folder

ROLE = "lopso"

_SUPERUSER = "postgres"
_PORT = "5432"  # only a part of the socket's name
_PATIENCE = 120  # seconds; a server that was killed replays its journal first


class EmbeddedServer:
    """A running server that this process uses until `stop`."""

    def __init__(self, data: Path, programs: Path, account: pwd.struct_passwd | None) -> None:
        """Use `start`. `programs` is the folder of ``postgres`` and ``pg_ctl``."""
        self._data = data
        self._cluster = data / "cluster"
        self._programs = programs
        self._account = account
        # A bare descriptor: no garbage collector may let go of the lock while somebody holds an address.
        self._in_use = os.open(data / "in-use.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def url(self, database: str) -> str:
        """Address of `database` for SQLAlchemy (``postgresql+psycopg://…``), as our ordinary role."""
        return self._url("postgresql+psycopg", ROLE, database)

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Make `name`, empty or as a copy of `template` (which nobody may be using); nothing if it exists."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        # UniqueViolation: another process made it this very moment.
        with self._connect(ROLE) as connection, suppress(errors.DuplicateDatabase, errors.UniqueViolation):
            connection.execute(statement)

    def drop_database(self, name: str) -> None:
        """Remove `name` and end its connections; nothing if there is no such database."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        # An ordinary role may not end the server's own processes, such as an autovacuum worker in there.
        with self._connect(_SUPERUSER) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Say that this process is done; the server stops when nobody else uses it. Twice is once."""
        if self._in_use < 0:
            return
        with start_lock(self._data):
            # Unlocked by name, not only by closing: a forked child shares the descriptor.
            fcntl.flock(self._in_use, fcntl.LOCK_UN)
            with suppress(BlockingIOError):
                fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._postmaster() is not None:
                    folder = socket_folder(self._cluster, self._account)
                    self._control("stop", "-m", "fast")
                    if folder != self._cluster:
                        folder.rmdir()
            os.close(self._in_use)
            self._in_use = -1

    def ensure_running(self, *, durable: bool) -> None:
        """Make, start or join the server. Call it with nobody else starting or stopping it."""
        fcntl.flock(self._in_use, fcntl.LOCK_SH)
        if not self._cluster.is_dir():
            self._make_cluster(durable=durable)
        if self._postmaster() is None:
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            self._start(durable=durable)
        with self._connect(_SUPERUSER) as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).rowcount:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))

    def _make_cluster(self, *, durable: bool) -> None:
        fresh = self._data / "cluster.new"  # renamed when whole: a start that was killed leaves no half
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(fresh, self._account.pw_uid, self._account.pw_gid)
        # The same letters and sorting on every machine, whatever its language.
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        self._run(
            "initdb",
            "-D",
            fresh,
            "-U",
            _SUPERUSER,
            "--auth=trust",
            *locale,
            *([] if durable else ["--no-sync"]),
        )
        fresh.rename(self._cluster)

    def _start(self, *, durable: bool) -> None:
        options = {
            "listen_addresses": "",
            "port": _PORT,
            "unix_socket_directories": f'"{socket_folder(self._cluster, self._account)}"',
            "timezone": "UTC",
            "log_timezone": "UTC",
            # No row of a person ends in the server's log.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
            "log_checkpoints": "off",
        }
        if not durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        given = shlex.join(word for name, value in options.items() for word in ("-c", f"{name}={value}"))
        self._control("start", "-l", self._cluster / "server.log", "-o", given)

    def _postmaster(self) -> int | None:
        """Id of the running server process, or None; a number left by one that was killed does not count."""
        import psutil  # comes with the extra

        try:
            number = int((self._cluster / "postmaster.pid").read_text().partition("\n")[0])
            ours = str(self._cluster) in psutil.Process(number).cmdline()
        except (FileNotFoundError, ValueError, psutil.Error):
            return None
        return number if ours else None

    def _url(self, scheme: str, role: str, database: str) -> str:
        folder = (self._cluster / "postmaster.pid").read_text().splitlines()[4]
        return f"{scheme}://{role}@/{database}?host={folder}&port={_PORT}"

    @contextmanager
    def _connect(self, role: str) -> Generator[psycopg.Connection]:
        """A connection outside transactions, waiting for a server that is just coming up.

        Raises:
            EmbeddedUnavailable: it did not answer in time.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                connection = psycopg.connect(self._url("postgresql", role, "postgres"), autocommit=True)
                break
            except (psycopg.OperationalError, FileNotFoundError, IndexError) as error:
                if time.monotonic() > until:
                    raise EmbeddedUnavailable(f"The embedded PostgreSQL does not answer: {error}") from error
                time.sleep(0.1)
        with connection:
            yield connection

    def _control(self, action: str, *arguments: str | Path) -> None:
        self._run("pg_ctl", action, "-D", self._cluster, "-w", "-t", str(_PATIENCE), *arguments)

    def _run(self, program: str, *arguments: str | Path) -> None:
        """Run one of the server's programs.

        Raises:
            EmbeddedUnavailable: it failed; carries the end of what it and the server said.
        """
        # A file, not a pipe: the server inherits it and would hold a pipe open for ever.
        with tempfile.TemporaryFile() as said:
            if not run_program([self._programs / program, *arguments], self._account, self._data, said):
                said.seek(0)
                log = self._cluster / "server.log"
                words = said.read() + (log.read_bytes()[-1000:] if log.is_file() else b"")
                raise EmbeddedUnavailable(f"The embedded PostgreSQL failed: {words.decode(errors='replace')}")


@contextmanager
def start_lock(data: Path) -> Generator[None]:
    """Nobody else starts or stops the server under `data` meanwhile."""
    lock = os.open(data / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
