"""How many statements enrolling and leaving send."""

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from scheduling.service.enrolments import cancel_enrolments, enrol
from tests.factories import NOON, add_session
from tests.scheduling.test_enrolments import add_coordinator, add_learners
from tests.statements import statements_of


async def test_statements_of_enrolling_and_leaving_do_not_grow_with_sessions(
    db: AsyncSession, shared_engine: AsyncEngine
) -> None:
    by = await add_coordinator(db)
    hoa, lan = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan")
    few = [(await add_session(db, capacity=1)).id for _ in range(2)]
    many = [(await add_session(db, capacity=1)).id for _ in range(6)]
    counts: list[int] = []

    for ids in (few, many):
        with statements_of(shared_engine) as statements:
            await enrol(db, ids, [hoa.id, lan.id], by=by, now=NOON)
            left = await cancel_enrolments(db, ids, hoa.id, by=by, now=NOON)
            assert [each.promoted for each in left] == [(lan.id,)] * len(ids)
        counts.append(len(statements))
    assert counts[0] == counts[1]
