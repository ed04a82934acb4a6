"""One request, one transaction: what is acknowledged is kept."""

from typing import Any, cast

import httpx
import pytest
from litestar import Litestar, get, post
from litestar.datastructures import State
from litestar.di import Provide
from litestar.response import Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel import db as database
from lopso.web.transaction import provide_db, transaction_middleware


@post("/keep")
async def keep(db: AsyncSession, status: int) -> Response[str]:
    await db.execute(text("INSERT INTO kept VALUES (1)"))
    return Response("", status_code=status)


@post("/break-late")
async def break_late(db: AsyncSession) -> str:
    """Every statement succeeds; the deferred constraint refuses at commit."""
    await db.execute(text("INSERT INTO child VALUES (99)"))
    return "saved"


@get("/count")
async def count(db: AsyncSession) -> int:
    return await db.scalar(text("SELECT count(*) FROM kept")) or 0


@pytest.fixture
async def app(engine: AsyncEngine) -> Litestar:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE kept (n int)"))
        await connection.execute(text("CREATE TABLE parent (n int PRIMARY KEY)"))
        await connection.execute(
            text("CREATE TABLE child (n int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        )
    return Litestar(
        [keep, break_late, count],
        dependencies={"db": Provide(provide_db)},
        middleware=[transaction_middleware],
        state=State({"sessions": database.session_maker(engine, {})}),
        logging_config=None,
    )


@pytest.mark.parametrize(("status", "kept"), [(200, 1), (303, 1), (422, 0), (409, 0)])
async def test_response_below_400_commits_others_roll_back(app: Litestar, status: int, kept: int) -> None:
    transport = httpx.ASGITransport(cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.post(f"/keep?status={status}")
        assert (await client.get("/count")).json() == kept


async def test_failed_commit_is_answered_with_500(app: Litestar) -> None:
    transport = httpx.ASGITransport(cast("Any", app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.post("/break-late")).status_code == 500
