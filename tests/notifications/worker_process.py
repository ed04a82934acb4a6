"""A worker in a process of its own, as `lopso worker` runs it, configured to be quick.

Started by test_killed_workers.py; settings come from LOPSO_* variables.
"""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

from lopso.application import logs, worker
from lopso.kernel.settings import from_env
from notifications.delivery.queues import WorkerConfig

PACE = WorkerConfig(
    group=100,
    slice_size=25,
    slices=2,
    calls=16,
    lease=timedelta(seconds=4),
    call_time=timedelta(seconds=1.5),
    settle_after=timedelta(seconds=4),
)


def main() -> None:
    """Work until told to stop, or killed."""
    settings = from_env(os.environ, home=Path(os.environ["LOPSO_HOME"]))
    logs.configure("text")
    asyncio.run(worker.run(settings, settings.database_url or "", config=PACE))


if __name__ == "__main__":
    main()
