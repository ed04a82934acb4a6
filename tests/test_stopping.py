"""A command that is told to stop leaves nothing running."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil
import pytest


@pytest.mark.parametrize("told", [pytest.param(signal.SIGINT, marks=pytest.mark.long), signal.SIGTERM])
def test_serve_stops_the_embedded_server(told: signal.Signals) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    lopso = [sys.executable, "-m", "lopso"]
    with tempfile.TemporaryDirectory(prefix="lopso-test-") as home:
        Path(home).chmod(0o755)
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
