"""Offering sessions to helpers: who gets one, who is refused."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel import db as database
from lopso.kernel.access import Actor, Grant, Role
from lopso.kernel.audit import AuditEntry
from scheduling.errors import NotPossibleNow, SessionAlreadyEnded
from scheduling.events import AssignmentsChanged
from scheduling.models import Assignment
from staffing.service.offers import OfferResult, offer_assignments, preview_offers
from tests.factories import (
    NOON,
    add_assignment,
    add_course,
    add_helper,
    add_room,
    add_series,
    add_session,
    add_team,
    add_ward,
)
from tests.staffing.scenes import add_coordinator, heard_in, states


async def test_several_offers_publish_one_event(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
    facts = heard_in(db)

    asked = await offer_assignments(
        db, [session.id], [binh.id, an.id], role="helper", agreed=False, by=by, now=NOON
    )

    assert asked == [
        OfferResult(an.id, "Lê An", session.id, session.starts_at, None),
        OfferResult(binh.id, "Đỗ Bình", session.id, session.starts_at, None),
    ]
    assert await states(db, session) == [(an.id, "helper", "offered"), (binh.id, "helper", "offered")]
    ids = tuple(sorted((an.id, binh.id)))
    assert facts == [AssignmentsChanged(offered=((session.id, ids),), by=by, at=NOON)]
    entries = (
        await db.scalars(select(AuditEntry).where(AuditEntry.subject == "assignment").order_by(AuditEntry.id))
    ).all()
    assert [(entry.action, entry.ward_id, entry.actor_id, entry.facts) for entry in entries] == [
        (
            "assignment.offered",
            "19753",
            by.user_id,
            {"session_id": session.id, "trainer_id": each.id, "role": "helper", "state": "offered"},
        )
        for each in (an, binh)
    ]


async def test_agreed_helpers_are_accepted_at_once(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    an = await add_helper(db)
    facts = heard_in(db)

    await offer_assignments(db, [session.id], [an.id], role="trainer", agreed=True, by=by, now=NOON)

    assert await states(db, session) == [(an.id, "trainer", "accepted")]
    assert [(fact.offered, fact.accepted) for fact in facts] == [((), ((session.id, (an.id,)),))]


async def test_clashing_offer_is_named_and_others_are_made(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    other = await add_session(
        db, title="Thanh toán QR", starts_at=session.starts_at + timedelta(hours=1), place="Chợ"
    )
    an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
    await add_assignment(db, other, an, state="offered")

    asked = await offer_assignments(
        db, [session.id], [an.id, binh.id], role="helper", agreed=False, by=by, now=NOON
    )

    assert [(each.name, each.refusal) for each in asked] == [
        ("Lê An", "Lê An đã có “Thanh toán QR”, thứ Năm 26/11, 15h00 – 17h00."),
        ("Đỗ Bình", None),
    ]
    assert await states(db, session) == [(binh.id, "helper", "offered")]


async def test_clash_in_unseen_ward_is_not_named(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    session = await add_session(db)
    an = await add_helper(db, "Lê An")
    await add_assignment(db, await add_session(db, ward_id="19789", title="Lớp kín"), an)

    [asked] = await offer_assignments(db, [session.id], [an.id], role="helper", agreed=False, by=by, now=NOON)

    assert asked.refusal == "Lê An đã có một buổi ở nơi khác, thứ Năm 26/11, 14h00 – 16h00."


async def test_second_offer_is_refused(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    an = await add_helper(db, "Lê An")
    await offer_assignments(db, [session.id], [an.id], role="helper", agreed=False, by=by, now=NOON)

    [again] = await offer_assignments(
        db, [session.id], [an.id], role="trainer", agreed=False, by=by, now=NOON
    )

    assert again.refusal == "Lê An đã có trong buổi này."
    assert await states(db, session) == [(an.id, "helper", "offered")]


async def test_series_offer_leaves_out_clashing_dates(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    course = await add_course(db)
    series = await add_series(db, course=course)
    room = await add_room(db)
    weeks = [
        await add_session(
            db,
            title=f"Buổi {n + 1}",
            starts_at=NOON + timedelta(days=3 + 7 * n, hours=2),
            course=course,
            series=series,
            room=room,
        )
        for n in range(4)
    ]
    weeks[3].cancelled_at, weeks[3].cancel_reason = NOON, "Mưa lớn"
    an = await add_helper(db, "Lê An")
    student = await add_helper(db, "Võ Sinh")
    await add_team(
        db,
        student,
        kind="student_volunteers",
        name="Đội sinh viên",
        active=(date(2026, 11, 1), date(2026, 11, 30)),
    )
    await add_assignment(
        db, await add_session(db, title="Chợ số", starts_at=weeks[1].starts_at - timedelta(hours=1)), an
    )

    ids = [each.id for each in weeks]
    foreseen = await preview_offers(db, ids, [an.id, student.id], by=by, now=NOON)

    asked = await offer_assignments(
        db, ids, [an.id, student.id], role="helper", agreed=False, by=by, now=NOON
    )

    assert asked == foreseen
    block = "Võ Sinh chỉ tham gia trong đợt tình nguyện 01/11 – 30/11/2026."
    called_off = "Buổi học đã hủy nên không nhận thêm người."
    assert [(each.session_id, each.name, each.refusal) for each in asked] == [
        (weeks[0].id, "Lê An", None),
        (weeks[0].id, "Võ Sinh", None),
        (weeks[1].id, "Lê An", "Lê An đã có “Chợ số”, thứ Năm 03/12, 13h00 – 15h00."),
        (weeks[1].id, "Võ Sinh", block),
        (weeks[2].id, "Lê An", None),
        (weeks[2].id, "Võ Sinh", block),
        (weeks[3].id, "Lê An", called_off),
        (weeks[3].id, "Võ Sinh", called_off),
    ]


async def test_offer_after_end_is_refused_and_during_is_accepted(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    an = await add_helper(db, "Lê An")

    [late] = await offer_assignments(
        db, [session.id], [an.id], role="helper", agreed=False, by=by, now=session.ends_at
    )
    await offer_assignments(
        db, [session.id], [an.id], role="helper", agreed=False, by=by, now=session.starts_at
    )

    assert late.refusal == SessionAlreadyEnded(session.id).sentence
    assert await states(db, session) == [(an.id, "helper", "accepted")]


async def test_helpers_gone_or_of_unseen_wards_are_refused(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    session = await add_session(db)
    gone, foreign = await add_helper(db, "Lê An"), await add_helper(db, "Võ Xa", ward_id="19789")
    gone.left_at = NOON

    for trainer_id in (gone.id, foreign.id, 999_999):
        with pytest.raises(NotPossibleNow):
            await offer_assignments(
                db, [session.id], [trainer_id], role="helper", agreed=False, by=by, now=NOON
            )
    city = Actor(by.user_id, by.name, (Grant(Role.CITY_ADMIN, None),))
    [asked] = await offer_assignments(
        db, [session.id], [foreign.id], role="helper", agreed=False, by=city, now=NOON
    )
    assert asked.refusal is None


async def test_twelve_concurrent_offers_of_one_helper_give_one_and_refusals(
    engine: AsyncEngine,
) -> None:
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        an = await add_helper(db, "Lê An")
        wanted = [
            await add_session(db, title=f"Lớp {n}", starts_at=NOON + timedelta(days=1, minutes=5 * n))
            for n in range(12)
        ]

    async def ask(session_id: int) -> list[OfferResult]:
        async with sessions.begin() as db:
            return await offer_assignments(
                db, [session_id], [an.id], role="helper", agreed=False, by=by, now=NOON
            )

    answers = [each for [each] in await asyncio.gather(*(ask(session.id) for session in wanted))]

    [winner] = [each for each in answers if each.refusal is None]
    title = next(session.title for session in wanted if session.id == winner.session_id)
    refusals = [each.refusal for each in answers if each.refusal is not None]
    assert len(refusals) == 11
    assert {refusal.partition(",")[0] for refusal in refusals} == {f"Lê An đã có “{title}”"}
    async with sessions() as db:
        assert (await db.scalars(select(Assignment.session_id))).all() == [winner.session_id]
