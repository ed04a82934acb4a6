"""ParsedList rows become learners: those already known are left alone, the rest are added at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from learners.importing.drafts import LearnerDraft, labels
from learners.models import Consent, Learner
from learners.service import CONSENT_TEXT
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, sort_key
from lopso.kernel.workbook.matching import MatchResult
from lopso.kernel.workbook.results import Doubt, DoubtfulRow, DraftRow, ImportResult, ParsedList
from people.identity import IdentityKeys, compare_people
from venues.models import Neighbourhood
from venues.service import neighbourhoods_named

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Sorted:
    """Rows of a file against who is known in the ward."""

    new: Sequence[DraftRow[LearnerDraft]]
    already_known: int
    doubtful: Sequence[DoubtfulRow]


async def sort_out(db: AsyncSession, ward_id: str, parsed: ParsedList[LearnerDraft]) -> Sorted:
    """Tell the new people from those the ward already has; one statement. Archived people are known too."""
    known = await _namesakes(db, ward_id, {fold(row.draft.full_name) for row in parsed.good})
    new: list[DraftRow[LearnerDraft]] = []
    doubtful = list(parsed.doubtful)
    already_known = parsed.repeated
    for row in parsed.good:
        matches = [compare_people(each, row.draft.identity) for each in known[fold(row.draft.full_name)]]
        if any(match.result is MatchResult.SAME for match in matches):
            already_known += 1
            continue
        unclear = next((match.difference for match in matches if match.result is MatchResult.UNCLEAR), None)
        if unclear is None:
            new.append(row)
            continue
        reason = _(
            "Có thể trùng người đã có trong danh sách (cùng họ tên), nhưng %(difference)s", difference=unclear
        )
        doubt = Doubt(labels()["full_name"], row.draft.full_name, reason)
        doubtful.append(DoubtfulRow(row.sheet, row.row, row.cells, (doubt,)))
    doubtful.sort(key=lambda row: (row.sheet, row.row))
    return Sorted(new, already_known, doubtful)


async def save(
    db: AsyncSession,
    ward_id: str,
    parsed: ParsedList[LearnerDraft],
    *,
    consents: Collection[str],
    by: Actor,
    now: datetime,
) -> ImportResult:
    """Add everybody who is new, with the consents their registration form gave. Does not commit.

    Args:
        consents: purposes ("class", "sms") everybody in the list agreed to on paper.
    """
    # Two imports into one ward take turns: the second sees what the first added.
    await db.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"import learners {ward_id}"}
    )
    sorted_rows = await sort_out(db, ward_id, parsed)
    drafts = [row.draft for row in sorted_rows.new]
    places = await neighbourhoods_named(
        db, ward_id, [draft.neighbourhood for draft in drafts if draft.neighbourhood], by=by, now=now
    )
    ids: list[int] = []
    for at in range(0, len(drafts), _BATCH):
        rows = [_row(draft, ward_id, places, now) for draft in drafts[at : at + _BATCH]]
        ids += (await db.scalars(insert(Learner).returning(Learner.id), rows)).all()
    await _consent(db, ward_id, ids, consents, by, now)
    result = ImportResult(
        read=parsed.read,
        saved=len(ids),
        already_known=sorted_rows.already_known,
        header=parsed.header,
        doubtful=sorted_rows.doubtful,
    )
    audit.record(
        db,
        by=by,
        now=now,
        action="learners.imported",
        ward_id=ward_id,
        subject="ward",
        subject_id=ward_id,
        facts={
            "read": result.read,
            "saved": result.saved,
            "already_known": result.already_known,
            "doubtful": len(result.doubtful),
            "consents": sorted(consents),
            "learner_ids": sorted(ids),
        },
    )
    await db.flush()
    return result


async def _namesakes(db: AsyncSession, ward_id: str, names: Collection[str]) -> dict[str, list[IdentityKeys]]:
    found = await db.execute(
        select(
            Learner.name_key,
            Learner.birth_year,
            Learner.phone,
            Learner.phone_kind,
            Neighbourhood.name_key.label("place"),
        )
        .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
        .where(Learner.ward_id == ward_id)
        .where(Learner.name_key == func.any(sorted(names)))
    )
    known: defaultdict[str, list[IdentityKeys]] = defaultdict(list)
    for row in found:
        known[row.name_key].append(IdentityKeys(row.phone, row.phone_kind, row.birth_year, row.place))
    return known


def _row(draft: LearnerDraft, ward_id: str, places: dict[str, int], now: datetime) -> dict[str, object]:
    return {
        "ward_id": ward_id,
        "full_name": draft.full_name,
        "title": draft.title,
        "name_key": fold(draft.full_name),
        "sort_key": sort_key(draft.full_name),
        "birth_year": draft.birth_year,
        "sex": draft.sex,
        "phone": draft.phone,
        "phone_kind": draft.phone_kind,
        "phone_note": draft.phone_note,
        "email": draft.email,
        "neighbourhood_id": places[draft.neighbourhood.key] if draft.neighbourhood else None,
        "audiences": list(draft.audiences),
        "device": draft.device,
        "note": draft.note,
        "registered_at": now,
    }


async def _consent(
    db: AsyncSession, ward_id: str, ids: Sequence[int], purposes: Collection[str], by: Actor, now: datetime
) -> None:
    rows = [
        {
            "ward_id": ward_id,
            "learner_id": learner_id,
            "purpose": purpose,
            "text_version": CONSENT_TEXT,
            "legal_basis": "consent",
            "how": "import",
            "evidence": _("Danh sách đăng ký của phường, xã"),
            "collected_by": by.user_id,
            "granted_at": now,
        }
        for purpose in sorted(purposes)
        for learner_id in ids
    ]
    for at in range(0, len(rows), _BATCH):
        await db.execute(insert(Consent), rows[at : at + _BATCH])
