"""Backups by the clock: when one is due, what is removed, what a failure does."""

import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application.backup.schedule import BackupSchedule, due_since, file_name, too_old
from lopso.kernel import db as database
from lopso.kernel.operations.backup_run import BackupRun
from lopso.kernel.settings.model import BackupSettings
from tests.conftest import MovableClock

NIGHT = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
"""02:30 of the 25th in Huế."""


def settings(folder: Path) -> BackupSettings:
    return BackupSettings(folder, time(2, 30), keep_days=30)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (NIGHT, NIGHT),
        (NIGHT - timedelta(minutes=1), NIGHT - timedelta(days=1)),
        (NIGHT + timedelta(hours=20), NIGHT),
    ],
)
def test_backup_is_due_by_the_clock_in_hue(now: datetime, due: datetime, tmp_path: Path) -> None:
    assert due_since(settings(tmp_path), now) == due


def test_old_backups_go_but_never_the_three_newest_nor_other_files() -> None:
    names = [file_name(NIGHT - timedelta(days=days)) for days in (0, 1, 29, 31, 400)]
    assert set(too_old([*names, "before-upgrade.age", "lopso.age"], keep_days=30, now=NIGHT)) == set(
        names[3:]
    )
    stale = [file_name(NIGHT - timedelta(days=days)) for days in (100, 200, 300, 400)]
    assert too_old(stale, keep_days=30, now=NIGHT) == stale[3:]


# Stands for `lopso backup`: writes the file and the record, or says no.
MADE = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text('backup')"
FAILED = "import sys; print('lopso: full', file=sys.stderr); sys.exit(1)"


def names_in(folder: Path) -> set[str]:
    """The names of all files there."""
    return {each.name for each in folder.iterdir()}


async def note(engine: AsyncEngine, began_at: datetime, check: str) -> None:
    """A backup in the record."""
    async with database.session_maker(engine, {}).begin() as db:
        db.add(BackupRun(began_at=began_at, file="x", check=check))


async def test_one_backup_a_day_and_old_ones_removed(engine: AsyncEngine, tmp_path: Path) -> None:
    clock = MovableClock(NIGHT + timedelta(minutes=1))
    schedule = BackupSchedule(engine, clock, settings(tmp_path), (sys.executable, "-c", MADE))
    for days in (1, 2, 3, 40):
        (tmp_path / file_name(NIGHT - timedelta(days=days))).touch()
    (tmp_path / f"{file_name(NIGHT - timedelta(days=1))}.partial").touch()
    await note(engine, NIGHT - timedelta(days=1), "restored")

    assert await schedule.run_if_due()
    await note(engine, clock.now, "restored")
    assert not await schedule.run_if_due()
    kept = (clock.now, *(NIGHT - timedelta(days=days) for days in (1, 2, 3)))
    assert names_in(tmp_path) == {file_name(moment) for moment in kept}


async def test_failed_backup_is_tried_again_after_half_an_hour(engine: AsyncEngine, tmp_path: Path) -> None:
    clock = MovableClock(NIGHT + timedelta(minutes=1))
    schedule = BackupSchedule(engine, clock, settings(tmp_path), (sys.executable, "-c", FAILED))
    assert not await schedule.run_if_due()
    await note(engine, clock.now, "")
    working = BackupSchedule(engine, clock, settings(tmp_path), (sys.executable, "-c", MADE))
    clock.forward(timedelta(minutes=29))
    assert not await working.run_if_due()
    clock.forward(timedelta(minutes=1))
    assert await working.run_if_due()
    async with database.session_maker(engine, {})() as db:
        assert len((await db.scalars(select(BackupRun))).all()) == 1
