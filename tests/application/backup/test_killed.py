"""Backup and restore killed in the middle: nothing half-done is taken for whole."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from lopso.application import migrate
from lopso.kernel.embedded import EmbeddedServer
from tests.application.backup.installations import (
    SECRET,
    empty_database,
    make_key,
    old_database,
    ran,
    shell,
    sums,
    value,
)
from tests.application.shell import Shell


@pytest.fixture
def source(server: EmbeddedServer) -> str:
    url = old_database(server, "lopso_killed_source")
    migrate.upgrade(server.url("lopso_killed_source"))
    return url


@contextmanager
def started(lopso: Shell, *arguments: str | Path) -> Generator[subprocess.Popen[bytes]]:
    """A command in a process of its own, killed at the latest at the end."""
    process = subprocess.Popen([sys.executable, "-m", "lopso", *map(str, arguments)], env=lopso.environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition: Callable[[], object]) -> None:
    """Wait for `condition`."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_killed_backup_leaves_no_file_under_its_name(source: str, tmp_path: Path) -> None:
    lopso = shell(source, tmp_path / "server")
    public = make_key(lopso, tmp_path / "key")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND wait_event_type = 'Lock'"
    file = tmp_path / "a.lopso"

    with psycopg.connect(source) as holder:
        holder.execute("LOCK TABLE message")
        with started(lopso, "backup", file, "--to", public) as process:
            until(lambda: value(source, waiting))
            process.send_signal(signal.SIGKILL)
            process.wait()

    assert not file.exists()
    assert file.with_name("a.lopso.partial").exists()
    assert value(source, "SELECT count(*) FROM backup_run WHERE checked <> ''") == 0

    ran(lopso, "backup", file, "--to", public)
    assert not file.with_name("a.lopso.partial").exists()
    assert value(source, "SELECT count(*) FROM backup_run WHERE checked = 'restored'") == 1


def test_killed_restore_leaves_the_database_as_it_was(
    source: str, server: EmbeddedServer, tmp_path: Path
) -> None:
    public = make_key(shell(source, tmp_path / "server"), tmp_path / "key")
    made = sums(shell(source, tmp_path / "server"), "backup", tmp_path / "a.lopso", "--to", public)
    target = empty_database(server, "lopso_killed_target")
    migrate.upgrade(server.url("lopso_killed_target"))
    audit = (
        "INSERT INTO audit_entry (at, actor_name, action, subject, subject_id, facts)"
        " VALUES (now(), 'x', 'before', 'z', '1', '{}') RETURNING 1"
    )
    value(target, audit)
    elsewhere = shell(target, tmp_path / "elsewhere", secret=None)
    content = (tmp_path / "a.lopso").read_bytes()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Asked from elsewhere: a restore refuses a database to which anybody else is connected.
    connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'lopso_killed_target'"
    loading = f"{connected} AND query LIKE 'COPY%'"
    until(lambda: not value(source, connected))

    with (
        started(elsewhere, "restore", pipe, "--key", tmp_path / "key", "--replace") as process,
        pipe.open("wb", buffering=0) as writer,
    ):
        writer.write(content[: len(content) * 3 // 4])
        until(lambda: value(source, loading))
        process.send_signal(signal.SIGKILL)
        process.wait()

    until(lambda: not value(source, connected))
    assert value(target, "SELECT action FROM audit_entry") == "before"
    assert value(target, "SELECT count(*) FROM learner") == 0

    code, _out, err = elsewhere("user", "add", "--name", "A", "--password-stdin", typed="x\n")
    assert (code, "dừng giữa chừng" in err) == (1, True)

    again = ("restore", tmp_path / "a.lopso", "--key", tmp_path / "key", "--replace")
    assert sums(elsewhere, *again) == made
    assert (tmp_path / "elsewhere" / "secret").read_text() == SECRET
    assert not (tmp_path / "elsewhere" / "secret.restored").exists()
