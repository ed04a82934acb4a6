"""Assignments: what ends one, and what the database refuses."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.access import Actor, Role
from lopso.kernel.db import violated
from lopso.kernel.errors import InvalidInput, NotFound
from scheduling.errors import HelperBusy, NotPossibleNow
from scheduling.events import AssignmentsChanged, AssignmentsEnded
from scheduling.models import Assignment
from scheduling.service.sessions import cancel_session
from staffing.service.assignments import record_absence, replace, withdraw
from staffing.service.offers import offer_assignments
from tests.factories import (
    NOON,
    actor_for,
    add_assignment,
    add_helper,
    add_session,
    add_user,
)
from tests.staffing.scenes import add_coordinator, heard_in, states


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
        AssignmentsChanged(offered=((session.id, (an.id,)),), by=by, at=NOON),
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
        AssignmentsChanged(accepted=((session.id, (chi.id,)),), by=by, at=NOON),
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


async def test_two_replacements_crosswise_at_once_both_happen(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        one = await add_session(db, starts_at=NOON + timedelta(days=1))
        other = await add_session(db, starts_at=NOON + timedelta(days=2))
        an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
        first, second = await add_assignment(db, one, an), await add_assignment(db, other, binh)

    async def put(trainer_id: int, assignment_id: int) -> None:
        async with sessions.begin() as db:
            await replace(db, assignment_id, trainer_id, reason="đổi", agreed=False, by=by, now=NOON)

    for _round in range(3):
        await asyncio.gather(put(binh.id, first.id), put(an.id, second.id))
        async with sessions.begin() as db:
            first, second = [
                (
                    await db.scalars(
                        select(Assignment).where(
                            Assignment.session_id == each.id, Assignment.state == "offered"
                        )
                    )
                ).one()
                for each in (one, other)
            ]
        assert {first.trainer_id, second.trainer_id} == {an.id, binh.id}
        an, binh = binh, an
