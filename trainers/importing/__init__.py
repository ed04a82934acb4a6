"""A ward's list of teams with their helpers: read, matched with those it has, saved in one transaction."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.workbook import importing
from lopso.kernel.workbook.results import ImportResult
from trainers.importing.team_list import TEAM_LIST


async def import_file(
    db: AsyncSession, file: Path, *, ward_id: str, by: Actor, now: datetime
) -> ImportResult:
    """Import a ward's list of teams without a review. Does not commit.

    Raises:
        NotFound: no such ward.
        WorkbookRefused: the file is missing, cannot be read, or holds no list of people.
    """
    return await importing.import_file(db, TEAM_LIST, file, ward_id=ward_id, by=by, now=now)
