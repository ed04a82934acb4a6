"""Worker processes that are killed, and the application that meanwhile receives delivery reports.

The calls that the provider saw are compared, not the ledger.
"""

import asyncio
import random
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application.app import create_app
from lopso.kernel import db as database
from lopso.kernel.settings import Settings
from notifications.service.ledger import DUE_CHANNEL
from tests.gateways.provider import (
    SID,
    TOKEN,
    Happening,
    News,
    Provider,
    Taken,
)

ROOT = Path(__file__).parents[2]
QUICK = (str(Path(__file__).with_name("worker_process.py")),)
"""A worker whose leases are short, so that a test sees the end."""
REAL = ("-m", "lopso", "worker")
"""A worker as it is run."""

STUMBLES: tuple[Happening, ...] = (
    "accept_and_reset",
    "accept_and_500",
    "reset",
    "500",
    "429",
    "accept_late",
)
"""What a provider does to some texts that makes their fate unknown, or delays them."""


class Workers:
    """Worker processes of our own; `command` is what Python is given to run one."""

    def __init__(self, environment: dict[str, str], command: Sequence[str]) -> None:
        self._environment = environment
        self._command = command
        self.alive: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        """One more."""
        self.alive.append(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *self._command,
                cwd=ROOT,
                env=self._environment,
                stderr=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
            )
        )

    async def kill_one(self) -> None:
        """With SIGKILL; another one is started."""
        victim = self.alive.pop(random.randrange(len(self.alive)))
        assert victim.returncode is None, "the worker had ended by itself"
        victim.send_signal(signal.SIGKILL)
        await victim.wait()
        await self.start()


@asynccontextmanager
async def workers_running(
    number: int,
    provider: Provider,
    database_url: str,
    home: Path,
    public_url: str,
    command: Sequence[str] = QUICK,
) -> AsyncGenerator[Workers, None]:
    """So many workers that send to `provider`; all of them end with the block."""
    workers = Workers(
        {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "LOPSO_HOME": str(home),
            "LOPSO_DATABASE_URL": database_url,
            "LOPSO_PUBLIC_URL": public_url,
            "LOPSO_SECRET": "s" * 40,
            "LOPSO_SMS_GATEWAY": "twilio",
            "LOPSO_TWILIO_ACCOUNT_SID": SID,
            "LOPSO_TWILIO_AUTH_TOKEN": TOKEN,
            "LOPSO_TWILIO_SENDER": "LopSo",
            "LOPSO_TWILIO_REGISTERED_ONLY": "0",
            "LOPSO_TWILIO_BASE_URL": provider.base_url,
        },
        command,
    )
    try:
        for _ in range(number):
            await workers.start()
        yield workers
    finally:
        for process in workers.alive:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def until_listening(engine: AsyncEngine, workers: int) -> None:
    """Wait until so many workers have started."""
    listening = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = :query"
    )
    seen = 0
    async with asyncio.timeout(120):
        while seen < workers:
            async with engine.connect() as connection:  # a transaction sees the same activity all along
                seen = await connection.scalar(listening, {"query": f"LISTEN {DUE_CHANNEL}"}) or 0
            await asyncio.sleep(0.1)


def random_reports(dice: random.Random) -> Callable[[Taken], Sequence[News]]:
    """Sent, then delivered or not; reports come doubled, out of order, late, or not at all."""

    def lives(_message: Taken) -> Sequence[News]:
        told, doubled, late = dice.random() > 0.1, dice.random() < 0.2, dice.random() < 0.2
        last = News(0.3, "undelivered", 30003) if dice.random() < 0.05 else News(0.3, "delivered")
        return (
            News(0.1, "sent", told=1 + doubled, late=1.0 if late else 0.0),
            replace(last, told=(1 + doubled) if told else 0),
        )

    return lives


class _Server(uvicorn.Server):
    """Leaves the signals of the test alone."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def web_running(database_url: str, settings: Settings) -> AsyncGenerator[str, None]:
    """The application itself, where reports reach it; its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    application = create_app(
        replace(settings, gateway="twilio", twilio=Provider().settings, public_url=address),
        database.create_engine(database_url),
    )
    server = _Server(uvicorn.Config(application, log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield address
    finally:
        server.should_exit = True
        await serving
