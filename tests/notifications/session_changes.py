"""Sessions that move, and texts that were sent before."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.events import publish
from notifications.models import Message
from scheduling.events import SessionsMoved
from scheduling.models import ClassSession
from tests.factories import NOON, TEST
from tests.notifications.scenario import THURSDAY

EVE = THURSDAY - timedelta(hours=20)  # Wednesday 18h00
CALL = "Hỏi thêm: 0234 3823 456."


async def move(
    db: AsyncSession,
    session: ClassSession,
    *,
    to: datetime | None = None,
    place: str = "",
    now: datetime = NOON,
) -> None:
    """Move a session as scheduling does: the row, its version, then the fact."""
    old_start = session.starts_at
    if to is not None:
        session.starts_at, session.ends_at = to, to + timedelta(hours=2)
    session.place = place or session.place
    session.version += 1
    await db.flush()
    await publish(db, SessionsMoved(((session.id, old_start),), TEST, now))


async def sent(db: AsyncSession, *purposes: str, at: datetime) -> None:
    """These texts have gone."""
    for state in ("claimed", "sending", "sent"):
        lease = None if state == "sent" else at + timedelta(minutes=1)
        await db.execute(
            update(Message)
            .where(Message.purpose.in_(purposes))
            .values(state=state, lease_until=lease, sent_at=at)
            .execution_options(synchronize_session=False)
        )
