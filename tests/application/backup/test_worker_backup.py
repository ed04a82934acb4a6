"""The scheduled backup of a running worker."""

import asyncio
import os
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from procrastinate.periodic import PeriodicRegistry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application import upkeep, worker
from lopso.application.backup.schedule import file_name
from lopso.kernel import db as database
from lopso.kernel.operations.backup_run import BackupRun
from lopso.kernel.settings import Settings
from lopso.kernel.settings.model import BackupSettings
from tests.application.backup.installations import make_key, shell
from tests.application.backup.test_schedule import NIGHT, names_in
from tests.conftest import MovableClock


async def test_running_worker_makes_the_backup_that_is_due_once(
    engine: AsyncEngine,
    database_url: str,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = database_url.replace("+psycopg", "")
    lopso = shell(plain, tmp_path / "home")
    public = await asyncio.to_thread(make_key, lopso, tmp_path / "key")
    for name, value in {**lopso.environment, "LOPSO_BACKUP_KEY": public}.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)  # for the process that the worker starts
    folder = tmp_path / "backups"
    folder.mkdir()
    clock = MovableClock(NIGHT + timedelta(minutes=1))
    jobs: Any = worker.job_app(database_url)
    every_second = PeriodicRegistry()
    task = next(each for name, each in jobs.tasks.items() if name.endswith("upkeep:back_up"))
    every_second.register_task(task=task, cron="* * * * * *", periodic_id="", configure_kwargs={})
    jobs.periodic_registry = every_second
    nightly = replace(settings, backup=BackupSettings(folder, time(2, 30), keep_days=30))

    working = asyncio.create_task(worker.run(nightly, database_url, clock=clock, jobs=jobs, finish_within=1))
    try:
        async with asyncio.timeout(120):
            while True:
                if "restored" in await checks(engine):
                    break
                await asyncio.sleep(0.2)
        await asyncio.sleep(3)  # asked again every second
    finally:
        await worker.end_tasks([working], again_after=30)

    assert await checks(engine) == ["restored"]
    assert names_in(folder) == {file_name(clock.now)}
    assert (folder / file_name(clock.now)).read_bytes().startswith(b"age-encryption.org/v1")


def test_worker_asks_every_minute_whether_a_backup_is_due(database_url: str) -> None:
    jobs: Any = worker.job_app(database_url)
    periodic = jobs.periodic_registry.periodic_tasks.values()

    # Two such applications in one process name their tasks differently.
    found = [(each.cron, each.task.queue) for each in periodic if each.task.name.endswith("upkeep:back_up")]
    assert found == [("* * * * *", upkeep.BACKUPS)]


async def checks(engine: AsyncEngine) -> list[str]:
    """How each recorded backup was checked, "" while it is being made."""
    async with database.session_maker(engine, {})() as db:
        return list(await db.scalars(select(BackupRun.check).order_by(BackupRun.began_at)))
