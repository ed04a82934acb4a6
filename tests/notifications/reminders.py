"""A class with planned reminders, and what became of them."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import Message
from scheduling.models import ClassSession
from tests.notifications.scenario import THURSDAY, add_city, add_class, add_learner, announce

EVE = THURSDAY - timedelta(hours=20)
MORNING = THURSDAY - timedelta(hours=7)


async def a_class(db: AsyncSession, *phones: str) -> ClassSession:
    """A class whose learners have these phones, its reminders planned."""
    course = await add_city(db)
    learners = [await add_learner(db, f"Lê Thị {n}", phone=phone) for n, phone in enumerate(phones)]
    session = await add_class(db, course, *learners)
    await announce(db, session)
    return session


async def rows(db: AsyncSession, purpose: str = "reminder_same_day") -> Sequence[Message]:
    """Texts of one purpose, oldest first."""
    found = await db.scalars(
        select(Message)
        .where(Message.purpose == purpose)
        .order_by(Message.id)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def set_state(db: AsyncSession, state: str, reason: str = "") -> None:
    """Same-day reminders have come to this, on the way a worker would have taken."""
    for each in (state,) if state == "suppressed" else ("claimed", "sending", state):
        on_the_way = each in ("claimed", "sending")
        await db.execute(
            update(Message)
            .where(Message.purpose == "reminder_same_day", Message.repeat == 0)
            .values(
                state=each,
                state_reason="" if on_the_way else reason,
                lease_until=EVE if on_the_way else None,
                tried_at=MORNING,
                sent_at=MORNING if each in ("sent", "undelivered") else None,
            )
            .execution_options(synchronize_session=False)
        )
