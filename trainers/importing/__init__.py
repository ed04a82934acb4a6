"""A ward's list of teams with their helpers: parsed, checked against who is known, saved at once."""

import asyncio
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.reading import read_file, read_workbook
from lopso.kernel.workbook.results import ImportResult, ParsedList
from trainers.importing import drafts, saving
from trainers.importing.drafts import TrainerDraft
from venues.models import Ward


async def understand_file(db: AsyncSession, data: bytes, *, ward_id: str) -> ParsedList[TrainerDraft]:
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
    return await asyncio.to_thread(drafts.understand, sheets, rural=ward.kind == "xã")


async def import_file(
    db: AsyncSession, file: Path, *, ward_id: str, by: Actor, now: datetime
) -> ImportResult:
    """Import a ward's list of teams at once. Does not commit.

    Raises:
        NotFound: no such ward.
        WorkbookRefused: the file is missing, cannot be read, or holds no list of people.
    """
    parsed = await understand_file(db, await read_file(file), ward_id=ward_id)
    return await saving.save(db, ward_id, parsed, by=by, now=now)
