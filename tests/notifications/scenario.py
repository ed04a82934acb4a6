"""A published class with learners and helpers, for tests about messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Consent, Learner
from lopso.kernel.events import publish
from lopso.kernel.text import fold, sort_key
from notifications.models import Message, MessageRecipient
from notifications.service.policy import load_policy
from scheduling.events import SessionsPublished
from scheduling.models import Assignment, ClassSession, Course
from tests.classroom import WARD, add_learner, add_session, enrol
from tests.factories import NOON, TEST, add_ward
from trainers.models import Trainer
from wordings.service.shipped import load_wordings

THURSDAY = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
"""Thursday 26 November 2026, 14h00 in Huế; NOON is the Monday before."""

LAN = "+84912345678"
MINH = "+84987654321"


@dataclass(frozen=True)
class Planned:
    """A row of the ledger."""

    purpose: str
    phone: str
    due_at: datetime
    state: str
    says: str


async def add_city(db: AsyncSession) -> Course:
    """A ward with its wordings, the city's policy and a course."""
    await add_ward(db)
    await load_wordings(db, by=TEST, now=NOON)
    await load_policy(db, by=TEST, now=NOON)
    course = Course(ward_id=WARD, title="Thanh toán QR", title_key="thanh toan qr", duration_minutes=120)
    db.add(course)
    await db.flush()
    return course


async def add_class(
    db: AsyncSession, course: Course, *learners: Learner, starts_at: datetime = THURSDAY
) -> ClassSession:
    """A published class of `learners`, of which nobody was told yet."""
    session = await add_session(db, course, starts_at=starts_at)
    for learner in learners:
        await enrol(db, session, learner)
    return session


async def add_helper(
    db: AsyncSession, session: ClassSession, name: str, phone: str | None, *, state: str = "offered"
) -> Trainer:
    """A helper of the ward, with an offer for `session`."""
    trainer = Trainer(
        ward_id=WARD,
        kind="digital_ambassador",
        full_name=name,
        sex="male",
        name_key=fold(name),
        sort_key=sort_key(name),
        phone=phone,
        enlisted_at=NOON,
    )
    db.add(trainer)
    await db.flush()
    db.add(
        Assignment(
            ward_id=session.ward_id,
            session_id=session.id,
            trainer_id=trainer.id,
            role="helper",
            state=state,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            offered_at=NOON,
            answered_at=None if state == "offered" else NOON,
        )
    )
    await db.flush()
    return trainer


async def announce(
    db: AsyncSession, *sessions: ClassSession, now: datetime = NOON, seats: bool = False
) -> None:
    """Publish the event that these sessions were published.

    Args:
        seats: keep the messages about seats; most tests begin after they were read.
    """
    await publish(db, SessionsPublished(tuple(session.id for session in sessions), TEST, now))
    if not seats:
        told = select(Message.id).where(Message.purpose == "enrolled")
        await db.execute(delete(MessageRecipient).where(MessageRecipient.message_id.in_(told)))
        await db.execute(delete(Message).where(Message.purpose == "enrolled"))


async def withdraw_consent(db: AsyncSession, learner: Learner) -> None:
    """This learner wants no texts any more."""
    db.add(
        Consent(
            ward_id=learner.ward_id,
            learner_id=learner.id,
            purpose="sms",
            text_version="1",
            legal_basis="đồng ý",
            how="spoken",
            granted_at=NOON - timedelta(days=9),
            withdrawn_at=NOON - timedelta(days=1),
        )
    )
    await db.flush()


async def ledger(db: AsyncSession, *states: str) -> Sequence[Planned]:
    """The ledger by purpose and phone; only rows in `states` when some are given."""
    rows = (
        await db.scalars(
            select(Message)
            .order_by(Message.purpose, Message.to_phone, Message.id)
            .execution_options(populate_existing=True)
        )
    ).all()
    return [
        Planned(row.purpose, row.to_phone, row.due_at, row.state, row.body_accented)
        for row in rows
        if not states or row.state in states
    ]


__all__ = [
    "LAN",
    "MINH",
    "THURSDAY",
    "Planned",
    "add_city",
    "add_class",
    "add_helper",
    "add_learner",
    "announce",
    "ledger",
    "withdraw_consent",
]
