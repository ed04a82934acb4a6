"""What people answer by text: each answer has its effect once."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import system
from notifications.models import InboundText
from notifications.rules.replies import read_reply
from notifications.service.opt_outs import opt_in, opt_out

BY = system("tin nhắn trả lời", ())


async def take_reply(db: AsyncSession, provider_id: str, phone: str, body: str, *, now: datetime) -> bool:
    """Opt a number out or in, as its text says. Does not commit.

    A text that was taken before has no effect: an old STOP that somebody sends once more with its valid
    signature does not undo a later START.

    Args:
        provider_id: the provider's id of this text.
        phone: E.164.

    Returns:
        Whether the text was acted upon.
    """
    reply = read_reply(body)
    if reply is None or not await _is_new(db, provider_id, now):
        return False
    if reply == "stop":
        await opt_out(db, phone, None, how="reply", ward_id=None, by=BY, now=now)
    else:
        await opt_in(db, phone, None, by=BY, now=now)
    return True


async def _is_new(db: AsyncSession, provider_id: str, now: datetime) -> bool:
    """Note the text; a second transaction with the same id waits for the first."""
    row = insert(InboundText).values(provider_id=provider_id, received_at=now)
    noted = await db.scalar(row.on_conflict_do_nothing().returning(InboundText.provider_id))
    return noted is not None
