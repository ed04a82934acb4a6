"""The command line: ``lopso serve | worker | db | user | import | backup | restore | demo``."""

import argparse
import asyncio
import getpass
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.application import delivery_commands, kept_numbers, logs, migrate, registry
from lopso.application.backup import commands as backup_commands
from lopso.application.doctor import command as doctor
from lopso.application.installation import Installation, check_ready, open_installation
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.access import Role, system
from lopso.kernel.clock import utc_now
from lopso.kernel.embedded import EmbeddedUnavailable
from lopso.kernel.errors import DomainError, InvalidInput
from lopso.kernel.settings import SettingsError

T = TypeVar("T")

COMMAND = system("lopso")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, or 1 after one sentence on standard error."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    try:
        return options.run(options)
    except InvalidInput as refusal:
        for name, sentence in refusal.fields.items():
            print(f"lopso: {name}: {sentence}", file=sys.stderr)
        return 1
    except (SettingsError, EmbeddedUnavailable, DomainError) as refusal:
        print(f"lopso: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _leave(number: int, _frame: object) -> None:
    """Told to stop: unwind, so that an embedded server nobody else uses stops too."""
    raise SystemExit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lopso", description="Lớp Số: community classes in digital skills.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve the pages")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    serve.set_defaults(run=_serve)

    worker = commands.add_parser("worker", help="send due messages and run periodic tasks")
    worker.set_defaults(run=_worker)

    schema = commands.add_parser("db", help="database schema and reference data")
    steps = schema.add_subparsers(required=True, metavar="STEP")
    steps.add_parser("upgrade", help="apply migrations, load wards, skills, wordings").set_defaults(
        run=_upgrade
    )
    steps.add_parser("check", help="tell whether the schema is current").set_defaults(run=_check)

    user = commands.add_parser("user", help="accounts")
    add = user.add_subparsers(required=True, metavar="STEP").add_parser("add", help="make an account")
    add.add_argument("--name", required=True)
    add.add_argument("--email")
    add.add_argument("--phone")
    add.add_argument("--role", choices=[role.value for role in Role], action="append", default=[])
    add.add_argument("--ward", metavar="CODE", help="ward of the roles; left out: the whole city")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.set_defaults(run=_add_user)

    load = commands.add_parser("import", help="read a ward's workbook")
    load.add_argument("what", choices=["learners", "teams"])
    load.add_argument("file", type=Path)
    load.add_argument("--ward", metavar="CODE", required=True)
    load.add_argument("--json", action="store_true", help="print the counts and doubts as JSON")
    load.set_defaults(run=_import)

    backup_commands.add_commands(commands)
    delivery_commands.add_commands(commands)
    doctor.add_command(commands)
    kept_numbers.add_command(commands)

    demo = commands.add_parser("demo", help="everything at once, with an example ward and test phones")
    demo.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    demo.add_argument("--reset", action="store_true", help="begin anew")
    demo.set_defaults(run=_demo)
    return parser


def _in_transaction(installation: Installation, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    registry.complete()

    async def run() -> T:
        engine = database.create_engine(installation.database_url, pool_size=2)
        try:
            async with database.session_maker(engine, LISTENERS).begin() as db:
                return await work(db)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def _serve(options: argparse.Namespace) -> int:
    import uvicorn  # the server's own imports are slow: only where they are needed

    from lopso.application.allocator import bound_heap
    from lopso.application.app import create_app
    from lopso.application.serving import server_config

    bound_heap()
    with open_installation(own=True) as installation:
        check_ready(installation)
        logs.configure(installation.settings.log_format)
        app = create_app(installation.settings, database.create_engine(installation.database_url))
        config = server_config(app, installation.settings, host=options.host, port=options.port)
        uvicorn.Server(config).run()
    return 0


def _worker(_options: argparse.Namespace) -> int:
    from lopso.application import worker

    with open_installation(own=True) as installation:
        check_ready(installation)
        logs.configure(installation.settings.log_format)
        asyncio.run(worker.run(installation.settings, installation.database_url))
    return 0


def _upgrade(_options: argparse.Namespace) -> int:
    from lopso.application import reference

    with open_installation(own=True) as installation:
        migrate.upgrade(installation.database_url)
        _in_transaction(installation, lambda db: reference.load(db, now=utc_now()))
    print("The database is up to date.")
    return 0


def _check(_options: argparse.Namespace) -> int:
    with open_installation() as installation:
        current = migrate.is_current(installation.database_url)
    print("The database is up to date." if current else "The database needs 'lopso db upgrade'.")
    return 0 if current else 1


def _add_user(options: argparse.Namespace) -> int:
    from accounts import service

    given = options.password_stdin
    password = sys.stdin.readline().rstrip("\n") if given else getpass.getpass("Password: ")

    async def work(db: AsyncSession) -> int:
        now = utc_now()
        user = await service.add_user(
            db,
            name=options.name,
            password=password,
            email=options.email,
            phone=options.phone,
            by=COMMAND,
            now=now,
        )
        for role in options.role:
            await service.grant_role(db, user.id, Role(role), options.ward, by=COMMAND, now=now)
        return user.id

    with open_installation() as installation:
        check_ready(installation)
        print(f"Account {_in_transaction(installation, work)} made.")
    return 0


def _import(options: argparse.Namespace) -> int:
    from learners import importing as learners
    from trainers import importing as trainers

    room = learners if options.what == "learners" else trainers
    with open_installation() as installation:
        check_ready(installation)
        result = _in_transaction(
            installation,
            lambda db: room.import_file(db, options.file, ward_id=options.ward, by=COMMAND, now=utc_now()),
        )
    if options.json:
        print(json.dumps(result.as_json(), ensure_ascii=False, indent=1))
    else:
        print(result.sentence())
    return 0


def _demo(options: argparse.Namespace) -> int:
    from lopso.application import demo

    return demo.run(port=options.port, reset=options.reset)
