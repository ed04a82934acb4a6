"""A real PostgreSQL for every test, and the real application on it.

`db` is a session whose transaction is rolled back: quick, for one connection. `engine` is a database that
the test has to itself: for commits, many connections, the application and the worker.
"""

import gc
import os
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, cast

import httpx
import hypothesis
import pytest
import structlog
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from accounts import passwords
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.embedded import EmbeddedServer
from lopso.kernel.settings import Settings
from tests.applications import Applications
from tests.cluster import running_server
from tests.databases import Database, Databases
from tests.factories import NOON, PASSWORD

JOURNEYS = Path(__file__).parent / "journeys"
MOST_CORES = 8
"""Cores that tests use; each process has a PostgreSQL and a browser of its own."""

# Real argon2id, at its least cost: a log-in then takes a millisecond instead of a fifth of a second.
passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

# Logged exceptions without local variables, as in production; with them each takes a second.
structlog.configure(
    [
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# Examples differ from run to run, and a busy machine is no failure.
hypothesis.settings.register_profile(
    "tests", deadline=None, derandomize=False, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--order", type=int, metavar="SEED", help="run the tests in the random order of SEED")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: while a test waits, for a browser or a worker, another uses the core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_CORES) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    seed: int | None = config.getoption("--order")
    if seed is not None:
        random.Random(seed).shuffle(items)
    elif hasattr(config, "workerinput"):  # one of several processes
        # The longest first: begun last, one of them would leave the other processes idle.
        items.sort(key=lambda item: not item.path.is_relative_to(JOURNEYS))


def pytest_collection_finish() -> None:
    """Spare the garbage collector: what exists now stays, and requests leave many short-lived cycles."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One embedded PostgreSQL for the whole run, with a migrated database to clone."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
async def shared_engine(server: EmbeddedServer) -> AsyncIterator[AsyncEngine]:
    """Connections to one migrated database that tests leave as they found it."""
    shared = Database(server)
    yield shared.engine
    await shared.drop()


@pytest.fixture
async def db(shared_engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session that may flush and even commit; everything is undone at the end of the test."""
    async with shared_engine.connect() as connection:
        outer = await connection.begin()
        sessions = database.session_maker(shared_engine, LISTENERS)
        async with sessions(bind=connection, join_transaction_mode="create_savepoint") as session:
            yield session
        await outer.rollback()


@pytest.fixture(scope="session")
async def databases(server: EmbeddedServer) -> AsyncIterator[Databases]:
    """Databases that one test after another has to itself."""
    databases = Databases(server)
    yield databases
    await databases.close()


@pytest.fixture
async def own_database(databases: Databases, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A migrated database of the test's own, without rows; with the marker `example_city` that city's."""
    with_city = request.node.get_closest_marker("example_city") is not None
    async with databases.one_with_example_city() if with_city else databases.one() as own:
        yield own


@pytest.fixture
def database_url(own_database: Database) -> str:
    """Address of a migrated database of the test's own, for other processes."""
    own_database.single_use = True
    return own_database.url


@pytest.fixture
def engine(own_database: Database) -> AsyncEngine:
    """Connections to a migrated database of the test's own."""
    # Shares connections and compiled statements with other tests, but no listeners.
    return own_database.engine.execution_options()


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
            # A log-in that waits for a second factor would make a visitor of this client.
            assert not answer.headers["location"].startswith("/dang-nhap"), answer.headers["location"]
            yield client


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a test: sandbox gateway, own home, the address the test client uses, no second factor."""
    return Settings(
        database_url=None,
        home=tmp_path,
        public_url="http://127.0.0.1",
        secret="t" * 40,
        second_factor_roles=frozenset(),
    )


class MakeApp(Protocol):
    """Makes the application with these settings; its engine is the fixture `engine`.

    `routes` are those of a test beside the application's own; the same ones share an application.
    """

    def __call__(
        self,
        settings: Settings,
        *,
        clock: MovableClock | None = None,
        routes: Sequence[HTTPRouteHandler] = (),
    ) -> TestApp: ...


@pytest.fixture(scope="session")
def applications() -> Applications:
    """The applications of this run."""
    return Applications()


@pytest.fixture
def make_app(applications: Applications, engine: AsyncEngine) -> Iterator[MakeApp]:
    """The real application on a database of the test's own."""
    with ExitStack() as stack:

        def make(
            settings: Settings,
            *,
            clock: MovableClock | None = None,
            routes: Sequence[HTTPRouteHandler] = (),
        ) -> TestApp:
            clock = clock or MovableClock()
            app = stack.enter_context(applications.one(settings, engine, clock, routes))
            return TestApp(app, app.state.sessions, clock)

        yield make


@pytest.fixture
def app(make_app: MakeApp, settings: Settings) -> TestApp:
    """The real application on a database of the test's own."""
    return make_app(settings)
