"""The rehearsal: back up, send, lose the database, restore, resume. Each text reaches its phone exactly once.

What counts is what the provider saw, call by call, not what the ledger believes.
"""

import asyncio
import shutil
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from invitations.models import Mail
from learners.models import Learner
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.clock import utc_now
from lopso.kernel.embedded import EmbeddedServer
from notifications.models import Message
from tests.application.backup.installations import empty_database
from tests.classroom import WARD, add_learner
from tests.databases import Databases
from tests.gateways.provider import SID, TOKEN, Happening, Provider, provider_running
from tests.notifications.killed_workers import ROOT, workers_running
from tests.notifications.test_killed_workers import due_texts, until_settled

SENT = 8
TEXTS = 20
RESTORED = "lopso_restored"


@dataclass(frozen=True)
class Installed:
    """An installation whose commands and workers reach `provider`."""

    url: str
    home: Path
    provider: Provider

    async def run(self, *arguments: str | Path, kill_when: Awaitable[None] | None = None) -> tuple[int, str]:
        """Exit code and output of a command; killed without a word after `kill_when`."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "lopso", *map(str, arguments)),
            cwd=ROOT,
            env=self.environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        if kill_when is not None:
            await kill_when
            process.send_signal(signal.SIGKILL)
        out, _err = await process.communicate()
        return process.returncode or 0, out.decode()

    async def did(self, *arguments: str | Path) -> str:
        """Output of a command that did well."""
        code, said = await self.run(*arguments)
        assert code == 0, said
        return said

    def environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "LOPSO_HOME": str(self.home),
            "LOPSO_DATABASE_URL": self.url,
            "LOPSO_PUBLIC_URL": "https://lop-so.example.vn",
            "LOPSO_SECRET": "s" * 40,
            "LOPSO_SMS_GATEWAY": "twilio",
            "LOPSO_TWILIO_ACCOUNT_SID": SID,
            "LOPSO_TWILIO_AUTH_TOKEN": TOKEN,
            "LOPSO_TWILIO_SENDER": "LopSo",
            "LOPSO_TWILIO_REGISTERED_ONLY": "0",
            "LOPSO_TWILIO_BASE_URL": self.provider.base_url,
        }

    @asynccontextmanager
    async def worker(self) -> AsyncGenerator[None]:
        """A worker that runs meanwhile."""
        async with workers_running(1, self.provider, self.url, self.home, "https://lop-so.example.vn"):
            yield

    def value(self, statement: str) -> object:
        """One value of the database."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute(statement.encode()).fetchone()
            return row and row[0]


@dataclass(frozen=True)
class Lost:
    """An installation restored from a backup after which texts were sent; `wanted` is every text."""

    restored: Installed
    sessions: async_sessionmaker[AsyncSession]
    wanted: set[tuple[str, str]]


@dataclass(frozen=True)
class Restored:
    """What every test begins with: the name of the database, the home and the provider that go with it."""

    database: str
    home: Path
    provider: Provider
    wanted: set[tuple[str, str]]


def only_first(number: int, _form: dict[str, str]) -> Happening:
    """The first calls are taken, then the provider asks to wait."""
    return "accept" if number < SENT else "429"


@pytest.fixture(scope="module")
async def after_loss(
    databases: Databases, server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Restored]:
    """Back up, send eight of twenty texts, lose the database, restore it elsewhere. Once for all tests."""
    folder = tmp_path_factory.mktemp("resuming")
    for name in ("before", "after"):
        (folder / name).mkdir()
    async with databases.one() as own, provider_running(Provider(only_first, retry_after=600)) as provider:
        own.single_use = True
        sessions = database.session_maker(own.engine, LISTENERS)
        wanted = await due_texts(sessions, TEXTS)
        await add_due_mail(sessions)
        before = Installed(own.url.replace("+psycopg", ""), folder / "before", provider)
        key, file = folder / "key", folder / "a.lopso"
        public = (await before.did("backup-key", key)).strip().rpartition("=")[2]
        await before.did("backup", file, "--to", public)
        async with before.worker(), asyncio.timeout(180):
            await provider.until_called(SENT + 1)
            await until(lambda: before.value("SELECT count(*) FROM message WHERE state = 'sent'") == SENT)
        assert len(provider.taken) == SENT

        after = Installed(empty_database(server, RESTORED), folder / "after", provider)
        await after.did("restore", file, "--key", key)
        yield Restored(RESTORED, after.home, provider, wanted)
    server.drop_database(RESTORED)


