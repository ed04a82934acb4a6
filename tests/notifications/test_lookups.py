"""Searches and figures use indexes, whatever the size of the ledger."""

from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.queries.message_rows import session_page
from notifications.queries.message_search import phone_page, search_page
from notifications.queries.wording_usage import LedgerUsage
from notifications.service.open_messages import open_messages
from scheduling.models import ClassSession
from tests.classroom import WARD, add_learner
from tests.conftest import TestApp
from tests.factories import NOON, add_ward
from tests.notifications.scenario import LAN, MINH, add_city, add_class, announce
from wordings.rules.facts import REMINDERS


async def a_class(db: AsyncSession) -> ClassSession:
    course = await add_city(db)
    await add_ward(db, ward_id="20014", name="Vỹ Dạ")
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    minh = await add_learner(db, "Ngô Thị Minh", phone=MINH)
    session = await add_class(db, course, lan, minh)
    await announce(db, session)
    return session


async def test_search_by_name_is_by_ward_and_by_number_everywhere(db: AsyncSession) -> None:
    await a_class(db)

    assert (await search_page(db, WARD, "lan")).total == 2
    assert (await search_page(db, WARD, "0912 345 678")).total == 2
    assert (await search_page(db, "20014", "lan")).total == 0
    assert (await phone_page(db, LAN, wards=None)).total == 2
    assert (await phone_page(db, LAN, wards=["20014"])).total == 0


async def test_every_lookup_uses_an_index(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        session_id = (await a_class(db)).id
    said: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    engine = app.sessions.kw["bind"].sync_engine
    async with app.sessions() as db:
        event.listen(engine, "before_cursor_execute", keep)
        await search_page(db, WARD, "lan")
        await search_page(db, WARD, "0912 345 678")
        await phone_page(db, LAN, wards=None)
        await session_page(db, session_id)
        await open_messages(db, [session_id], REMINDERS)
        await LedgerUsage().sent_last_month(db, "session_cancelled", now=NOON)
        event.remove(engine, "before_cursor_execute", keep)
        # Tables of a test are too small for an index to pay: forbid the other ways and see what is left.
        await db.execute(text("SET LOCAL enable_seqscan = off"))
        plans: list[str] = []
        for statement, parameters in said:
            plan = await (await db.connection()).exec_driver_sql(f"EXPLAIN {statement}", parameters)
            plans.append("\n".join(row[0] for row in plan))

    assert not [plan for plan in plans if "Seq Scan" in plan]
    # A ward's whole ledger is read for none of them.
    assert not [plan for plan in plans if "ix_message_ward_id_due_at" in plan]
    assert "ix_message_template_id_due_at" in plans[-1]
