"""The worker and its mails: in its own queue, beside plans that are being made, with servers that refuse."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import structlog.testing
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.models import SandboxText
from invitations import tasks
from invitations.delivery import statements
from invitations.delivery.dispatcher import MailWorkerConfig
from invitations.delivery.mime import compose
from invitations.delivery.sandbox import SandboxMailTransport
from invitations.delivery.smtp import SmtpTransport
from invitations.delivery.transport import OutgoingMail
from invitations.models import Mail
from lopso.application import senders, worker
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.events import publish
from lopso.kernel.settings import Settings
from scheduling.events import SessionsMoved
from scheduling.models import ClassSession
from tests.conftest import MovableClock
from tests.factories import TEST
from tests.invitations.mail_factories import add_helper_with_email, move
from tests.invitations.mail_scenario import MailScenario, scenario
from tests.invitations.mail_server import MailServer, invitations, mail_server_running
from tests.notifications.scenario import LAN, THURSDAY, add_city, add_class, add_learner, announce

__all__ = ["scenario"]


def test_demo_never_uses_a_mail_server(engine: AsyncEngine, settings: Settings) -> None:
    real = replace(settings, smtp=MailServer(port=25).settings)

    chosen = [
        senders.mail_dispatcher_for(each, engine, clock=MovableClock(), config=MailWorkerConfig()).transport
        for each in (settings, real, replace(real, demo=True), replace(settings, gateway="twilio"))
    ]

    assert [type(transport) for transport in chosen] == [
        SandboxMailTransport,
        SmtpTransport,
        SandboxMailTransport,
        type(None),
    ]


@asynccontextmanager
async def working(
    settings: Settings, database_url: str, clock: MovableClock
) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(worker.run(settings, database_url, clock=clock, finish_within=1))
    try:
        yield task
    finally:
        await worker.end_tasks([task], again_after=30)


async def test_slow_mail_server_delays_no_text(
    engine: AsyncEngine, database_url: str, settings: Settings
) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    clock = MovableClock(THURSDAY - timedelta(hours=1))
    async with sessions.begin() as db:
        course = await add_city(db)
        session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
        other = await add_class(db, course, starts_at=THURSDAY + timedelta(days=1))
        await add_helper_with_email(db, other)
        await announce(db, other, now=clock.now - timedelta(minutes=5))
    async with worker.job_app(database_url).open_async():
        await tasks.deliver_mails.defer_async()  # else the first mails go up to twenty seconds later
    async with mail_server_running(MailServer(latency=60)) as server:
        real = replace(settings, smtp=server.settings)
        async with working(real, database_url, clock), asyncio.timeout(55):
            while not server.tries:  # noqa: ASYNC110  (the server is no event)
                await asyncio.sleep(0.1)
            async with sessions.begin() as db:
                await announce(db, session, now=clock.now)
            async with asyncio.timeout(20):
                while True:
                    async with sessions() as db:
                        texts = (await db.scalars(select(SandboxText.to_phone))).all()
                        states = (await db.scalars(select(Mail.state))).all()
                    if LAN in texts:
                        break
                    await asyncio.sleep(0.1)

    assert states == ["sending"]
    assert server.taken == []


async def test_mail_waits_for_an_uncommitted_change(scenario: MailScenario) -> None:
    async with scenario.sessions.begin() as db:
        session = await db.get_one(ClassSession, scenario.session.id)
        old = session.starts_at
        await move(db, session, by=timedelta(days=1))
        await publish(db, SessionsMoved(((session.id, old),), TEST, scenario.clock.now))
        meanwhile = await scenario.deliver()  # a worker comes by before the plan is committed
    afterwards = await scenario.deliver(after=timedelta(seconds=5))

    assert (meanwhile, afterwards) == ({}, {"sent": 1})
    assert [(event["SEQUENCE"], event["DTSTART"].dt.day) for event in scenario.sent_events()] == [(2, 27)]


async def test_worker_lost_before_recording_leaves_one_mail(scenario: MailScenario) -> None:
    """The server had taken it; the next worker cannot know, and hands the very same over."""
    scenario.clock.forward(timedelta(minutes=2))
    dispatcher = scenario.dispatcher
    now = scenario.clock.now
    async with dispatcher.engine.begin() as connection:
        [mail_id] = await statements.claim(
            connection, limit=1, lease_until=now + dispatcher.config.lease, now=now
        )
        attempt = await statements.mark_sending(
            connection, mail_id, domain="hue.example.vn", lease_until=now + dispatcher.config.lease, now=now
        )
    assert attempt is not None
    content = compose(attempt.content, dispatcher.sender, message_id=attempt.message_id, now=now)
    assert dispatcher.transport is not None
    async with dispatcher.transport.connection() as mail_connection:
        await mail_connection.send(
            OutgoingMail(mail_id, attempt.message_id, attempt.content.address, content)
        )
    # Here it dies.
    early = await scenario.deliver(after=timedelta(seconds=10))
    late = await scenario.deliver(after=timedelta(seconds=11))

    assert (early, late) == ({}, {"sent": 1})
    assert len(scenario.server.shown()) == 1
    first, second = (invitations(mail) for mail in scenario.server.mails())
    assert first == second


async def test_refusing_server_is_logged_once_at_start(
    engine: AsyncEngine, database_url: str, settings: Settings
) -> None:
    async with mail_server_running(MailServer(password="sai")) as server:
        real = replace(settings, smtp=server.settings)
        with structlog.testing.capture_logs() as logs:
            async with working(real, database_url, MovableClock()), asyncio.timeout(120):
                while not any(each["log_level"] == "error" for each in logs):  # noqa: ASYNC110  (a log is no event)
                    await asyncio.sleep(0.1)

    assert [each["event"] for each in logs if each["log_level"] == "error"] == [
        "The mail server cannot be used (it refuses LOPSO_SMTP_USER or LOPSO_SMTP_PASSWORD: 535);"
        " mails wait, texts go on."
    ]
