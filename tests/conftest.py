"""A real PostgreSQL for every test, and the real application on it.

`db` is a session whose transaction is rolled back: quick, for one connection. `engine` is a database of
its own, cloned from a migrated template: for commits, many connections, the application and the worker.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from accounts import passwords
from lopso.application import migrate
from lopso.application.app import create_app
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.embedded import EmbeddedServer, start
from lopso.kernel.settings import Settings
from tests.factories import NOON, PASSWORD

TEMPLATE = "lopso_template"

# Real argon2id, at its least cost: a log-in then takes a millisecond instead of a fifth of a second.
passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One embedded PostgreSQL for the whole run, with a migrated database to clone."""
    # Under /var/tmp or the like: as root the server runs as another user, who must reach the folder.
    with tempfile.TemporaryDirectory(prefix="lopso-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = start(Path(folder) / "postgres", durable=False)
        try:
            server.create_database(TEMPLATE)
            migrate.upgrade(server.url(TEMPLATE))
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
async def shared_engine(server: EmbeddedServer) -> AsyncIterator[AsyncEngine]:
    """Connections to one migrated database that tests leave as they found it."""
    name = "lopso_shared"
    await _clone(server, name)
    engine = database.create_engine(server.url(name), pool_size=5)
    yield engine
    await engine.dispose()


@pytest.fixture
async def db(shared_engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session that may flush and even commit; everything is undone at the end of the test."""
    async with shared_engine.connect() as connection:
        outer = await connection.begin()
        sessions = database.session_maker(shared_engine, LISTENERS)
        async with sessions(bind=connection, join_transaction_mode="create_savepoint") as session:
            yield session
        await outer.rollback()


@pytest.fixture
async def database_url(server: EmbeddedServer) -> AsyncIterator[str]:
    """Address of a migrated database of the test's own."""
    name = f"lopso_{next(_numbers)}"
    await _clone(server, name)
    yield server.url(name)
    await _drop(server, name)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections to a migrated database of the test's own."""
    engine = database.create_engine(database_url, pool_size=16)
    yield engine
    await engine.dispose()


class MovableClock:
    """A present that only the test moves."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@dataclass
class TestApp:
    """The application on a database of the test's own, with a clock that the test moves."""

    __test__ = False  # not a test, whatever its name says

    app: Litestar
    sessions: async_sessionmaker[AsyncSession]
    clock: MovableClock

    @asynccontextmanager
    async def client(self, *, address: str = "127.0.0.1") -> AsyncGenerator[httpx.AsyncClient]:
        """A browser without a log-in."""
        transport = httpx.ASGITransport(cast("Any", self.app), client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield client

    @asynccontextmanager
    async def client_as(self, email: str, password: str = PASSWORD) -> AsyncGenerator[httpx.AsyncClient]:
        """A browser logged in; `x-csrftoken` is already among its headers."""
        async with self.client() as client:
            await client.get("/dang-nhap")
            client.headers["x-csrftoken"] = client.cookies["csrf"]
            answer = await client.post("/dang-nhap", data={"identifier": email, "password": password})
            assert answer.status_code == 303, answer.text
            yield client


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a test: sandbox gateway, its own home, the address the test client uses."""
    return Settings(database_url=None, home=tmp_path, public_url="http://127.0.0.1", secret="t" * 40)


@pytest.fixture
async def app(engine: AsyncEngine, settings: Settings) -> TestApp:
    """The real application on a database of the test's own."""
    clock = MovableClock()
    litestar = create_app(settings, engine, clock=clock)
    return TestApp(litestar, litestar.state.sessions, clock)


async def _clone(server: EmbeddedServer, name: str) -> None:
    await _administer(server, f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')


async def _drop(server: EmbeddedServer, name: str) -> None:
    # FORCE also wants to end an autovacuum that happens to be there, which only a superuser may: it
    # goes away by itself.
    for attempt in range(40):
        try:
            await _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except ProgrammingError:
            if attempt == 39:
                raise
            await asyncio.sleep(0.25)
        else:
            return


async def _administer(server: EmbeddedServer, statement: str) -> None:
    engine = database.create_engine(server.url("postgres"), pool_size=1)
    try:
        async with engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await autocommit.execute(text(statement))
    finally:
        await engine.dispose()
