"""``lopso demo``: database, example city, pages and worker in one go, on this machine only."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import uvicorn
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from accounts.labels import role_name
from accounts.models import User
from lopso.application import (
    example,
    logs,
    migrate,
    reference,
)
from lopso.application.app import create_app
from lopso.application.running_demo import DATABASE, RunningDemo, registered, running_in
from lopso.application.serving import server_config
from lopso.kernel import db as database
from lopso.kernel import embedded
from lopso.kernel.clock import utc_now
from lopso.kernel.settings import Settings, SettingsError, from_env

# Ctrl-C reaches everything in the terminal at once; a worker that is still waking up leaves it to us.
WORKER = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
from lopso.application.cli import main
sys.exit(main(["worker"]))
"""


def run(*, port: int, reset: bool) -> int:
    """Serve the demo until Ctrl-C; no provider and no other database, whatever the environment says.

    Raises:
        SettingsError: `reset`, and another demo is using the database.
    """
    home = Path(os.environ.get("LOPSO_HOME") or embedded.default_home())
    if reset and (other := running_in(home)):
        raise SettingsError(f"The demo at {other.url} uses this database; end it before you begin anew.")
    demo = RunningDemo(home, f"http://127.0.0.1:{port}")
    settings = from_env(demo.environment, home=home)
    logs.configure("text")
    print("Lớp Số: starting the database …", flush=True)
    server = embedded.start(settings.home / "postgres")
    try:
        if reset:
            server.drop_database(DATABASE)
        server.create_database(DATABASE)
        url = server.url(DATABASE)
        migrate.upgrade(url)
        with registered(demo), contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(settings, url, port))
    finally:
        print("Lớp Số: stopping the database …", flush=True)
        server.stop()
    return 0


async def _serve(settings: Settings, url: str, port: int) -> None:
    engine = database.create_engine(url)
    card = await _fill(engine, settings)
    app = create_app(settings, engine)
    server = uvicorn.Server(server_config(app, settings, host="127.0.0.1", port=port))
    working = asyncio.create_task(_keep_worker(settings, url))
    announced = asyncio.create_task(_announce(server, port, card))
    try:
        await server.serve()
    finally:
        for task in (announced, working):
            task.cancel()
        await asyncio.gather(announced, working, return_exceptions=True)
        await engine.dispose()


async def _keep_worker(settings: Settings, url: str) -> None:
    """A worker in a process of its own, as in real life; begun anew should it die."""
    environment = {
        **os.environ,
        **RunningDemo(settings.home, settings.public_url).environment,
        "LOPSO_DATABASE_URL": url.replace("postgresql+psycopg://", "postgresql://"),
    }
    while True:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, env=environment)
        try:
            await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
        await asyncio.sleep(1)


async def _fill(engine: AsyncEngine, settings: Settings) -> str | None:
    """Reference data, and the example city if nobody is there yet; the path of a learner's own page."""
    now = utc_now()
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        await reference.load(db, now=now)
        empty = await db.scalar(select(User.id).limit(1)) is None
    if empty:
        print("Lớp Số: loading two example wards …", flush=True)
        await example.build(engine, now=now)
    async with sessions.begin() as db:
        return await example.open_card(db, secret=settings.secret, now=now)


async def _announce(server: uvicorn.Server, port: int, card: str | None) -> None:
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.05)
    lines = [
        "",
        f"  Lớp Số:  http://127.0.0.1:{port}",
        f"  Mật khẩu / password:  {example.PASSWORD}",
        "",
        *(f"  {login.email:<28}{role_name(login.role)}" for login in example.logins()),
        "",
        *([f"  Thẻ học viên / a learner's card:  http://127.0.0.1:{port}{card}", ""] if card else []),
        "  Ctrl-C để dừng / to stop",
        "",
    ]
    print("\n".join(lines), flush=True, file=sys.stdout)
