"""A ward's list of registrations, brought in by page."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from learners.importing import understand_file
from learners.importing.drafts import LearnerDraft, labels
from learners.importing.saving import save, sort_out
from lopso.kernel.access import Actor
from lopso.kernel.workbook.results import ImportResult, ParsedList
from lopso.web.importing import Desk, doors

PURPOSES = ("class", "sms")
"""What a registration form may have asked consent for."""


async def _understand(db: AsyncSession, data: bytes, ward_id: str, now: datetime) -> ParsedList[LearnerDraft]:
    return await understand_file(db, data, ward_id=ward_id, now=now)


async def _save(
    db: AsyncSession,
    ward_id: str,
    parsed: ParsedList[LearnerDraft],
    agreed: Sequence[str],
    by: Actor,
    now: datetime,
) -> ImportResult:
    consents = [purpose for purpose in PURPOSES if purpose in agreed]
    return await save(db, ward_id, parsed, consents=consents, by=by, now=now)


HANDLERS = doors(
    Desk(
        kind="learners",
        room="learners",
        address="/nguoi-hoc",
        draft=LearnerDraft.from_json,
        understand=_understand,
        sort_out=sort_out,
        save=_save,
        labels=labels,
        workbook_name="nguoi-hoc-can-xem-lai.xlsx",
    )
)
