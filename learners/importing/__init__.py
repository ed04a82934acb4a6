"""A ward's list of registrations: read, matched with the learners it has, saved in one transaction."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.access import Actor
from lopso.kernel.workbook import importing
from lopso.kernel.workbook.results import ImportResult


async def import_file(
    db: AsyncSession,
    file: Path,
    *,
    ward_id: str,
    by: Actor,
    now: datetime,
    consents: Collection[str] = ("class", "sms"),
) -> ImportResult:
    """Import a ward's list of registrations without a review. Does not commit.

    Args:
        consents: what everybody in the list agreed to on paper; a list of registrations is one for class and
            reminders.

    Raises:
        NotFound: no such ward.
        WorkbookRefused: the file is missing, cannot be read, or holds no list of people.
    """
    return await importing.import_file(
        db, REGISTRATIONS, file, ward_id=ward_id, agreed=consents, by=by, now=now
    )
