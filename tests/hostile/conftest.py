"""One application with a ward in it for all hostile requests: each finds the database as it was."""

from collections.abc import AsyncIterator

import pytest

from lopso.kernel.settings import Settings
from tests.applications import Applications
from tests.databases import Databases
from tests.factories import NOON
from tests.gateways.brandname_provider import description, settings_for
from tests.gateways.provider import Provider
from tests.hostile.hostile_site import HostileSite, hostile_site


@pytest.fixture(scope="package")
async def site(
    databases: Databases, applications: Applications, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[HostileSite]:
    """The site; both gateways may report to it."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(
        database_url=None,
        home=home,
        public_url="http://127.0.0.1",
        secret="t" * 40,
        twilio=Provider().settings,
        brandname=settings_for(description("https://sms.example.vn"), home),
        second_factor_roles=frozenset(),
    )
    async with databases.one() as own:
        own.single_use = True
        with applications.one(settings, own.engine, lambda: NOON) as app:
            async with hostile_site(app, settings, own) as site:
                yield site
