"""A command that is told to stop leaves nothing running."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from lopso.kernel import embedded
from tests.cluster import TEMPLATE, copy_migrated


def fresh(_home: Path) -> None:
    """Nothing is there yet: `lopso db upgrade` makes the server and every table."""


def migrated(home: Path) -> None:
    """A stopped server is there, and the database is at the newest revision."""
    copy_migrated(home / "postgres")
    server = embedded.start(home / "postgres", durable=False)
    server.create_database("lopso", template=TEMPLATE)
    server.stop()


@pytest.mark.parametrize(
    ("told", "prepare"),
    [
        pytest.param(signal.SIGINT, fresh, marks=pytest.mark.long),
        pytest.param(signal.SIGTERM, fresh, marks=pytest.mark.long),
        pytest.param(signal.SIGTERM, migrated),
    ],
)
def test_serve_stops_the_embedded_server(told: signal.Signals, prepare: Callable[[Path], None]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    lopso = [sys.executable, "-m", "lopso"]
    with tempfile.TemporaryDirectory(prefix="lopso-test-") as home:
        Path(home).chmod(0o755)
        prepare(Path(home))
        env = {name: value for name, value in os.environ.items() if not name.startswith("LOPSO_")}
        env["LOPSO_HOME"] = home
        upgraded = subprocess.run(
            [*lopso, "db", "upgrade"], env=env, check=True, capture_output=True, text=True
        )
        assert upgraded.stdout == "The database is up to date.\n"

        with subprocess.Popen([*lopso, "serve", "--port", port], env=env) as serving:
            until = time.monotonic() + 300
            while not answers(f"http://127.0.0.1:{port}/-/ready"):
                assert serving.poll() is None
                assert time.monotonic() < until
                time.sleep(0.1)
            numbers = (Path(home) / "postgres" / "cluster" / "postmaster.pid").read_text().split()
            postmaster = psutil.Process(int(numbers[0]))
            serving.send_signal(told)
            serving.wait(timeout=120)
        assert not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE


def answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False
