"""Offers to helpers: asked once, asked again after an answer, never after a removal."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from staffing.service.answers import answer, undo_answer
from staffing.service.assignments import replace, withdraw
from staffing.service.offers import offer_assignments
from tests.factories import NOON
from tests.notifications.scenario import LAN, MINH, add_city, add_class
from tests.notifications.series_texts import add_series, add_trainer, assignment, coordinator, gone, said

NIGHT = clock.at(date(2026, 11, 23), time(22))
CALL = "Hỏi thêm: 0234 3823 456."
ASKED = ("assignment_offered", "cover_wanted")
LATER = NOON + timedelta(hours=1)


async def test_new_offer_is_sent_again_undone_answer_sends_none(
    db: AsyncSession,
) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NOON)
    await gone(db, at=NOON)
    row = await assignment(db, session, minh)
    await answer(db, row.id, accept=True, by=by, now=NOON)
    await undo_answer(db, row.id, by=by, now=NOON)
    assert [state for _purpose, state, _text in await said(db, "assignment_offered")] == ["sent"]

    await withdraw(db, row.id, reason="Nhầm người", by=by, now=NOON)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NOON)

    assert [(purpose, state) for purpose, state, _text in await said(db, *ASKED, "assignment_withdrawn")] == [
        ("assignment_offered", "sent"),
        ("assignment_withdrawn", "withdrawn"),  # not read yet, and no longer true
        ("assignment_offered", "planned"),
    ]


async def test_replacement_notifies_removed_helper_and_asks_the_new_one(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh, binh = await add_trainer(db, "Ngô Văn Minh", MINH), await add_trainer(db, "Đỗ Bình", LAN)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=True, by=by, now=NOON)
    row = await assignment(db, session, minh)

    await replace(db, row.id, binh.id, reason="Bận", agreed=False, by=by, now=NOON)

    assert await said(db, *ASKED, "assignment_withdrawn") == [
        (
            "cover_wanted",
            "planned",
            "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: mời anh Đỗ Bình thay người hỗ trợ"
            " buổi Thanh toán QR, buổi 3. Xin trả lời ở Việc của tôi hoặc gọi 0234 3823 456.",
        ),
        (
            "assignment_withdrawn",
            "planned",
            "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: buổi Thanh toán QR, buổi 3 đã sắp xếp lại,"
            f" anh Ngô Văn Minh không cần đến nữa. Xin cảm ơn. {CALL}",
        ),
    ]


async def test_first_offer_after_a_refusal_asks_for_cover(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    phones = (LAN, MINH, "+84900000003")
    lam, minh, tam = [await add_trainer(db, f"Lê {n}", phone) for n, phone in enumerate(phones)]
    await offer_assignments(db, [session.id], [lam.id], role="helper", agreed=False, by=by, now=NOON)
    await answer(db, (await assignment(db, session, lam)).id, accept=False, reason="Bận", by=by, now=NOON)

    for number, each in enumerate((minh, tam)):
        later = NOON + timedelta(hours=number + 1)
        await offer_assignments(db, [session.id], [each.id], role="helper", agreed=False, by=by, now=later)

    assert [(purpose, state) for purpose, state, _text in await said(db, *ASKED)] == [
        ("assignment_offered", "withdrawn"),  # answered before it was sent
        ("cover_wanted", "planned"),
        ("assignment_offered", "planned"),
    ]


async def test_removal_before_the_offer_is_sent_is_silent(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NIGHT)

    await withdraw(db, (await assignment(db, session, minh)).id, reason="Nhầm", by=by, now=NIGHT)

    assert [(purpose, state) for purpose, state, _text in await said(db, *ASKED, "assignment_withdrawn")] == [
        ("assignment_offered", "withdrawn")
    ]


@pytest.mark.parametrize("accept", [True, False])
async def test_undone_answer_before_sending_restores_the_offer(db: AsyncSession, *, accept: bool) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NIGHT)
    asked = await said(db, *ASKED)
    row = await assignment(db, session, minh)
    await answer(db, row.id, accept=accept, reason="Bận", by=by, now=NIGHT)

    for _twice in range(2):
        await undo_answer(db, row.id, by=by, now=NIGHT)

    [(purpose, state, says)] = asked
    assert state == "planned"
    assert await said(db, *ASKED) == [(purpose, "withdrawn", says), (purpose, "planned", says)]


@pytest.mark.parametrize("accept", [True, False])
async def test_undone_answer_after_sending_sends_no_second_offer(db: AsyncSession, *, accept: bool) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NOON)
    await gone(db, at=NOON)
    row = await assignment(db, session, minh)
    await answer(db, row.id, accept=accept, reason="Bận", by=by, now=LATER)

    await undo_answer(db, row.id, by=by, now=LATER)

    assert [state for _purpose, state, _text in await said(db, *ASKED)] == ["sent"]


async def test_offer_sent_before_a_removal_does_not_count_for_a_new_one(
    db: AsyncSession,
) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NOON)
    await gone(db, at=NOON)
    await withdraw(db, (await assignment(db, session, minh)).id, reason="Nhầm", by=by, now=NIGHT)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NIGHT)
    row = await assignment(db, session, minh)
    await answer(db, row.id, accept=True, by=by, now=NIGHT)

    await undo_answer(db, row.id, by=by, now=NIGHT)

    states = [state for _purpose, state, _text in await said(db, *ASKED)]
    assert states == ["sent", "withdrawn", "planned"]


@pytest.mark.parametrize("which", [0, 2])
async def test_undone_answer_restores_the_session_in_the_series_offer(
    db: AsyncSession, *, which: int
) -> None:
    sessions = await add_series(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    ids = [each.id for each in sessions]
    await offer_assignments(db, ids, [minh.id], role="helper", agreed=False, by=by, now=NIGHT)
    [(_purpose, _state, asked)] = await said(db, *ASKED)
    row = await assignment(db, sessions[which], minh)
    await answer(db, row.id, accept=True, by=by, now=NIGHT)
    fewer = [says for _purpose, state, says in await said(db, *ASKED) if state == "planned"]

    await undo_answer(db, row.id, by=by, now=NIGHT)

    assert [says for _purpose, state, says in await said(db, *ASKED) if state == "planned"] == [asked]
    assert len(fewer) == 1
    assert fewer != [asked]
