"""``lopso demo``: database, example city, pages and worker in one go, on this machine only."""

import asyncio
import contextlib
import os
import sys

import uvicorn
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from accounts.models import User
from accounts.words import role_name
from lopso import example, logs, migrate, reference, worker
from lopso.app import create_app
from lopso.kernel import db as database
from lopso.kernel import embedded
from lopso.kernel.clock import utc_now
from lopso.kernel.settings import Settings, from_env

DATABASE = "lopso_demo"


def run(*, port: int, reset: bool) -> int:
    """Serve the demo until Ctrl-C; no provider and no other database, whatever the environment says."""
    environment = {
        "LOPSO_DEMO": "1",
        "LOPSO_HOME": os.environ.get("LOPSO_HOME", ""),
        "LOPSO_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    settings = from_env(environment, home=embedded.default_home())
    logs.configure("text")
    print("Lớp Số: starting the database …", flush=True)
    server = embedded.start(settings.home / "postgres")
    try:
        if reset:
            server.drop_database(DATABASE)
        server.create_database(DATABASE)
        url = server.url(DATABASE)
        migrate.upgrade(url)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(settings, url, port))
    finally:
        print("Lớp Số: stopping the database …", flush=True)
        server.stop()
    return 0


async def _serve(settings: Settings, url: str, port: int) -> None:
    engine = database.create_engine(url)
    await _fill(engine)
    app = create_app(settings, engine)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, server_header=False, log_config=None)
    )
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(settings, url, stop))
    announced = asyncio.create_task(_announce(server, port))
    try:
        await server.serve()
    finally:
        stop.set()
        announced.cancel()
        await working
        await engine.dispose()


async def _fill(engine: AsyncEngine) -> None:
    """Reference data, and the example city if nobody is there yet."""
    now = utc_now()
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        await reference.load(db, now=now)
        empty = await db.scalar(select(User.id).limit(1)) is None
    if empty:
        print("Lớp Số: loading two example wards …", flush=True)
        await example.build(engine, now=now)


async def _announce(server: uvicorn.Server, port: int) -> None:
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.05)
    lines = [
        "",
        f"  Lớp Số:  http://127.0.0.1:{port}",
        f"  Mật khẩu / password:  {example.PASSWORD}",
        "",
        *(f"  {login.email:<28}{role_name(login.role)}" for login in example.logins()),
        "",
        "  Ctrl-C để dừng / to stop",
        "",
    ]
    print("\n".join(lines), flush=True, file=sys.stdout)
