"""One ward with everything in it for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from lopso.kernel.settings import Settings
from tests.applications import Applications
from tests.conftest import MovableClock, TestApp
from tests.databases import Databases
from tests.states.addresses import add_words
from tests.states.city import add_city
from tests.states.visits import City


@pytest.fixture(scope="module")
async def city(
    databases: Databases, applications: Applications, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[City]:
    """The application on a database that the tests of a module share: they change nothing."""
    home = tmp_path_factory.mktemp("states")
    settings = Settings(
        database_url=None,
        home=home,
        public_url="http://127.0.0.1",
        secret="t" * 40,
        second_factor_roles=frozenset(),
    )
    clock = MovableClock()
    async with databases.one() as own:
        engine = own.engine.execution_options()
        with applications.one(settings, engine, clock) as made:
            app = TestApp(made, made.state.sessions, clock)
            objects = await add_city(app, settings)
            add_words(objects)
            yield City(app, objects)
