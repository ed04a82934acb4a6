"""What one act does to many sessions takes the statements of one, the listeners' included."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from notifications.service.policy import load_policy
from scheduling.models import Assignment, ClassSession
from staffing.rules.picks import Pick
from staffing.service.absences import note_absence
from staffing.service.answers import accept_series
from staffing.service.board import offer_picks
from tests.factories import NOON, TEST, add_assignment, add_course, add_helper, add_series, add_session
from tests.staffing.scenes import add_coordinator
from tests.statements import statements_of
from trainers.models import Trainer
from wordings.service.shipped import load_wordings

FEW, MANY = 2, 20
WARD = "19753"

Act = Callable[[], Awaitable[int]]
"""What is counted; returns with how many sessions it dealt."""


async def a_series(db: AsyncSession, number: int) -> list[ClassSession]:
    """Weekly sessions that are public."""
    course = await add_course(db, title=f"Thanh toán QR {number}")
    series = await add_series(db, course=course)
    first = NOON + timedelta(days=3)
    return [
        await add_session(db, course=course, series=series, starts_at=first + timedelta(weeks=week))
        for week in range(number)
    ]


async def a_helper(db: AsyncSession, number: int) -> Trainer:
    return await add_helper(db, f"Lê Văn An {number}", phone=f"+849120000{number:02}")


async def offered(db: AsyncSession, number: int) -> list[Assignment]:
    """One helper asked into every session of a series."""
    helper = await a_helper(db, number)
    return [await add_assignment(db, each, helper, state="offered") for each in await a_series(db, number)]


async def offers_from_the_board(db: AsyncSession, number: int, by: Actor) -> Act:
    helper = await a_helper(db, number)
    picks = [Pick(each.id, "helper", helper.id) for each in await a_series(db, number)]

    async def act() -> int:
        return await offer_picks(db, WARD, picks, agreed=False, by=by, now=NOON)

    return act


async def series_accepted(db: AsyncSession, number: int, by: Actor) -> Act:
    first = (await offered(db, number))[0]

    async def act() -> int:
        return await accept_series(db, first.id, by=by, now=NOON)

    return act


async def absence_noted(db: AsyncSession, number: int, by: Actor) -> Act:
    rows = await offered(db, number)
    helper_id, days = rows[0].trainer_id, [local_day(each.starts_at) for each in rows]

    async def act() -> int:
        noted = await note_absence(db, helper_id, first=days[0], last=days[-1], reason="Ốm", by=by, now=NOON)
        return noted.given_back

    return act


@pytest.mark.parametrize("prepared", [offers_from_the_board, series_accepted, absence_noted])
async def test_act_on_twenty_sessions_takes_the_statements_of_two(
    db: AsyncSession,
    shared_engine: AsyncEngine,
    prepared: Callable[[AsyncSession, int, Actor], Awaitable[Act]],
) -> None:
    by = await add_coordinator(db)
    await load_wordings(db, by=TEST, now=NOON)
    await load_policy(db, by=TEST, now=NOON)
    counts: list[int] = []
    for number in (FEW, MANY):
        act = await prepared(db, number, by)
        with statements_of(shared_engine) as found:
            assert await act() == number
            await db.flush()
        counts.append(len(found))

    assert counts[1] == counts[0]
