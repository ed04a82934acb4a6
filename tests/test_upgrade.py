"""An upgrade from the previous release, with data: nothing is lost, and its people can go on working.

`data/previous_release.sql.gz` is a dump of that release's demo database, whose people are
invented, made with ``pg_dump --inserts --no-owner --no-privileges``.
"""

import gzip
import re
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
from tests.test_access import declarations

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

NEW = {"message_template": 6, "audit_entry": 1}
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
    assert await _pages_that_fail(site, engine) == []
    await engine.dispose()


ROWS = {
    "ward_id": "SELECT '19753'",
    "session_id": "SELECT id FROM class_session WHERE ward_id = '19753'"
    " AND published_at IS NOT NULL AND cancelled_at IS NULL ORDER BY starts_at, id",
    "assignment_id session_id": "SELECT id, session_id FROM assignment WHERE ward_id = '19753' ORDER BY id",
    "learner_id session_id": "SELECT learner_id, session_id FROM enrolment WHERE ward_id = '19753'"
    " AND state <> 'cancelled' ORDER BY id",
    "learner_id": "SELECT id FROM learner WHERE ward_id = '19753' ORDER BY id",
    "trainer_id": "SELECT id FROM trainer WHERE ward_id = '19753' ORDER BY id",
    "team_id": "SELECT id FROM team WHERE ward_id = '19753' ORDER BY id",
    "venue_id": "SELECT id FROM venue WHERE ward_id = '19753' ORDER BY id",
    "room_id venue_id": "SELECT id, venue_id FROM room WHERE ward_id = '19753' ORDER BY id",
    "market_id": "SELECT id FROM market WHERE ward_id = '19753' ORDER BY id",
    "neighbourhood_id": "SELECT id FROM neighbourhood WHERE ward_id = '19753' ORDER BY id",
    "course_id": "SELECT id FROM course WHERE ward_id = '19753' ORDER BY id",
    "series_id": "SELECT id FROM series WHERE ward_id = '19753' ORDER BY id",
    "message_id": "SELECT id FROM message WHERE ward_id = '19753' ORDER BY id",
    "learner_id series_id": "SELECT e.learner_id, s.series_id FROM enrolment e"
    " JOIN class_session s ON s.id = e.session_id WHERE s.ward_id = '19753' AND s.series_id IS NOT NULL"
    " AND e.state <> 'cancelled' AND s.starts_at > '2026-11-24' ORDER BY e.id",
    "user_id": "SELECT id FROM app_user ORDER BY id",
    "framework_id": "SELECT id FROM framework ORDER BY id",
    "code": "SELECT code FROM message_template ORDER BY code",
}
"""By the parameters of an address, sorted and without the ward: the rows that it can name."""

UNTRIED = {
    "action_slug",
    "anything",
    "grant_id",
    "number",
    "round_id",
    "absence_id",
    "closure_id",
    "demonstration_id",
    "mail_id",
    "name",
    "staged_id",
    "token",
    "typed",
    "sign_off_id",
}
"""Rows and secrets that the dump has none of, or that are not kept as they stand in an address."""


async def _pages_that_fail(site: TestApp, engine: AsyncEngine) -> list[str]:
    """Every page of a ward and of the city, with the oldest and the newest rows that it can name."""
    wrong: list[str] = []
    async with site.client_as("admin@lopso.example", PASSWORD) as client, engine.connect() as connection:
        for route, access in declarations().items():
            method, path = route.split(" ", 1)
            names = set(re.findall(r"{(\w+)}", path))
            own = path.startswith("/viec-cua-toi")  # a helper's own: not the administrator's
            if own or method != "GET" or access == "public" or access.endswith("sign_off") or names & UNTRIED:
                continue
            wanted = " ".join(sorted(names - {"ward_id"})) or "ward_id"
            rows = [tuple(row) for row in await connection.execute(text(ROWS[wanted]))]
            assert rows, route
            for row in {rows[0], rows[-1]}:
                values = {"ward_id": WARD} | dict(zip(wanted.split(), map(str, row), strict=True))
                answer = await client.get(path.format(**values))
                # 409 speaks of the state of a row, such as a session that is over; 422 of an empty form.
                if answer.status_code not in (200, 303, 409, 422):
                    wrong.append(f"{path.format(**values)}: {answer.status_code}")
    return wrong
