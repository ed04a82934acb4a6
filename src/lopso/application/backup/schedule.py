"""Backups by the clock: once a day into a folder, those that are too old removed."""

import asyncio
import contextlib
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application.backup.files import PARTIAL
from lopso.kernel import clock
from lopso.kernel.clock import Clock
from lopso.kernel.operations.backup_run import BackupRun, last_good_backup
from lopso.kernel.settings.model import BackupSettings

log = structlog.get_logger("lopso.backup")

COMMAND = (sys.executable, "-m", "lopso", "backup")

_TRY_AGAIN = timedelta(minutes=30)
_NEWEST = 3
_NAME = re.compile(r"lopso-(\d{8}T\d{6})Z\.age")
_STAMP = "%Y%m%dT%H%M%S"


def file_name(moment: datetime) -> str:
    """Name of the scheduled backup begun at `moment`."""
    return f"lopso-{moment.astimezone(UTC):{_STAMP}}Z.age"


def due_since(settings: BackupSettings, now: datetime) -> datetime:
    """The latest moment at or before `now` at which a backup was to be made."""
    today = clock.at(clock.local_day(now), settings.at)
    return today if today <= now else today - timedelta(days=1)


def too_old(names: Iterable[str], *, keep_days: int, now: datetime) -> list[str]:
    """Those of our files that may go: older than `keep_days`, and not among the three newest."""
    ours = sorted((name for name in names if _NAME.fullmatch(name)), reverse=True)
    return [name for name in ours[_NEWEST:] if _made_at(name) < now - timedelta(days=keep_days)]


def _made_at(name: str) -> datetime:
    found = _NAME.fullmatch(name)
    return datetime.strptime(found[1] if found else "", _STAMP).replace(tzinfo=UTC)


@dataclass(frozen=True)
class BackupSchedule:
    """The backups of one worker. Each is a process of its own: it may end without harm to the worker."""

    engine: AsyncEngine
    clock: Clock
    settings: BackupSettings
    command: Sequence[str] = COMMAND

    async def run_if_due(self) -> bool:
        """Back up if none did well since one was due; whether one was made."""
        now = self.clock()
        if not await self._is_due(now):
            return False
        file = self.settings.folder / file_name(now)
        code, said = await self._run(file)
        if code != 0:
            log.error("backup failed", file=file.name, why=said)
            return False
        log.info("backup made", file=file.name, size=file.stat().st_size)
        self._remove_old(now)
        return True

    async def _is_due(self, now: datetime) -> bool:
        async with self.engine.connect() as connection:
            good = await last_good_backup(connection)
            tried = await connection.scalar(select(func.max(BackupRun.began_at)))
        if good is not None and good >= due_since(self.settings, now):
            return False
        return tried is None or tried <= now - _TRY_AGAIN

    async def _run(self, file: Path) -> tuple[int | None, str]:
        """Exit code of the backup and the last line it said."""
        process = await asyncio.create_subprocess_exec(
            *self.command, str(file), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        try:
            _out, said = await process.communicate()
        except asyncio.CancelledError:  # the worker ends: the next one begins anew
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            raise
        return process.returncode, said.decode(errors="replace").strip().rpartition("\n")[2]

    def _remove_old(self, now: datetime) -> None:
        folder = self.settings.folder
        names = [each.name for each in folder.iterdir()]
        for name in too_old(names, keep_days=self.settings.keep_days, now=now):
            (folder / name).unlink()
            log.info("old backup removed", file=name)
        for name in names:
            if name.endswith(PARTIAL) and _NAME.fullmatch(name.removesuffix(PARTIAL)):
                (folder / name).unlink(missing_ok=True)
