"""`lopso serve` as a process of its own, and the memory it takes."""

import asyncio
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running server."""

    url: str
    pid: int

    def resident(self) -> float:
        """MiB of physical memory that the process takes now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(each for each in status.splitlines() if each.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


@asynccontextmanager
async def server_running(database_url: str, home: Path) -> AsyncGenerator[ServerProcess]:
    """A server on a free port of the loopback; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "LOPSO_HOME": str(home),
        "LOPSO_DATABASE_URL": database_url,
        "LOPSO_PUBLIC_URL": url,
        "LOPSO_SECRET": "b" * 40,
        "LOPSO_SECOND_FACTOR_ROLES": "none",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "lopso", "serve", "--port", str(port)),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _answering(url)
        yield ServerProcess(url, process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answering(url: str) -> None:
    async with aiohttp.ClientSession() as client, asyncio.timeout(60):
        while True:
            try:
                async with client.get(f"{url}/-/live"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.2)
