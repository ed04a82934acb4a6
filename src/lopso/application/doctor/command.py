"""``lopso doctor``: every check, its sentence; exit code 1 when something is broken."""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

from lopso.application.doctor import database_checks, machine
from lopso.application.doctor.diagnosis import Diagnosis
from lopso.application.doctor.notes import check_kept_numbers
from lopso.application.installation import Installation, open_installation
from lopso.kernel import db as database
from lopso.kernel.clock import Clock, utc_now


def add_command(commands: Any) -> None:
    """Add the command to the parser (argparse does not name the type of `commands`)."""
    doctor = commands.add_parser("doctor", help="look at everything the installation needs")
    doctor.set_defaults(run=_doctor)


def _doctor(_options: argparse.Namespace) -> int:
    with open_installation() as installation:
        return asyncio.run(_report(installation))


async def _report(installation: Installation) -> int:
    broken = False
    async for each in diagnose(installation):
        print(each.line(), flush=True)
        broken = broken or each.level == "bad"
    return 1 if broken else 0


async def diagnose(installation: Installation, *, own_clock: Clock = utc_now) -> AsyncIterator[Diagnosis]:
    """Look at everything; what needs the database is left out where it does not answer."""
    from lopso.application.doctor import services  # the gateways' imports are slow

    settings, url = installation.settings, installation.database_url
    engine = database.create_engine(url, pool_size=2)
    try:
        server = await database_checks.check_server(engine)
        yield server
        if server.level == "ok":
            schema = database_checks.check_schema(url)
            yield schema
            yield await database_checks.check_clock(engine, own_clock)
            if schema.level == "ok":
                async with database.session_maker(engine, {})() as db:
                    async for each in database_checks.check_operations(db, settings, now=own_clock()):
                        yield each
                    yield await check_kept_numbers(db)
        for each in (*machine.check_secrets(settings, os.environ), *machine.check_disks(settings)):
            yield each
        async for each in services.check_gateways(settings, engine):
            yield each
        yield await services.check_mail(settings, engine)
    finally:
        await engine.dispose()
