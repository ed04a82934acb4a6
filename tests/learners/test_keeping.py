"""The list of learners is kept true: added, corrected, taken off, asked for consent."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Consent, Learner
from learners.queries import learners as queries
from learners.queries.consents import consents_of
from learners.queries.learners import LearnerFilters
from learners.rules import LearnerDetails
from learners.service import consents
from learners.service import learners as service
from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import InvalidInput, NotFound
from people.errors import PossibleDuplicate
from tests.factories import NOON, TEST, add_ward
from venues.service import add_neighbourhood

ANH = LearnerDetails("Lê Thị Ánh", "Bà", 1962, "female", "+84348990608", "mobile")


async def registered(db: AsyncSession, details: LearnerDetails = ANH, ward_id: str = "19753") -> Learner:
    return await service.register(db, ward_id, details, by=TEST, now=NOON, another=True)


async def audited(db: AsyncSession) -> list[tuple[str, dict[str, object]]]:
    await db.flush()
    rows = await db.execute(
        select(AuditEntry.action, AuditEntry.facts)
        .where(AuditEntry.subject == "learner")
        .order_by(AuditEntry.id)
    )
    return [(row.action, row.facts) for row in rows]


async def test_possible_duplicate_is_refused_until_confirmed(db: AsyncSession) -> None:
    await add_ward(db)
    first = await service.register(db, "19753", ANH, by=TEST, now=NOON)

    with pytest.raises(PossibleDuplicate) as caught:
        await service.register(db, "19753", replace(ANH, birth_year=1960), by=TEST, now=NOON)
    assert [each.id for each in caught.value.namesakes] == [first.id]

    elsewhere = replace(ANH, birth_year=1950, phone="+84912345678")
    other = await service.register(db, "19753", elsewhere, by=TEST, now=NOON)
    twin = await service.register(db, "19753", ANH, by=TEST, now=NOON, another=True)
    assert len({first.id, other.id, twin.id}) == 3


async def test_audit_of_edit_names_fields_without_values(db: AsyncSession) -> None:
    await add_ward(db)
    learner = await registered(db)

    await service.edit(db, "19753", learner.id, ANH, by=TEST, now=NOON)
    await service.edit(
        db, "19753", learner.id, replace(ANH, phone="+84912345678", note="Lớp tối"), by=TEST, now=NOON
    )

    assert (learner.phone, learner.note) == ("+84912345678", "Lớp tối")
    assert await audited(db) == [
        ("learner.registered", {}),
        ("learner.edited", {"changed": ["note", "phone"]}),
    ]


async def test_neighbourhood_of_another_ward_is_refused(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="20179", name="Nam Đông")
    theirs = await add_neighbourhood(db, "20179", "Thôn 3", by=TEST, now=NOON)

    with pytest.raises(InvalidInput) as caught:
        await service.register(db, "19753", replace(ANH, neighbourhood_id=theirs.id), by=TEST, now=NOON)

    assert caught.value.fields == {"neighbourhood_id": "Xin chọn tổ dân phố, thôn của phường, xã này."}


async def test_learner_of_another_ward_is_not_found(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="20179", name="Nam Đông")
    learner = await registered(db)

    for refused in (
        service.edit(db, "20179", learner.id, ANH, by=TEST, now=NOON),
        service.archive(db, "20179", learner.id, by=TEST, now=NOON),
        consents.answer_consents(db, "20179", learner.id, {"sms": True}, how="spoken", by=TEST, now=NOON),
        queries.learner_in(db, "20179", learner.id),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_archived_learner_is_unlisted_until_restored(db: AsyncSession) -> None:
    await add_ward(db)
    learner = await registered(db)

    await service.archive(db, "19753", learner.id, by=TEST, now=NOON)
    await service.archive(db, "19753", learner.id, by=TEST, now=NOON)
    assert (await queries.learners_page(db, "19753", LearnerFilters(), number=1)).total == 0
    assert (await queries.search_page(db, "19753", "anh", number=1)).total == 0
    assert (await queries.learners_page(db, "19753", LearnerFilters(archived=True), number=1)).items == [
        learner
    ]

    await service.restore(db, "19753", learner.id, by=TEST, now=NOON)
    assert (await queries.learners_page(db, "19753", LearnerFilters(), number=1)).items == [learner]
    assert [action for action, _facts in await audited(db)] == [
        "learner.registered",
        "learner.archived",
        "learner.restored",
    ]


async def test_given_and_withdrawn_consents_are_both_kept(db: AsyncSession) -> None:
    await add_ward(db)
    learner = await registered(db)

    async def answer(**answers: bool) -> dict[str, bool]:
        await consents.answer_consents(db, "19753", learner.id, answers, how="paper", by=TEST, now=NOON)
        return await consents_of(db, learner.id)

    assert await answer(sms=True, photo=False) == {"sms": True, "photo": False}
    assert await answer(sms=True) == {"sms": True, "photo": False}
    assert await answer(sms=False) == {"sms": False, "photo": False}
    assert await answer(sms=True) == {"sms": True, "photo": False}

    rows = await db.execute(select(Consent.purpose, Consent.withdrawn_at).order_by(Consent.id))
    assert sorted((row.purpose, row.withdrawn_at is None) for row in rows) == [
        ("photo", False),
        ("sms", False),
        ("sms", True),
    ]


async def test_list_is_ordered_by_given_name_and_filtered(db: AsyncSession) -> None:
    await add_ward(db)
    place = await add_neighbourhood(db, "19753", "tổ dân phố 04", by=TEST, now=NOON)
    for name, audiences, neighbourhood_id in (
        ("Trần Ân", ("farmer",), None),
        ("Võ Thị An", ("elderly", "trader"), place.id),
        ("Hoàng Ánh", ("trader",), None),
    ):
        details = LearnerDetails(name, audiences=audiences, neighbourhood_id=neighbourhood_id)
        await registered(db, details)

    async def names(filters: LearnerFilters) -> list[str]:
        return [
            each.full_name for each in (await queries.learners_page(db, "19753", filters, number=1)).items
        ]

    assert await names(LearnerFilters()) == ["Võ Thị An", "Hoàng Ánh", "Trần Ân"]
    assert await names(LearnerFilters(audience="trader")) == ["Võ Thị An", "Hoàng Ánh"]
    assert await names(LearnerFilters(neighbourhood_id=place.id)) == ["Võ Thị An"]


@pytest.mark.parametrize("typed", ["le thi anh", "LÊ THỊ ÁNH", "anh", "0348 990 608", "0608", "+84348990608"])
async def test_search_finds_name_without_accents_and_phone(db: AsyncSession, typed: str) -> None:
    await add_ward(db)
    learner = await registered(db)
    await registered(db, LearnerDetails("Trần Văn Bình", phone="+84912345678", phone_kind="mobile"))

    assert [each.id for each in (await queries.search_page(db, "19753", typed, number=1)).items] == [
        learner.id
    ]
    assert (await queries.search_page(db, "20179", typed, number=1)).items == []
