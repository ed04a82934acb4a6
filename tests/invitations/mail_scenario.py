"""The scenario of tests about mails: a class, a helper with an e-mail address, a mail server and a clock."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from invitations.delivery.dispatcher import MailDispatcher
from invitations.models import Mail
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.events import publish
from scheduling.events import SessionsMoved
from scheduling.models import Assignment, ClassSession, Course
from scheduling.service.sessions import cancel_session
from staffing.service.assignments import withdraw
from staffing.service.offers import offer_assignments
from tests.conftest import MovableClock
from tests.factories import TEST
from tests.invitations.mail_factories import (
    MINH_EMAIL,
    add_helper_with_email,
    dispatcher_for,
    mail_ledger,
    move,
)
from tests.invitations.mail_server import (
    MailServer,
    events,
    invitations,
    mail_server_running,
)
from tests.notifications.scenario import add_city, add_class, announce
from trainers.models import Trainer


@dataclass
class MailScenario:
    """A class on Thursday at 14h00 with an offer to helper Minh, a mail server and a clock."""

    sessions: async_sessionmaker[AsyncSession]
    server: MailServer
    dispatcher: MailDispatcher
    clock: MovableClock
    session: ClassSession
    minh: Trainer

    async def deliver(self, *, after: timedelta = timedelta(minutes=2)) -> dict[str, int]:
        """Let `after` pass and deliver what is due; the number of mails by state."""
        self.clock.forward(after)
        return dict(await self.dispatcher.deliver_due())

    async def move_session(self, by: timedelta = timedelta(days=1)) -> None:
        """Move the class."""
        async with self.sessions.begin() as db:
            session = await db.get_one(ClassSession, self.session.id)
            old = session.starts_at
            await move(db, session, by=by)
            await publish(db, SessionsMoved(((session.id, old),), TEST, self.clock.now))

    async def cancel(self) -> None:
        async with self.sessions.begin() as db:
            await cancel_session(
                db, self.session.id, reason="Mưa lớn, ngập đường", by=TEST, now=self.clock.now
            )

    async def offer_again(self) -> None:
        """Offer Minh the class once more."""
        async with self.sessions.begin() as db:
            await offer_assignments(
                db,
                [self.session.id],
                [self.minh.id],
                role="helper",
                agreed=False,
                by=TEST,
                now=self.clock.now,
            )

    async def withdraw_helper(self) -> None:
        async with self.sessions.begin() as db:
            assignment_id = await db.scalar(
                select(Assignment.id).where(Assignment.state.in_(("offered", "accepted"))).limit(1)
            )
            assert assignment_id is not None
            await withdraw(db, assignment_id, reason="Đổi người", by=TEST, now=self.clock.now)

    async def ledger(self) -> list[tuple[str, str]]:
        async with self.sessions() as db:
            return [(each.purpose, each.state) for each in await mail_ledger(db)]

    async def latest_mail(self) -> Mail:
        """The newest mail."""
        async with self.sessions() as db:
            found = (await db.scalars(select(Mail).order_by(Mail.id.desc()))).first()
            assert found is not None
            return found

    def sent_events(self, to: str = MINH_EMAIL) -> list[Any]:
        """The events in the mails to an address, in order."""
        return [events(invitations(mail)[0])[0] for mail in self.server.mails(to)]


@pytest.fixture
async def scenario(engine: AsyncEngine) -> AsyncIterator[MailScenario]:
    sessions = database.session_maker(engine, LISTENERS)
    clock = MovableClock()
    async with sessions.begin() as db:
        session = await add_class(db, await add_city(db))
        minh = await add_helper_with_email(db, session)
        await announce(db, session)
    async with mail_server_running(MailServer()) as server:
        yield MailScenario(
            sessions, server, dispatcher_for(engine, clock, server.settings), clock, session, minh
        )


async def scenario_course(db: AsyncSession) -> Course:
    """The course of the scenario."""
    return (await db.scalars(select(Course))).one()
