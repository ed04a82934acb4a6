"""What staff do to texts by hand: hold back, let go, not send, send once more, note as taken care of.

Workers claim and send at the same time. Whoever locks a row first wins: a text on its way is left alone, and
the answer says how many were. None of these functions commits; each runs a fixed number of statements.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.errors import BudgetUsedUp, NoMatchingMessages
from notifications.models import DeliveryEvent, Message
from notifications.queries.spending import month_used_up
from notifications.rules.delivery_problems import UNWANTED
from notifications.rules.states import BY_STAFF, PROBLEM_STATES, SENT_STATES
from notifications.rules.topics import CHANGE_NOTICES
from notifications.service.ledger import notify_workers
from notifications.service.open_messages import OPEN_STATES
from notifications.service.resends import plan_resends, still_relevant

Resolution = Literal["called", "met", "not_needed"]

MessageAction = Literal["hold", "release", "withdraw", "put_back", "send_again", "resolve", "reopen"]

_LEFT = ("sending", *SENT_STATES, "undelivered")
_MOST_REPEATS = 9  # as the ledger's check has it

_Changed = tuple[int, str]
"""Id and present state of a text."""


@dataclass(frozen=True, slots=True)
class MessageSelection:
    """Which texts of a ward are meant: one, those of a session, or those of one purpose of a session.

    Attributes:
        at: only those that were held, withdrawn or resolved at this very instant: for taking that back.
    """

    ward_id: str
    message_id: int | None = None
    session_id: int | None = None
    purpose: str | None = None
    at: datetime | None = None

    @property
    def where(self) -> list[ColumnElement[bool]]:
        """The rows meant, `at` left out.

        Raises:
            ValueError: neither a text nor a session is named; a whole ward is never meant.
        """
        if self.message_id is None and self.session_id is None:
            raise ValueError("name a text or a session")
        found = [Message.ward_id == self.ward_id]
        if self.message_id is not None:
            found.append(Message.id == self.message_id)
        if self.session_id is not None:
            found.append(Message.session_id == self.session_id)
        if self.purpose is not None:
            found.append(Message.purpose == self.purpose)
        return found


@dataclass(frozen=True, slots=True)
class ActionResult:
    """How many texts were changed, and how many of those meant had already left."""

    changed: int
    already_sent: int = 0


def applicable(
    action: MessageAction, selection: MessageSelection, now: datetime
) -> list[ColumnElement[bool]]:
    """The texts that `action` would change now, but for those it finds on their way."""
    unsettled = [Message.state.in_(PROBLEM_STATES), Message.resolved_at.is_(None)]
    missed = or_(Message.state != "suppressed", Message.due_at <= now)
    by_hand = [Message.state == "withdrawn", Message.state_reason == BY_STAFF, Message.resolved_at.is_(None)]
    wanted: Mapping[MessageAction, Sequence[ColumnElement[bool]]] = {
        "hold": [Message.state.in_(OPEN_STATES), Message.held_at.is_(None), Message.useless_after > now],
        "release": [Message.state == "planned", Message.held_at.is_not(None)],
        "withdraw": [Message.state.in_(OPEN_STATES)],
        "put_back": [*by_hand, *still_relevant(now)],
        "send_again": [
            *unsettled,
            Message.state_reason.not_in(UNWANTED),
            Message.repeat < _MOST_REPEATS,
            *still_relevant(now),
        ],
        # Of many, only those that people could have missed by now.
        "resolve": unsettled if selection.message_id else [*unsettled, missed],
        "reopen": [Message.resolved_at.is_not(None), Message.resolution != "sent_again"],
    }
    since = {"release": Message.held_at, "put_back": Message.finished_at, "reopen": Message.resolved_at}
    found = [*selection.where, *wanted[action]]
    if selection.at is not None and action in since:
        found.append(since[action] == selection.at)
    return found


async def hold(db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime) -> ActionResult:
    """Keep texts from going until they are released. One held already stays as it is.

    Raises:
        NothingToTend: none of them is still waiting to go.
    """
    changed = await _change(
        db,
        applicable("hold", selection, now),
        {"state": "planned", "lease_until": None, "held_at": now, "held_by": by.user_id},
    )
    return await _done(db, selection, changed, "held", by=by, now=now)


async def release(db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime) -> ActionResult:
    """Let held texts go, at their hour or now where that has passed.

    Raises:
        NothingToTend: none of them is held.
    """
    changed = await _change(db, applicable("release", selection, now), {"held_at": None, "held_by": None})
    if changed:
        await notify_workers(db)
    return await _done(db, selection, changed, "released", by=by, now=now)


async def withdraw(
    db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime
) -> ActionResult:
    """Have texts not sent at all. For this version of the session they are not planned again.

    Raises:
        NothingToTend: none of them is still waiting to go.
    """
    changed = await _change(
        db,
        applicable("withdraw", selection, now),
        {"state": "withdrawn", "state_reason": BY_STAFF, "lease_until": None, "finished_at": now},
    )
    return await _done(db, selection, changed, "withdrawn", by=by, now=now)


async def put_back(
    db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime
) -> ActionResult:
    """Plan anew what `withdraw` took out, where it is still of use.

    Raises:
        NothingToTend: nothing was taken out by hand, or it would come too late.
    """
    changed = await _resend(db, applicable("put_back", selection, now), by=by, now=now)
    return await _done(db, selection, changed, "put_back", by=by, now=now)


async def send_again(
    db: AsyncSession, selection: MessageSelection, *, perhaps_twice: bool = False, by: Actor, now: datetime
) -> ActionResult:
    """Plan once more what failed, where it is still of use; to the number its reader has now.

    Args:
        perhaps_twice: also texts of unknown outcome, which may arrive a second time: somebody said so.

    Raises:
        BudgetUsedUp: nothing is left in the ward's month for them.
        NothingToTend: none of them failed, or all would come too late.
    """
    used_up = await month_used_up(db, selection.ward_id, now)
    where = _failed(selection, now, news_alone=used_up, perhaps_twice=perhaps_twice)
    changed = await _resend(db, where, by=by, now=now)
    if used_up and not changed and await _any(db, _failed(selection, now, perhaps_twice=perhaps_twice)):
        raise BudgetUsedUp
    return await _done(db, selection, changed, "sent_again", by=by, now=now)


async def resolve(
    db: AsyncSession, selection: MessageSelection, resolution: Resolution, *, by: Actor, now: datetime
) -> ActionResult:
    """Note that somebody took care of texts that perhaps reached nobody, and how.

    Raises:
        NothingToTend: none of them waits for that.
    """
    changed = await _change(
        db,
        applicable("resolve", selection, now),
        {"resolved_at": now, "resolved_by": by.user_id, "resolution": resolution},
    )
    return await _done(db, selection, changed, resolution, by=by, now=now)


async def reopen(db: AsyncSession, selection: MessageSelection, *, by: Actor, now: datetime) -> ActionResult:
    """Take back `resolve`. What was sent again stays so: the second text is in the ledger.

    Raises:
        NothingToTend: none of them was taken care of.
    """
    changed = await _change(
        db, applicable("reopen", selection, now), {"resolved_at": None, "resolved_by": None, "resolution": ""}
    )
    return await _done(db, selection, changed, "reopened", by=by, now=now)


async def preview_resend(
    db: AsyncSession, action: MessageAction, selection: MessageSelection, *, by: Actor, now: datetime
) -> list[int]:
    """Ids of the texts that `send_again` or `put_back` would plan once more; nothing is kept.

    Done for a moment and undone, so that what a page shows beforehand is what will be done.
    """
    where = applicable(action, selection, now)
    if action == "send_again":
        where = _failed(selection, now, news_alone=await month_used_up(db, selection.ward_id, now))
    moment = await db.begin_nested()
    try:
        return await plan_resends(db, where, by=by, now=now)
    finally:
        await moment.rollback()


def _failed(
    selection: MessageSelection, now: datetime, *, news_alone: bool = False, perhaps_twice: bool = False
) -> list[ColumnElement[bool]]:
    where = applicable("send_again", selection, now)
    if not perhaps_twice:
        where.append(Message.state != "ambiguous")
    if news_alone:
        where.append(Message.purpose.in_(CHANGE_NOTICES))
    return where


async def _any(db: AsyncSession, where: Collection[ColumnElement[bool]]) -> bool:
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
    """Lock the texts of `where` in id order, like everybody, and change them."""
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


async def _done(
    db: AsyncSession,
    selection: MessageSelection,
    changed: Sequence[_Changed],
    what: str,
    *,
    by: Actor,
    now: datetime,
) -> ActionResult:
    """Write it into the texts' histories and the audit trail, or say why nothing was done."""
    left = await db.scalar(
        select(func.count()).select_from(Message).where(*selection.where, Message.state.in_(_LEFT))
    )
    if not changed:
        raise NoMatchingMessages(already_sent=bool(left))
    await db.execute(
        insert(DeliveryEvent),
        [
            {"message_id": message_id, "at": now, "state": state, "detail": {"did": what, "by": by.user_id}}
            for message_id, state in changed
        ],
    )
    one = selection.message_id is not None
    audit.record(
        db,
        by=by,
        now=now,
        action=f"messages.{what}",
        ward_id=selection.ward_id,
        subject="message" if one else "class_session",
        subject_id=selection.message_id if one else selection.session_id,
        facts={"texts": len(changed)} | ({"purpose": selection.purpose} if selection.purpose else {}),
    )
    return ActionResult(len(changed), left or 0)