@pytest.fixture
async def provider(after_loss: Restored) -> AsyncGenerator[Provider]:
    async with provider_running(after_loss.provider.successor()) as provider:
        yield provider


@pytest.fixture
async def lost(
    after_loss: Restored, server: EmbeddedServer, provider: Provider, tmp_path: Path
) -> AsyncGenerator[Lost]:
    """A copy of its own of what was restored."""
    name = "lopso_resumed"
    server.drop_database(name)
    server.create_database(name, template=after_loss.database)
    shutil.copytree(after_loss.home, tmp_path / "after")
    engine = database.create_engine(server.url(name), pool_size=2)
    restored = Installed(server.url(name).replace("+psycopg", ""), tmp_path / "after", provider)
    yield Lost(restored, database.session_maker(engine, LISTENERS), after_loss.wanted)
    await engine.dispose()


async def add_due_mail(sessions: async_sessionmaker[AsyncSession]) -> None:
    """A mail that is due."""
    now = utc_now()
    async with sessions.begin() as db:
        learner: Learner = await add_learner(db, "Lê Thị Lan", phone=None)
        values = {
            "ward_id": WARD,
            "learner_id": learner.id,
            "to_address": "lan@example.org",
            "purpose": "invitation",
            "reference": "0" * 32,
            "due_at": now - timedelta(minutes=1),
            "useless_after": now + timedelta(days=1),
            "created_at": now - timedelta(minutes=1),
        }
        await db.execute(insert(Mail).values(values))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for `condition`."""
    async with asyncio.timeout(180):
        while True:
            if condition():
                return
            await asyncio.sleep(0.05)


def each_once(wanted: set[tuple[str, str]]) -> Counter[tuple[str, str]]:
    return Counter(dict.fromkeys(wanted, 1))


async def states(sessions: async_sessionmaker[AsyncSession]) -> Counter[str]:
    async with sessions() as db:
        rows: Sequence[str] = (await db.scalars(select(Message.state))).all()
    return Counter(rows)


async def test_texts_sent_after_the_backup_are_not_sent_again(lost: Lost, provider: Provider) -> None:
    calls = len(provider.calls)
    async with lost.restored.worker():
        await asyncio.sleep(4)  # time enough to send, were delivery not paused
        assert len(provider.calls) == calls
        assert await states(lost.sessions) == {"planned": TEXTS}

        code, said = await lost.restored.run("resume-delivery")
        assert code == 0, said
        assert "khôi phục: 8; chưa đi, sẽ gửi: 12;" in said
        assert "0 tin, 1 thư" in said
        await until_settled(lost.sessions, seconds=180)

    assert provider.received() == each_once(lost.wanted)
    assert await states(lost.sessions) == {"sent": TEXTS}
    mail = lost.restored.value("SELECT concat(state, ' ', state_reason, ' ', uncertain) FROM mail")
    assert mail == "failed restored t"


async def test_resume_killed_while_asking_goes_on_and_sends_nothing_twice(
    lost: Lost, provider: Provider
) -> None:
    provider.listing_latency = 0.3
    listings = provider.listings
    asked = until(lambda: provider.listings >= listings + 10)
    code, _said = await lost.restored.run("resume-delivery", kill_when=asked)
    assert code == -signal.SIGKILL
    assert len(provider.taken) == SENT
    provider.listing_latency = 0.0

    async with lost.restored.worker():
        code, said = await lost.restored.run("resume-delivery")
        assert code == 0, said
        await until_settled(lost.sessions, seconds=180)
    assert provider.received() == each_once(lost.wanted)


async def test_resume_waits_while_the_provider_does_not_know_us(lost: Lost, provider: Provider) -> None:
    provider.token = "x" * 32
    code, said = await lost.restored.run("resume-delivery")
    assert (code, "Chưa hỏi được" in said) == (1, True), said
    assert lost.restored.value("SELECT problem FROM delivery_pause WHERE resumed_at IS NULL") == "twilio"
    assert await states(lost.sessions) == {"planned": TEXTS}

    provider.token = TOKEN
    async with lost.restored.worker():  # asked for by somebody on the page: the worker does it
        lost.restored.value("UPDATE delivery_pause SET resume_asked_at = now() RETURNING 1")
        await until_settled(lost.sessions, seconds=180)
    assert provider.received() == each_once(lost.wanted)
