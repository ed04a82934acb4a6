"""A ward's list of teams with their helpers, brought in by page."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.workbook.results import ImportResult, ParsedList
from lopso.web.importing import Desk, doors
from trainers.importing import understand_file
from trainers.importing.drafts import TrainerDraft, labels
from trainers.importing.saving import save, sort_out


async def _understand(
    db: AsyncSession, data: bytes, ward_id: str, _now: datetime
) -> ParsedList[TrainerDraft]:
    return await understand_file(db, data, ward_id=ward_id)


async def _save(
    db: AsyncSession,
    ward_id: str,
    parsed: ParsedList[TrainerDraft],
    _agreed: Sequence[str],
    by: Actor,
    now: datetime,
) -> ImportResult:
    return await save(db, ward_id, parsed, by=by, now=now)


HANDLERS = doors(
    Desk(
        kind="teams",
        room="trainers",
        address="/nguoi-day",
        draft=TrainerDraft.from_json,
        understand=_understand,
        sort_out=sort_out,
        save=_save,
        labels=labels,
        workbook_name="to-doi-can-xem-lai.xlsx",
    )
)
