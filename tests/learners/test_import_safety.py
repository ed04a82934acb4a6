"""Importing under strain: two at once, and a failure in the middle."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from learners.importing import import_file
from learners.models import Consent, Learner
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.audit import AuditEntry
from lopso.kernel.paths import shipped
from tests.factories import NOON, TEST, add_ward
from venues.models import Neighbourhood

LIST = Path(shipped("data") / "example" / "phu-xuan" / "hoc-vien.xlsx")


async def test_list_imported_concurrently_is_saved_once(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        await add_ward(db)

    async def one() -> int:
        async with sessions.begin() as db:
            return (await import_file(db, LIST, ward_id="19753", by=TEST, now=NOON)).saved

    saved = await asyncio.gather(*(one() for _ in range(4)))

    assert sorted(saved) == [0, 0, 0, 323]
    async with sessions() as db:
        assert await db.scalar(select(func.count()).select_from(Learner)) == 323


@pytest.mark.parametrize("table", ["neighbourhood", "learner", "consent", "audit_entry"])
async def test_failure_during_import_leaves_nothing(engine: AsyncEngine, table: str) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        await add_ward(db)
        await db.execute(
            text(
                "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''disk full''; END'"
            )
        )
        await db.execute(
            text(f"CREATE TRIGGER fails AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fails()")
        )

    with pytest.raises(DBAPIError, match="disk full"):
        async with sessions.begin() as db:
            await import_file(db, LIST, ward_id="19753", by=TEST, now=NOON)

    async with sessions() as db:
        for model in (Learner, Consent, Neighbourhood, AuditEntry):
            assert await db.scalar(select(func.count()).select_from(model)) == 0
