import importlib.util
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from lopso.kernel import embedded
from lopso.kernel.embedded import EmbeddedServer, EmbeddedUnavailable
from lopso.kernel.embedded.account import open_folder
from lopso.kernel.embedded.server import ROLE

Start = Callable[..., EmbeddedServer]


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder the server's account may reach too: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="lopso-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def made() -> Generator[Path]:
    """A data folder whose server was stopped, to copy: making one takes longer than everything else here."""
    with tempfile.TemporaryDirectory(prefix="lopso-test-") as name:
        Path(name).chmod(0o755)
        data = Path(name) / "dữ liệu của phường"
        embedded.start(data, durable=False).stop()
        yield data


@pytest.fixture
def copied(folder: Path, made: Path) -> Path:
    """Data of a stopped server in the folder that `start` uses."""
    subprocess.run(["/bin/cp", "-a", made, folder / "postgres"], check=True)
    return folder / "postgres"


@pytest.fixture
def start(folder: Path) -> Generator[Start]:
    """`embedded.start` whose servers are gone at the end. A new cluster, unless the test uses `copied`."""
    started: list[EmbeddedServer] = []

    def starting(data: Path = folder / "postgres") -> EmbeddedServer:
        started.append(embedded.start(data, durable=False))
        return started[-1]

    yield starting
    for server in started:
        server.stop()


def ask(server: EmbeddedServer, question: str, database: str = "postgres") -> object:
    engine = create_engine(server.url(database))
    try:
        with engine.connect() as connection:
            return connection.execute(text(question)).scalar_one()
    finally:
        engine.dispose()


def postmaster(data: Path) -> psutil.Process:
    return psutil.Process(int((data / "cluster" / "postmaster.pid").read_text().split()[0]))


def alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that ended may wait for its parent to notice."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def in_another_process(data: Path, then: str) -> subprocess.Popen[str]:
    """A Python that starts the server on `data`, does `then`, and says what it has to say."""
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom lopso.kernel import embedded\n"
        f"server = embedded.start(Path(sys.argv[1]), durable=False)\n{then}"
    )
    return subprocess.Popen([sys.executable, "-c", code, str(data)], stdout=subprocess.PIPE, text=True)


def test_our_role_makes_databases_and_is_no_superuser(start: Start) -> None:
    server = start()
    server.create_database("first")
    server.create_database("first")
    assert ask(server, "SELECT current_user || current_setting('is_superuser')", "first") == "lopsooff"
    assert ask(server, "SELECT lower('ĐẶNG THỊ ƯỚC')", "first") == "đặng thị ước"

    server.create_database("copy", template="first")
    server.drop_database("first")
    server.drop_database("first")
    assert (
        ask(server, "SELECT string_agg(datname, ' ') FROM pg_database WHERE datname ~ 'first|copy'") == "copy"
    )


def test_database_in_which_the_server_itself_works_is_dropped(start: Start) -> None:
    server = start()
    server.create_database("busy")
    url = server.url("busy").replace("+psycopg", "").replace(f"{ROLE}@", "postgres@")
    # Stands for an autovacuum worker: neither may be ended by an ordinary role.
    with psycopg.connect(url):
        server.drop_database("busy")
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'busy'") == 0


def test_data_folder_is_closed_to_other_accounts(made: Path) -> None:
    assert (made / "cluster").stat().st_mode & 0o077 == 0
    assert made.stat().st_mode & 0o066 == 0


@pytest.mark.parametrize("name", ["dữ liệu của phường", "x" * 120])
def test_server_starts_in_a_folder_of_any_name(start: Start, copied: Path, name: str) -> None:
    data = copied.rename(copied.with_name(name))
    server = start(data)
    assert ask(server, "SELECT 1") == 1
    start(data)
    assert ask(server, "SELECT 1") == 1


def test_last_process_stops_the_server(start: Start, copied: Path) -> None:
    first, second = start(), start()
    process = postmaster(copied)

    first.stop()
    first.stop()
    assert ask(second, "SELECT 1") == 1

    second.stop()
    assert not alive(process)


def test_processes_that_start_at_once_share_one_server(start: Start, copied: Path) -> None:
    say = "print((Path(sys.argv[1]) / 'cluster' / 'postmaster.pid').read_text().split()[0])\nserver.stop()"
    with in_another_process(copied, say) as one, in_another_process(copied, say) as other:
        start()
        assert {one.communicate()[0].strip(), other.communicate()[0].strip()} == {str(postmaster(copied).pid)}
    assert alive(postmaster(copied))


def test_killed_process_releases_the_server(start: Start, copied: Path) -> None:
    with in_another_process(copied, "print('ready', flush=True)\ntime.sleep(600)") as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        server = start()
        process = postmaster(copied)
        other.kill()
    server.stop()
    assert not alive(process)


@pytest.mark.parametrize("left", ["the number of a process that is gone", "our own number"])
def test_killed_server_restarts_with_its_data(start: Start, copied: Path, left: str) -> None:
    server = start()
    server.create_database("kept")
    process = postmaster(copied)
    family = [process, *process.children(recursive=True)]
    for member in family:
        with suppress(psutil.NoSuchProcess):  # it may have noticed that its parent is gone
            member.kill()
    psutil.wait_procs(family, timeout=10)
    with pytest.raises(OperationalError):
        ask(server, "SELECT 1")

    if left == "our own number":
        file = copied / "cluster" / "postmaster.pid"
        _, newline, rest = file.read_text().partition("\n")
        file.write_text(f"{os.getpid()}{newline}{rest}")

    again = start()
    assert postmaster(copied).pid != process.pid
    assert ask(again, "SELECT 1", "kept") == 1


def test_leftovers_of_an_interrupted_start_are_not_used(start: Start, folder: Path) -> None:
    half = folder / "postgres" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert ask(start(), "SELECT 1") == 1


def test_data_of_another_postgresql_version_is_refused(start: Start, folder: Path) -> None:
    cluster = folder / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedUnavailable, match=r"was made by PostgreSQL 12; installed is .*18"):
        start()


def not_installed(_name: str) -> None:
    """In place of the search for an installed package."""


def test_missing_extra_is_explained(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", not_installed)
    with pytest.raises(EmbeddedUnavailable, match=r"LOPSO_DATABASE_URL, or install .* 'lopso\[embedded\]'"):
        start()


def test_folder_that_cannot_be_made_is_named(start: Start, folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(EmbeddedUnavailable, match=r"data folder .*/file/postgres cannot be used"):
        start(folder / "file" / "postgres")


def test_closed_folder_is_named_to_root(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server_account = pwd.getpwuid(os.geteuid())  # root has one made for it
    with pytest.raises(EmbeddedUnavailable, match=rf"may not enter {closed}: .* chmod o\+x {closed}"):
        open_folder(closed / "postgres", server_account)
    assert closed.stat().st_mode & 0o777 == 0o700


def test_default_data_folder_is_per_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", "/srv/somebody")
    assert embedded.default_home() == Path("/srv/somebody/.local/share/lopso")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert embedded.default_home() == Path("/srv/somebody/.local/share/lopso")
    monkeypatch.setenv("HOME", pwd.getpwuid(0).pw_dir)
    assert embedded.default_home() == Path("/var/lib/lopso")

    monkeypatch.setenv("XDG_DATA_HOME", "/srv/data")
    assert embedded.default_home() == Path("/srv/data/lopso")
