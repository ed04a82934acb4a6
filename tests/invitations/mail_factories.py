"""Factories of people with e-mail addresses, moves of sessions and dispatchers, for tests about mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from invitations.delivery.dispatcher import MailDispatcher, MailWorkerConfig
from invitations.delivery.mime import MailSender
from invitations.delivery.smtp import SmtpTransport
from invitations.delivery.transport import MailTransport
from invitations.models import Invite, Mail, MailInvite
from learners.models import Consent, Learner
from lopso.kernel.clock import Clock
from lopso.kernel.settings import SmtpSettings
from scheduling.models import ClassSession
from tests.factories import NOON, add_assignment
from tests.notifications.scenario import add_helper
from trainers.models import Trainer

MINH_EMAIL = "minh@example.org"
LAN_EMAIL = "lan@example.org"
CONFIG = MailWorkerConfig(
    connections=1,
    lease=timedelta(seconds=20),
    reply_timeout=timedelta(seconds=2),
    retry_delay=timedelta(seconds=60),
)


@dataclass(frozen=True)
class Planned:
    """A mail of the ledger with the ids of its sessions."""

    purpose: str
    to: str
    state: str
    sessions: Sequence[int]


async def mail_ledger(db: AsyncSession, *states: str) -> list[Planned]:
    """The ledger in the order of planning; only mails in `states` when some are given."""
    rows = (await db.scalars(select(Mail).order_by(Mail.id).execution_options(populate_existing=True))).all()
    found: list[Planned] = []
    for row in rows:
        sessions = await db.scalars(
            select(Invite.session_id)
            .join(MailInvite, MailInvite.invite_id == Invite.id)
            .where(MailInvite.mail_id == row.id)
            .order_by(Invite.session_id)
        )
        if not states or row.state in states:
            found.append(Planned(row.purpose, row.to_address, row.state, sessions.all()))
    return found


async def add_helper_with_email(
    db: AsyncSession,
    *sessions: ClassSession,
    name: str = "Lê Văn Minh",
    email: str = MINH_EMAIL,
    state: str = "offered",
) -> Trainer:
    """A helper with an e-mail address, asked into `sessions`."""
    trainer = await add_helper(db, sessions[0], name, "+84987654321", state=state)
    trainer.email = email
    for session in sessions[1:]:
        await ask(db, session, trainer, state=state)
    await db.flush()
    return trainer


async def ask(db: AsyncSession, session: ClassSession, trainer: Trainer, *, state: str = "offered") -> None:
    """`trainer` asked into one more session."""
    await add_assignment(db, session, trainer, state=state)


async def agree_to_mail(db: AsyncSession, learner: Learner, email: str = LAN_EMAIL) -> None:
    """This learner gave an address and wants invitations."""
    learner.email = email
    db.add(
        Consent(
            ward_id=learner.ward_id,
            learner_id=learner.id,
            purpose="invitation",
            text_version="2026-11",
            legal_basis="đồng ý",
            how="spoken",
            granted_at=NOON - timedelta(days=9),
        )
    )
    await db.flush()


async def move(db: AsyncSession, session: ClassSession, *, by: timedelta) -> None:
    """Move a session as scheduling stores it; assignments follow by foreign key."""
    await db.execute(
        update(ClassSession)
        .where(ClassSession.id == session.id)
        .values(
            starts_at=session.starts_at + by,
            ends_at=session.ends_at + by,
            version=ClassSession.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    await db.refresh(session)


def mail_sender(public_url: str = "https://lop-so.example.vn") -> MailSender:
    """Sender of the tests' mails."""
    return MailSender("Lớp Số", "lop-so@hue.example.vn", "vanphong@hue.example.vn", public_url)


def dispatcher_for(
    engine: AsyncEngine,
    clock: Clock,
    where: SmtpSettings | MailTransport,
    *,
    config: MailWorkerConfig = CONFIG,
) -> MailDispatcher:
    """A dispatcher that sends to the server of these settings, or through a transport."""
    transport = (
        SmtpTransport(where, timeout=config.reply_timeout.total_seconds())
        if isinstance(where, SmtpSettings)
        else where
    )
    return MailDispatcher(engine, transport, mail_sender(), clock, config)
