"""A worker in a process of its own, as `lopso worker` runs it, with short delays for mails.

Started by test_mail_killed_workers.py; settings come from LOPSO_* variables.
"""

import asyncio
import os
from datetime import timedelta
from pathlib import Path

from invitations import tasks
from invitations.delivery.dispatcher import MailWorkerConfig
from lopso.application import logs, worker
from lopso.kernel.settings import from_env

CONFIG = MailWorkerConfig(
    connections=4,
    batch_size=10,
    lease=timedelta(seconds=6),
    reply_timeout=timedelta(seconds=0.8),
    retry_delay=timedelta(seconds=1),
    max_attempts=30,
)

# Besides the usual times.
tasks.jobs.periodic(cron="* * * * * *", periodic_id="impatient")(tasks.deliver_mails)  # pyright: ignore[reportArgumentType]  (the timestamp has a default)


def main() -> None:
    """Work until told to stop, or killed."""
    settings = from_env(os.environ, home=Path(os.environ["LOPSO_HOME"]))
    logs.configure("text")
    asyncio.run(worker.run(settings, settings.database_url or "", mail_config=CONFIG))


if __name__ == "__main__":
    main()
