"""Reports of providers: status callbacks, and answers when we ask. Late and doubled ones do no harm."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.gateway import Receipt
from notifications.models import DeliveryEvent, Message
from notifications.rules.states import reported

log = structlog.get_logger("lopso.post")

_FINAL = ("delivered", "undelivered", "failed")


async def take_report(db: AsyncSession, reference: UUID, receipt: Receipt, *, now: datetime) -> bool:
    """Take what a provider says of the text `reference`. Does not commit.

    Returns:
        Whether it brought news: an unknown reference, a duplicate or an overtaken report does not.
    """
    message = await db.scalar(
        select(Message)
        .where(Message.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if message is None:
        log.warning("report about an unknown text", reference=str(reference))
        return False
    state = reported(message.state, receipt.told)
    if state is None:
        return False
    message.state = state
    message.state_reason = "rejected" if state == "failed" else ""
    message.lease_until = None
    message.provider_id = receipt.provider_id
    message.error_code = receipt.error_code
    if state != "failed":
        message.sent_at = message.sent_at or message.tried_at or now
    if state in _FINAL:
        message.finished_at = now
    db.add(DeliveryEvent(message_id=message.id, at=now, state=state, detail=dict(receipt.detail)))
    await db.flush()
    return True
