"""Reasons why somebody did not come are cleared after their time, with a moved clock."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application.retention import clear
from lopso.kernel.clock import local_day
from scheduling.models import REASON_CLEARED, Assignment, Enrolment
from scheduling.service.retention import REASONS_KEPT, clear_reasons
from staffing.models import Absence
from staffing.service.retention import clear_absence_reasons
from tests.factories import (
    NOON,
    add_assignment,
    add_enrolment,
    add_helper,
    add_learner,
    add_session,
    add_ward,
)

DAY = timedelta(days=1)


async def ill_people(db: AsyncSession) -> None:
    """Helpers who declined and were replaced, an absence, a learner who gave up a seat; all until NOON."""
    await add_ward(db)
    session = await add_session(db, starts_at=NOON - timedelta(hours=2))
    for state in ("declined", "replaced"):
        row = await add_assignment(db, session, await add_helper(db), state=state)
        row.reason = "Ốm"
    seat = await add_enrolment(db, session, await add_learner(db))
    seat.state, seat.cancelled_at, seat.cancel_reason = "cancelled", NOON, "nằm viện"
    away = await add_helper(db)
    today = local_day(NOON)
    db.add(Absence(trainer_id=away.id, first=today - DAY, last=today, reason="Ốm", noted_at=NOON))
    await db.flush()


async def reasons(db: AsyncSession) -> tuple[list[str], list[str], list[str]]:
    """Of assignments, of enrolments, of absences."""
    found = [
        (await db.scalars(statement)).all()
        for statement in (
            select(Assignment.reason).order_by(Assignment.id),
            select(Enrolment.cancel_reason),
            select(Absence.reason),
        )
    ]
    return list(found[0]), list(found[1]), list(found[2])


async def clear_both(db: AsyncSession, *, now: datetime) -> dict[str, int]:
    """Clear the reasons for sessions and for absences; rows by table."""
    return {**await clear_reasons(db, now=now), **await clear_absence_reasons(db, now=now)}


async def test_reasons_are_cleared_after_their_time(db: AsyncSession) -> None:
    await ill_people(db)

    early = await clear_both(db, now=NOON + REASONS_KEPT)
    kept = await reasons(db)
    late = await clear_both(db, now=NOON + REASONS_KEPT + DAY)
    again = await clear_both(db, now=NOON + REASONS_KEPT + DAY)

    assert set(early.values()) == {0}
    assert kept == (["Ốm", "Ốm"], ["nằm viện"], ["Ốm"])
    assert late == {"assignment_reason": 2, "enrolment_reason": 1, "absence_reason": 1}
    assert set(again.values()) == {0}
    assert await reasons(db) == ([REASON_CLEARED, ""], [""], [REASON_CLEARED])


async def test_reasons_of_coming_sessions_stay(db: AsyncSession) -> None:
    await add_ward(db)
    session = await add_session(db, starts_at=NOON + 90 * DAY)
    row = await add_assignment(db, session, await add_helper(db), state="declined")
    row.reason = "Ốm"
    await db.flush()

    await clear(db, now=NOON + 60 * DAY)

    assert (await reasons(db))[0] == ["Ốm"]
