"""Reports of providers: status callbacks, and answers to look-ups. Late and duplicate ones do no harm."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateways.protocol import Receipt, reason
from lopso.kernel import clock
from notifications.models import DeliveryEvent, Message, OptOut, WardMonth
from notifications.rules.states import next_state

log = structlog.get_logger("lopso.delivery")

_FINAL = ("delivered", "undelivered", "failed")


async def record_report(
    db: AsyncSession, reference: UUID, receipt: Receipt, *, now: datetime, segment_price: int | None = None
) -> bool:
    """Record what a provider reports of the message `reference`. Does not commit.

    Args:
        segment_price: đồng per segment; None where costs are not kept.

    Returns:
        Whether it changed something: an unknown reference, a duplicate or an older report does not.
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
    state = next_state(message.state, receipt.status)
    if state is None:
        return False
    detail = {"provider": message.provider, "attempt": message.attempts, **receipt.detail}
    if message.state in ("planned", "claimed", "ambiguous"):  # it was not known to have been sent
        detail["settled_by"] = "report"
    message.state = state
    message.state_reason = reason(receipt)
    message.lease_until = None
    message.provider_id = receipt.provider_id
    message.error_code = receipt.error_code
    if state != "failed" and message.sent_at is None:
        message.sent_at = message.tried_at or now
        message.price = None if segment_price is None else Decimal(message.segments * segment_price)
        await _count_cost(db, message, now)
    if state in _FINAL:
        message.finished_at = now
    if message.state_reason == "opted_out":
        await db.execute(
            insert(OptOut)
            .values(phone=message.to_phone, how="provider", since=now)
            .on_conflict_do_nothing(
                index_elements=[OptOut.phone, OptOut.topic], index_where=OptOut.ended_at.is_(None)
            )
        )
    db.add(DeliveryEvent(message_id=message.id, at=now, state=state, detail=detail))
    await db.flush()
    return True


async def _count_cost(db: AsyncSession, message: Message, now: datetime) -> None:
    """Add a sent message to the cost of its ward's month."""
    price = message.price or Decimal(0)
    counted = insert(WardMonth).values(
        ward_id=message.ward_id,
        month=clock.local_day(now).replace(day=1),
        texts=1,
        segments=message.segments,
        price=price,
    )
    await db.execute(
        counted.on_conflict_do_update(
            index_elements=[WardMonth.ward_id, WardMonth.month],
            set_={
                "texts": WardMonth.texts + 1,
                "segments": WardMonth.segments + message.segments,
                "price": WardMonth.price + price,
            },
        )
    )
