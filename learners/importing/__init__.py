"""A ward's list of registrations: parsed, checked against who is known, saved in one transaction."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from learners.importing import drafts, saving
from learners.importing.drafts import LearnerDraft
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.reading import read_file, read_workbook
from lopso.kernel.workbook.results import ImportResult, ParsedList
from venues.models import Ward


async def understand_file(
    db: AsyncSession, data: bytes, *, ward_id: str, now: datetime
) -> ParsedList[LearnerDraft]:
    """Read a workbook and understand it; saves nothing.

    Raises:
        NotFound: no such ward.
        WorkbookRefused: the file cannot be read, or holds no list of people.
    """
    ward = await db.get(Ward, ward_id)
    if ward is None:
        raise NotFound(_("Không có phường, xã mang mã %(code)s.", code=ward_id))
    sheets = await read_workbook(data)
    # A long list takes seconds of thinking: other people's pages go on meanwhile.
    return await asyncio.to_thread(drafts.understand, sheets, today=local_day(now), rural=ward.kind == "xã")


async def import_file(
    db: AsyncSession,
    file: Path,
    *,
    ward_id: str,
    by: Actor,
    now: datetime,
    consents: Collection[str] = ("class", "sms"),
) -> ImportResult:
    """Import a ward's list of registrations at once. Does not commit.

    Args:
        consents: what everybody in the list agreed to on paper; a list of registrations is one for class and
            reminders.

    Raises:
        NotFound: no such ward.
        WorkbookRefused: the file is missing, cannot be read, or holds no list of people.
    """
    parsed = await understand_file(db, await read_file(file), ward_id=ward_id, now=now)
    return await saving.save(db, ward_id, parsed, consents=consents, by=by, now=now)
