"""Assigning helpers: what is refused, what ends an assignment."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel import db as database
from lopso.kernel.access import Actor, Grant, Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.db import violated
from lopso.kernel.errors import InvalidInput, NotFound
from scheduling.errors import HelperBusy, NotPossibleNow, SessionAlreadyEnded
from scheduling.events import AssignmentsChanged, AssignmentsEnded
from scheduling.models import Assignment, ClassSession
from scheduling.service.assignments import record_absence, replace, withdraw
from scheduling.service.offers import OfferResult, offer_assignments, preview_offers
from scheduling.service.sessions import cancel_session
from tests.factories import (
    NOON,
    actor_for,
    add_assignment,
    add_course,
    add_helper,
    add_room,
    add_series,
    add_session,
    add_team,
    add_user,
    add_ward,
)


async def add_coordinator(db: AsyncSession) -> Actor:
    await add_ward(db)
    user = await add_user(db, (Role.COORDINATOR, "19753"))
    return actor_for(user, (Role.COORDINATOR, "19753"))


async def states(db: AsyncSession, session: ClassSession) -> list[tuple[int, str, str]]:
    rows = await db.execute(
        select(Assignment.trainer_id, Assignment.role, Assignment.state)
        .where(Assignment.session_id == session.id)
        .order_by(Assignment.id)
    )
    return [(row.trainer_id, row.role, row.state) for row in rows]


def heard_in(db: AsyncSession) -> list[Any]:
    """Facts about helpers published from now on."""
    facts: list[Any] = []

    async def hear(_db: AsyncSession, fact: Any) -> None:
        facts.append(fact)

    db.info["listeners"] = {AssignmentsChanged: [hear], AssignmentsEnded: [hear]}
    return facts


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
    assert facts == [AssignmentsChanged(session.id, offered=ids, accepted=(), declined=(), by=by, at=NOON)]
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
    assert [(fact.offered, fact.accepted) for fact in facts] == [((), (an.id,))]


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


async def test_withdrawing_needs_reason_frees_helper_and_keeps_row(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    an = await add_helper(db)
    row = await add_assignment(db, session, an)
    facts = heard_in(db)

    with pytest.raises(InvalidInput):
        await withdraw(db, row.id, reason="   ", by=by, now=NOON)
    await withdraw(db, row.id, reason="  Đổi  người ", by=by, now=NOON)
    await withdraw(db, row.id, reason="lần nữa", by=by, now=NOON)
    [asked] = await offer_assignments(
        db, [session.id], [an.id], role="trainer", agreed=False, by=by, now=NOON
    )

    assert asked.refusal is None
    assert await states(db, session) == [(an.id, "helper", "withdrawn"), (an.id, "trainer", "offered")]
    assert row.reason == "Đổi người"
    assert facts == [
        AssignmentsEnded(((session.id, (an.id,)),), by, NOON),
        AssignmentsChanged(session.id, offered=(an.id,), accepted=(), declined=(), by=by, at=NOON),
    ]


async def test_replacement_takes_place_or_nothing_changes(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    an, binh, chi = (
        await add_helper(db, "Lê An"),
        await add_helper(db, "Đỗ Bình"),
        await add_helper(db, "Hồ Chi"),
    )
    row = await add_assignment(db, session, an, role="trainer")
    await add_assignment(db, await add_session(db, title="Chợ số"), binh)

    with pytest.raises(HelperBusy, match="Lê An đã có trong buổi này"):
        await replace(db, row.id, an.id, reason="bận", agreed=False, by=by, now=NOON)
    with pytest.raises(HelperBusy, match="Đỗ Bình đã có “Chợ số”"):
        async with db.begin_nested():
            await replace(db, row.id, binh.id, reason="bận", agreed=False, by=by, now=NOON)
    for each in (session, row, an, binh, chi):
        await db.refresh(each)
    assert await states(db, session) == [(an.id, "trainer", "accepted")]

    facts = heard_in(db)
    await replace(db, row.id, chi.id, reason="bận", agreed=True, by=by, now=NOON)

    assert await states(db, session) == [(an.id, "trainer", "replaced"), (chi.id, "trainer", "accepted")]
    assert facts == [
        AssignmentsChanged(session.id, offered=(), accepted=(chi.id,), declined=(), by=by, at=NOON),
        AssignmentsEnded(((session.id, (an.id,)),), by, NOON),
    ]
    with pytest.raises(NotPossibleNow):
        await withdraw(db, row.id, reason="x", by=by, now=NOON)


async def test_absence_is_recorded_after_start_and_undone(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    row = await add_assignment(db, session, await add_helper(db), state="offered")

    with pytest.raises(NotPossibleNow, match="sau khi buổi học đã bắt đầu"):
        await record_absence(db, row.id, came=False, by=by, now=NOON)
    await record_absence(db, row.id, came=False, by=by, now=session.starts_at)
    assert row.state == "no_show"
    await record_absence(db, row.id, came=True, by=by, now=session.ends_at)
    assert row.state == "accepted"


async def test_cancelled_session_frees_helpers_without_second_event(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session, other = await add_session(db), await add_session(db, title="Chợ số")
    an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
    await add_assignment(db, session, an)
    await add_assignment(db, session, binh, state="declined")
    facts = heard_in(db)

    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=NOON)
    db.expire_all()
    for each in (session, other, an, binh):
        await db.refresh(each)

    assert await states(db, session) == [(an.id, "helper", "withdrawn"), (binh.id, "helper", "declined")]
    assert facts == []
    [asked] = await offer_assignments(db, [other.id], [an.id], role="helper", agreed=False, by=by, now=NOON)
    assert asked.refusal is None


async def test_assignment_is_not_found_outside_its_ward(db: AsyncSession) -> None:
    await add_coordinator(db)
    row = await add_assignment(db, await add_session(db), await add_helper(db))
    outsiders = [
        Actor(None, ""),
        actor_for(await add_user(db, email="b@example.org"), (Role.COORDINATOR, "19789")),
        actor_for(await add_user(db, email="c@example.org"), (Role.TRAINER, "19753")),
    ]
    for outsider in outsiders:
        with pytest.raises(NotFound):
            await withdraw(db, row.id, reason="x", by=outsider, now=NOON)
        with pytest.raises(NotFound):
            await record_absence(db, row.id, came=False, by=outsider, now=NOON + timedelta(days=9))


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


async def test_database_refuses_double_booking_of_helper(db: AsyncSession) -> None:
    await add_coordinator(db)
    an = await add_helper(db)
    first, second = await add_session(db), await add_session(db, title="Chợ số")
    await add_assignment(db, first, an)
    values: Mapping[str, Any] = {
        "ward_id": "19753",
        "session_id": second.id,
        "trainer_id": an.id,
        "role": "helper",
        "starts_at": second.starts_at,
        "ends_at": second.ends_at,
        "offered_at": NOON,
    }
    with pytest.raises(IntegrityError) as refusal:
        await db.execute(insert(Assignment).values(**values))
    assert violated(refusal.value) == "ex_assignment_helper_once"


async def test_database_refuses_move_onto_other_session_of_helper(
    db: AsyncSession,
) -> None:
    await add_coordinator(db)
    an = await add_helper(db)
    first = await add_session(db)
    later = await add_session(db, title="Chợ số", starts_at=first.ends_at)
    await add_assignment(db, first, an)
    await add_assignment(db, later, an)
    with pytest.raises(IntegrityError) as refusal:
        async with db.begin_nested():
            later.starts_at -= timedelta(minutes=30)
    assert violated(refusal.value) == "ex_assignment_helper_once"
