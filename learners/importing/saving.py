"""The ward's learners to match drafts with; new learners saved with their consents."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, SmallInteger, Text, and_, func, insert, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from learners.importing.drafts import LearnerDraft
from learners.models import Consent, Learner
from learners.queries.consents import NEEDED
from learners.rules import LearnerDetails
from learners.service.consents import CONSENT_TEXT
from learners.service.learners import edit
from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold, sort_key
from lopso.kernel.workbook.kinds import SavedRecords
from lopso.kernel.workbook.matching import KnownRecord, MatchedRows
from people.drafts import with_agreed_numbers
from people.phones import number_to_compare
from venues.models import Neighbourhood
from venues.rules import NeighbourhoodName
from venues.service import neighbourhoods_named

_BATCH = 1000


async def known_learners(
    db: AsyncSession, ward_id: str, drafts: Sequence[LearnerDraft]
) -> Mapping[str, Sequence[KnownRecord[LearnerDraft]]]:
    """The ward's learners whom one of `drafts` may be, by folded name, archived ones too; one statement."""
    found = await db.execute(
        select(Learner, Neighbourhood.name, Neighbourhood.name_key)
        .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
        .where(Learner.ward_id == ward_id)
        .where(*_may_be_one_of(drafts))
        .order_by(Learner.id)
    )
    known: defaultdict[str, list[KnownRecord[LearnerDraft]]] = defaultdict(list)
    for learner, place, place_key in found:
        named = NeighbourhoodName(place, place_key) if place_key else None
        archived = learner.archived_at is not None
        known[learner.name_key].append(KnownRecord(learner.id, _as_draft(learner, named), archived))
    return known


def _may_be_one_of(drafts: Sequence[LearnerDraft]) -> Sequence[ColumnElement[bool]]:
    """Learners with whom `compare_people` may find a match: none has another year and no phone in common.

    A ward may have hundreds of one name; they stay in the database.
    """
    years = {(fold(draft.full_name), draft.birth_year) for draft in drafts}
    ageless = sorted(name for name, year in years if year is None)
    dated = sorted((name, year) for name, year in years if year is not None)
    names_of_a_year = (
        func.unnest(
            literal([name for name, _year in dated], ARRAY(Text)),
            literal([year for _name, year in dated], ARRAY(SmallInteger)),
        )
        .table_valued("name_key", "birth_year")
        .render_derived()
    )
    phones = sorted({number for draft in drafts if (number := draft.phone_keys[0]) is not None})
    return (
        Learner.name_key == func.any(sorted({name for name, _year in years})),
        or_(
            tuple_(Learner.name_key, Learner.birth_year).in_(select(names_of_a_year)),
            Learner.birth_year.is_(None),
            Learner.name_key == func.any(ageless),
            Learner.phone == func.any(phones),
            and_(Learner.phone.is_(None), Learner.phone_note != ""),  # a number may stand in the note
        ),
    )


def _as_draft(learner: Learner, place: NeighbourhoodName | None) -> LearnerDraft:
    return LearnerDraft(
        full_name=learner.full_name,
        title=learner.title,
        birth_year=learner.birth_year,
        sex=learner.sex,
        phone=learner.phone,
        phone_kind=learner.phone_kind,
        phone_note=learner.phone_note,
        email=learner.email,
        neighbourhood=place,
        audiences=tuple(learner.audiences),
        device=learner.device,
        note=learner.note,
        proposed_phone=None if learner.phone else number_to_compare(None, learner.phone_note),
    )


async def save_learners(
    db: AsyncSession,
    ward_id: str,
    rows: MatchedRows[LearnerDraft],
    *,
    agreed: Collection[str],
    by: Actor,
    now: datetime,
) -> SavedRecords:
    """Add the new learners, with the consents given on their forms; correct known ones. Does not commit.

    Args:
        agreed: purposes ("class", "sms") everybody in the list agreed to on paper; `NEW_NUMBERS`.
    """
    drafts = with_agreed_numbers([row.draft for row in rows.new], agreed)
    named = [draft.neighbourhood for draft in (*drafts, *(change.after for change in rows.changes))]
    places = await neighbourhoods_named(db, ward_id, [place for place in named if place], by=by, now=now)
    ids: list[int] = []
    for at in range(0, len(drafts), _BATCH):
        columns = [_columns(draft, ward_id, places, now) for draft in drafts[at : at + _BATCH]]
        ids += (await db.scalars(insert(Learner).returning(Learner.id), columns)).all()
    consents = sorted(set(agreed) & set(NEEDED))
    await _consent(db, ward_id, ids, consents, by, now)
    for change in rows.changes:
        details = _details(change.after, places)
        await edit(db, ward_id, change.record_id, details, by=by, now=now, another=True)
    not_agreed = [purpose for purpose in NEEDED if purpose not in agreed]
    return SavedRecords(len(ids), {"consents": consents, "learner_ids": sorted(ids)}, not_agreed)


def _details(draft: LearnerDraft, places: Mapping[str, int]) -> LearnerDetails:
    return LearnerDetails(
        full_name=draft.full_name,
        title=draft.title,
        birth_year=draft.birth_year,
        sex=draft.sex,
        phone=draft.phone,
        phone_kind=draft.phone_kind,
        phone_note=draft.phone_note,
        email=draft.email,
        neighbourhood_id=places[draft.neighbourhood.key] if draft.neighbourhood else None,
        audiences=draft.audiences,
        device=draft.device,
        note=draft.note,
    )


def _columns(draft: LearnerDraft, ward_id: str, places: dict[str, int], now: datetime) -> dict[str, object]:
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
    db: AsyncSession, ward_id: str, ids: Sequence[int], purposes: Sequence[str], by: Actor, now: datetime
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
        for purpose in purposes
        for learner_id in ids
    ]
    for at in range(0, len(rows), _BATCH):
        await db.execute(insert(Consent), rows[at : at + _BATCH])
