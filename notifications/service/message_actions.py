"""Actions of staff on messages: hold, release, withdraw, put back, send again, resolve, reopen.

Workers claim and send at the same time. Whoever locks a row first wins: a message on its way is left alone,
and the result says how many were. None of these functions commits; each runs a fixed number of statements.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.errors import BudgetUsedUp, NoMatchingMessages
from notifications.models import DeliveryEvent, Message
from notifications.queries.spending import month_used_up
from notifications.rules.states import BY_STAFF, SENT_STATES
from notifications.service.ledger import notify_workers
from notifications.service.message_selection import (
    MessageAction,
    MessageSelection,
    applicable,
    resendable,
)
from notifications.service.resends import plan_resends

Resolution = Literal["called", "met", "not_needed"]

_ALREADY_SENT = ("sending", *SENT_STATES, "undelivered")

_Changed = tuple[int, str]
"""Id and present state of a message."""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """How many messages were changed, and how many of those selected were already on their way or sent."""

    changed: int
    already_sent: int = 0


async def hold(db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime) -> ActionResult:
    """Keep messages from being sent until they are released. One held already stays as it is.

    Raises:
        NoMatchingMessages: none of them is still open.
    """
    changed = await _change(
        db,
        applicable("hold", selection, now),
        {"state": "planned", "lease_until": None, "held_at": now, "held_by": by.user_id},
    )
    return await _record(db, selection, changed, "held", by=by, now=now)


async def release(db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime) -> ActionResult:
    """Let held messages be sent when due, or now where that has passed.

    Raises:
        NoMatchingMessages: none of them is held.
    """
    changed = await _change(db, applicable("release", selection, now), {"held_at": None, "held_by": None})
    if changed:
        await notify_workers(db)
    return await _record(db, selection, changed, "released", by=by, now=now)


async def withdraw(
    db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime
) -> ActionResult:
    """Do not send messages at all. For this version of the session they are not planned again.

    Raises:
        NoMatchingMessages: none of them is still open.
    """
    changed = await _change(
        db,
        applicable("withdraw", selection, now),
        {"state": "withdrawn", "state_reason": BY_STAFF, "lease_until": None, "finished_at": now},
    )
    return await _record(db, selection, changed, "withdrawn", by=by, now=now)


async def put_back(
    db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime
) -> ActionResult:
    """Plan anew what `withdraw` took out, where it is still of use.

    Raises:
        NoMatchingMessages: nothing was withdrawn by staff, or it would come too late.
    """
    changed = await _resend(db, applicable("put_back", selection, now), by=by, now=now)
    return await _record(db, selection, changed, "put_back", by=by, now=now)


async def send_again(
    db: AsyncSession, selection: MessageSelection, *, perhaps_twice: bool = False, by: Actor, now: datetime
) -> ActionResult:
    """Plan once more what failed, where it is still of use; to the number its reader has now.

    Args:
        perhaps_twice: also messages of unknown outcome, which may arrive twice: somebody confirmed that.

    Raises:
        BudgetUsedUp: nothing is left in the ward's month for them.
        NoMatchingMessages: none of them failed, or all would come too late.
    """
    used_up = await month_used_up(db, selection.ward_id, now)
    where = resendable(selection, now, change_notices_only=used_up, perhaps_twice=perhaps_twice)
    changed = await _resend(db, where, by=by, now=now)
    if used_up and not changed and await _exist(db, resendable(selection, now, perhaps_twice=perhaps_twice)):
        raise BudgetUsedUp
    return await _record(db, selection, changed, "sent_again", by=by, now=now)


async def resolve(
    db: AsyncSession, selection: MessageSelection, resolution: Resolution, *, by: Actor, now: datetime
) -> ActionResult:
    """Note that somebody took care of messages that may not have arrived, and how.

    Raises:
        NoMatchingMessages: none of them is unresolved.
    """
    changed = await _change(
        db,
        applicable("resolve", selection, now),
        {"resolved_at": now, "resolved_by": by.user_id, "resolution": resolution},
    )
    return await _record(db, selection, changed, resolution, by=by, now=now)


async def reopen(db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime) -> ActionResult:
    """Undo `resolve`. What was sent again stays resolved: the second message is in the ledger.

    Raises:
        NoMatchingMessages: none of them was resolved.
    """
    changed = await _change(
        db,
        applicable("reopen", selection, now),
        {"resolved_at": None, "resolved_by": None, "resolution": ""},
    )
    return await _record(db, selection, changed, "reopened", by=by, now=now)


async def preview_resend(
    db: AsyncSession, action: MessageAction, selection: MessageSelection, *, by: Actor, now: datetime
) -> list[int]:
    """Ids of the messages that `send_again` or `put_back` would plan once more; nothing is stored.

    Applied inside a savepoint that is rolled back, so that the preview follows the rules of the action.
    """
    where = applicable(action, selection, now)
    if action == "send_again":
        used_up = await month_used_up(db, selection.ward_id, now)
        where = resendable(selection, now, change_notices_only=used_up)
    savepoint = await db.begin_nested()
    try:
        return await plan_resends(db, where, by=by, now=now)
    finally:
        await savepoint.rollback()


async def _exist(db: AsyncSession, where: Collection[ColumnElement[bool]]) -> bool:
    return bool(await db.scalar(select(select(Message.id).where(*where).exists())))


async def _resend(
    db: AsyncSession, where: Collection[ColumnElement[bool]], *, by: Actor, now: datetime
) -> list[_Changed]:
    ids = await plan_resends(db, where, by=by, now=now)
    rows = await db.execute(select(Message.id, Message.state).where(Message.id.in_(ids)))
    return [(message_id, state) for message_id, state in rows]


async def _change(
    db: AsyncSession, where: Collection[ColumnElement[bool]], values: dict[str, Any]
) -> list[_Changed]:
    """Lock the messages of `where` in id order, the order of all writers, and change them."""
    ids = (await db.scalars(select(Message.id).where(*where).order_by(Message.id).with_for_update())).all()
    if not ids:
        return []
    rows = await db.execute(
        update(Message)
        .where(Message.id.in_(ids))
        .values(values)
        .returning(Message.id, Message.state)
        .execution_options(synchronize_session=False)
    )
    return [(message_id, state) for message_id, state in rows]


async def _record(
    db: AsyncSession,
    selection: MessageSelection,
    changed: Sequence[_Changed],
    what: str,
    *,
    by: Actor,
    now: datetime,
) -> ActionResult:
    """Write the action into the delivery events and the audit trail.

    Raises:
        NoMatchingMessages: nothing was changed.
    """
    already_sent = await db.scalar(
        select(func.count()).select_from(Message).where(*selection.where, Message.state.in_(_ALREADY_SENT))
    )
    if not changed:
        raise NoMatchingMessages(already_sent=bool(already_sent))
    await db.execute(
        insert(DeliveryEvent),
        [
            {"message_id": message_id, "at": now, "state": state, "detail": {"did": what, "by": by.user_id}}
            for message_id, state in changed
        ],
    )
    subject = (
        audit.Subject("message", selection.message_id, selection.ward_id)
        if selection.message_id is not None
        else audit.Subject("class_session", selection.session_id, selection.ward_id)
    )
    facts: dict[str, object] = {"texts": len(changed)}
    if selection.purpose:
        facts["purpose"] = selection.purpose
    audit.note(db, subject, f"messages.{what}", by=by, now=now, **facts)
    return ActionResult(len(changed), already_sent or 0)
