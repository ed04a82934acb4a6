"""An upgrade from the previous release, with data: nothing is lost, and its people can go on working.

`data/previous_release.sql.gz` is a dump of that release's demo database, whose people are
invented, made with ``pg_dump --inserts --no-owner --no-privileges``.
"""

import gzip
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application import migrate, reference
from lopso.application.app import create_app
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.embedded import EmbeddedServer
from lopso.kernel.settings import Settings
from tests.conftest import MovableClock, TestApp

DUMP = Path(__file__).parent / "data" / "previous_release.sql.gz"
PASSWORD = "binh dan hoc vu so"
WARD = "19753"

PAGES = {
    "dieuphoi@lopso.example": [
        f"/lich/{WARD}",
        f"/nguoi-hoc/{WARD}",
        f"/nguoi-day/{WARD}",
        f"/nguoi-day/{WARD}/to",
        f"/tin-nhan/{WARD}",
        f"/dia-diem/{WARD}",
        f"/thu/{WARD}",
        "/ky-nang",
    ],
    "nguoiday@lopso.example": ["/viec-cua-toi"],
    "xacnhan@lopso.example": [f"/xac-nhan/{WARD}"],
    "admin@lopso.example": ["/tai-khoan", "/tin-nhan", "/mau-tin", f"/lich/{WARD}"],
    "xem@lopso.example": [f"/lich/{WARD}"],
}

NEW = {"message_template": 4, "audit_entry": 1}
"""Rows that this version brings: wordings for a session that is open again, and the entry that says so."""


@pytest.fixture
def restored_url(server: EmbeddedServer) -> str:
    """A database as the previous release left it."""
    name = "lopso_previous_release"
    server.create_database(name)
    url = server.url(name)
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(gzip.decompress(DUMP.read_bytes()))
    return url


async def rows_by_table(engine: AsyncEngine) -> dict[str, int]:
    """Table → number of rows, in the schema of the application."""
    async with engine.connect() as connection:
        tables = await connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        )
        return {
            table: await connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0  # noqa: S608  (names come from the catalogue)
            for table in tables
        }


async def test_upgrade_with_data_keeps_rows_and_pages(
    restored_url: str, settings: Settings, server: EmbeddedServer
) -> None:
    engine = database.create_engine(restored_url, pool_size=5)
    before = await rows_by_table(engine)
    assert before["learner"] == 646

    migrate.upgrade(restored_url)
    clock = MovableClock()
    async with database.session_maker(engine, LISTENERS).begin() as db:
        await reference.load(db, now=clock.now)

    after = await rows_by_table(engine)
    assert {table: after[table] for table in before} == {
        table: n + NEW.get(table, 0) for table, n in before.items()
    }

    application = create_app(settings, engine, clock=clock)
    site = TestApp(application, application.state.sessions, clock)
    wrong: list[str] = []
    for email, pages in PAGES.items():
        async with site.client_as(email, PASSWORD) as client:
            for page in pages:
                answer = await client.get(page, follow_redirects=True)
                if answer.status_code != 200:
                    wrong.append(f"{page}: {answer.status_code} for {email}")
    assert wrong == []
    await engine.dispose()
