"""A measure as a command, on an embedded PostgreSQL of its own: one line of JSON."""

import asyncio
import json
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from lopso.application import migrate
from lopso.kernel import embedded


def run(measure: Callable[[str, Path], Coroutine[Any, Any, dict[str, Any]]]) -> int:
    """Print what `measure` returns; it gets the address of a migrated, empty database and an empty folder.

    Returns:
        The exit code: 1 where `ok` of the answer is false.
    """
    with tempfile.TemporaryDirectory(prefix="lopso-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = embedded.start(Path(folder) / "postgres")
        try:
            server.create_database("bench")
            migrate.upgrade(server.url("bench"))
            result = asyncio.run(measure(server.url("bench"), Path(folder)))
        finally:
            server.stop()
    print(json.dumps(result))
    return 0 if result["ok"] else 1
