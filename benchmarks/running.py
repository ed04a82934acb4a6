"""A measure as a command, on an embedded PostgreSQL of its own: a line of JSON for each result."""

import asyncio
import json
import tempfile
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application import migrate
from lopso.kernel import embedded
from lopso.kernel.embedded import EmbeddedServer


@contextmanager
def postgres() -> Generator[tuple[EmbeddedServer, Path]]:
    """A server of its own and an empty folder, both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lopso-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = embedded.start(Path(folder) / "postgres")
        try:
            yield server, Path(folder)
        finally:
            server.stop()


def migrated(server: EmbeddedServer, name: str = "bench") -> str:
    """The address of a new database, migrated and empty."""
    server.create_database(name)
    migrate.upgrade(server.url(name))
    return server.url(name)


async def analyze(engine: AsyncEngine) -> None:
    """Let the planner know how many rows there are."""
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("ANALYZE"))


def report(*results: dict[str, Any]) -> int:
    """Print results, each a line of JSON.

    Returns:
        The exit code: 1 where `ok` of one is false.
    """
    for result in results:
        print(json.dumps(result))
    return 0 if all(result["ok"] for result in results) else 1


def run(measure: Callable[[str, Path], Coroutine[Any, Any, dict[str, Any]]]) -> int:
    """Report what `measure` returns, given the address of a migrated, empty database and an empty folder."""
    with postgres() as (server, folder):
        result = asyncio.run(measure(migrated(server), folder))
    return report(result)
