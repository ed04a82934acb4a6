"""A worker in a process of its own, as `lopso worker` runs it, impatient about mails.

Started by test_mail_killed_workers.py; settings come from LOPSO_* variables.
"""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

from invitations.delivery.dispatcher import MailPace
from lopso.application import logs, worker
from lopso.kernel.settings import from_env

PACE = MailPace(
    lanes=4,
    group=10,
    lease=timedelta(seconds=6),
    answer_time=timedelta(seconds=0.8),
    pause=timedelta(seconds=1),
    tries=30,
)


def main() -> None:
    """Work until told to stop, or killed."""
    settings = from_env(os.environ, home=Path(os.environ["LOPSO_HOME"]))
    logs.configure("text")
    asyncio.run(worker.run(settings, settings.database_url or "", mail_pace=PACE))


if __name__ == "__main__":
    main()
