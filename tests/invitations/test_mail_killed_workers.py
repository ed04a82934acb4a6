"""Workers are killed in the middle of sending mails: nothing is lost, and every mailbox shows each once.

What counts is what the mail server took. A mail whose answer was lost may have come twice, but then with
the same Message-ID, UID and SEQUENCE: mailboxes and calendars show one.
"""

import asyncio
import random
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from invitations.models import Mail
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.clock import utc_now
from scheduling.models import Assignment
from tests.invitations.mail_server import (
    Happening,
    MailServer,
    events,
    invitations,
    mail_server_running,
)
from tests.notifications.scenario import add_city, add_class, add_helper, announce

SCRIPT = Path(__file__).with_name("mail_worker_process.py")
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("readers", "kills"),
    [pytest.param(30, 1, id="few"), pytest.param(90, 4, id="many", marks=pytest.mark.long)],
)
async def test_killed_workers_beside_a_failing_server_show_each_mail_once(
    engine: AsyncEngine, database_url: str, tmp_path: Path, readers: int, kills: int
) -> None:
    dice = random.Random(20261124)
    stumbles: list[Happening] = ["451", "accept_and_drop", "drop", "slow"]

    def script(_to: str, _number: int) -> Happening:
        return dice.choice(stumbles) if dice.random() < 0.15 else "accept"

    sessions = database.session_maker(engine, LISTENERS)
    now = utc_now()
    wanted: set[str] = set()
    async with sessions.begin() as db:
        session = await add_class(db, await add_city(db), starts_at=now + timedelta(days=2))
        for number in range(readers):
            helper = await add_helper(db, session, f"Lê Văn {number}", f"+84912{number:06}")
            address = f"reader{number}@example.org"
            helper.email = address
            wanted.add(address)
        await db.execute(update(Assignment).values(state="accepted", answered_at=now))
        await db.flush()
        await announce(db, session, now=now)
        await db.execute(update(Mail).values(due_at=now))

    async with mail_server_running(MailServer(script, latency=0.1)) as server:
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "LOPSO_HOME": str(tmp_path),
            "LOPSO_DATABASE_URL": database_url,
            "LOPSO_SECRET": "s" * 40,
            "LOPSO_SMTP_HOST": "127.0.0.1",
            "LOPSO_SMTP_PORT": str(server.port),
            "LOPSO_SMTP_TLS": "none",
            "LOPSO_SMTP_FROM": "Lớp Số <lop-so@hue.example.vn>",
        }
        alive: list[asyncio.subprocess.Process] = []

        async def start() -> None:
            alive.append(
                await asyncio.create_subprocess_exec(
                    sys.executable,
                    str(SCRIPT),
                    cwd=ROOT,
                    env=environment,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                )
            )

        try:
            await start()
            await start()
            for kill in range(1, kills + 1):
                async with asyncio.timeout(120):
                    while len(server.taken) < kill * readers // (kills + 2):  # noqa: ASYNC110  (the server is no event)
                        await asyncio.sleep(0.02)
                victim = alive.pop(random.randrange(2))
                assert victim.returncode is None, "the worker had ended by itself"
                victim.send_signal(signal.SIGKILL)
                await victim.wait()
                await start()
            async with asyncio.timeout(300):
                while await _open(sessions) > 0:  # noqa: ASYNC110  (what other processes do is no event)
                    await asyncio.sleep(0.5)
        finally:
            for process in alive:
                process.kill()
                await process.wait()
        async with sessions() as db:
            states = dict((await db.execute(select(Mail.state, func.count()).group_by(Mail.state))).all())
            unsure = await db.scalar(select(func.count()).select_from(Mail).where(Mail.uncertain))

    assert states == {"sent": readers}
    assert unsure  # else nobody was killed, and no answer lost, at a bad moment
    mailboxes = Counter(address for address, _message_id in server.shown())
    assert mailboxes == Counter(dict.fromkeys(wanted, 1))
    sent = {
        (address, str(event["UID"]), event["SEQUENCE"], event["DTSTAMP"].dt)
        for address, mail in zip((to for to, _content in server.taken), server.mails(), strict=True)
        for event in events(invitations(mail)[0])
    }
    assert len(sent) == readers


async def _open(sessions: database.async_sessionmaker[database.AsyncSession]) -> int:
    async with sessions() as db:
        return (
            await db.scalar(
                select(func.count())
                .select_from(Mail)
                .where(Mail.state.in_(("planned", "claimed", "sending")))
            )
            or 0
        )
