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
from notifications.errors import BudgetUsedUp, NothingToTend
from notifications.models import DeliveryEvent, Message
from notifications.queries.spending import month_used_up
from notifications.rules.states import BY_STAFF, GONE, TROUBLE
from notifications.rules.topics import NEWS
from notifications.rules.troubles import UNWANTED
from notifications.service.ledger import OPEN, wake_workers
from notifications.service.repeats import of_use, plan_again

Resolution = Literal["called", "met", "not_needed"]

Verb = Literal["hold", "release", "withdraw", "put_back", "send_again", "resolve", "reopen"]

_LEFT = ("sending", *GONE, "undelivered")
_MOST_REPEATS = 9  # as the ledger's check has it

_Changed = tuple[int, str]
"""Id and present state of a text."""


@dataclass(frozen=True, slots=True)
class Texts:
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
class Tended:
    """How many texts were changed, and how many of those meant had already left."""

    done: int
    left: int = 0


def meant(verb: Verb, texts: Texts, now: datetime) -> list[ColumnElement[bool]]:
    """The texts that `verb` would change now, but for those it finds on their way."""
    unsettled = [Message.state.in_(TROUBLE), Message.resolved_at.is_(None)]
    missed = or_(Message.state != "suppressed", Message.due_at <= now)
    by_hand = [Message.state == "withdrawn", Message.state_reason == BY_STAFF, Message.resolved_at.is_(None)]
    wanted: Mapping[Verb, Sequence[ColumnElement[bool]]] = {
        "hold": [Message.state.in_(OPEN), Message.held_at.is_(None), Message.useless_after > now],
        "release": [Message.state == "planned", Message.held_at.is_not(None)],
        "withdraw": [Message.state.in_(OPEN)],
        "put_back": [*by_hand, *of_use(now)],
        "send_again": [
            *unsettled,
            Message.state_reason.not_in(UNWANTED),
            Message.repeat < _MOST_REPEATS,
            *of_use(now),
        ],
        # Of many, only those that people could have missed by now.
        "resolve": unsettled if texts.message_id else [*unsettled, missed],
        "reopen": [Message.resolved_at.is_not(None), Message.resolution != "sent_again"],
    }
    since = {"release": Message.held_at, "put_back": Message.finished_at, "reopen": Message.resolved_at}
    found = [*texts.where, *wanted[verb]]
    if texts.at is not None and verb in since:
        found.append(since[verb] == texts.at)
    return found


async def hold(db: AsyncSession, texts: Texts, *, by: Actor, now: datetime) -> Tended:
    """Keep texts from going until they are released. One held already stays as it is.

    Raises:
        NothingToTend: none of them is still waiting to go.
    """
    changed = await _change(
        db,
        meant("hold", texts, now),
        {"state": "planned", "lease_until": None, "held_at": now, "held_by": by.user_id},
    )
    return await _done(db, texts, changed, "held", by=by, now=now)


async def release(db: AsyncSession, texts: Texts, *, by: Actor, now: datetime) -> Tended:
    """Let held texts go, at their hour or now where that has passed.

    Raises:
        NothingToTend: none of them is held.
    """
    changed = await _change(db, meant("release", texts, now), {"held_at": None, "held_by": None})
    if changed:
        await wake_workers(db)
    return await _done(db, texts, changed, "released", by=by, now=now)


async def withdraw(db: AsyncSession, texts: Texts, *, by: Actor, now: datetime) -> Tended:
    """Have texts not sent at all. For this version of the session they are not planned again.

    Raises:
        NothingToTend: none of them is still waiting to go.
    """
    changed = await _change(
        db,
        meant("withdraw", texts, now),
        {"state": "withdrawn", "state_reason": BY_STAFF, "lease_until": None, "finished_at": now},
    )
    return await _done(db, texts, changed, "withdrawn", by=by, now=now)


async def put_back(db: AsyncSession, texts: Texts, *, by: Actor, now: datetime) -> Tended:
    """Plan anew what `withdraw` took out, where it is still of use.

    Raises:
        NothingToTend: nothing was taken out by hand, or it would come too late.
    """
    changed = await _plan_again(db, meant("put_back", texts, now), by=by, now=now)
    return await _done(db, texts, changed, "put_back", by=by, now=now)


async def send_again(
    db: AsyncSession, texts: Texts, *, perhaps_twice: bool = False, by: Actor, now: datetime
) -> Tended:
    """Plan once more what failed, where it is still of use; to the number its reader has now.

    Args:
        perhaps_twice: also texts of unknown outcome, which may arrive a second time: somebody said so.

    Raises:
        BudgetUsedUp: nothing is left in the ward's month for them.
        NothingToTend: none of them failed, or all would come too late.
    """
    used_up = await month_used_up(db, texts.ward_id, now)
    where = _failed(texts, now, news_alone=used_up, perhaps_twice=perhaps_twice)
    changed = await _plan_again(db, where, by=by, now=now)
    if used_up and not changed and await _any(db, _failed(texts, now, perhaps_twice=perhaps_twice)):
        raise BudgetUsedUp
    return await _done(db, texts, changed, "sent_again", by=by, now=now)


async def resolve(
    db: AsyncSession, texts: Texts, resolution: Resolution, *, by: Actor, now: datetime
) -> Tended:
    """Note that somebody took care of texts that perhaps reached nobody, and how.

    Raises:
        NothingToTend: none of them waits for that.
    """
    changed = await _change(
        db,
        meant("resolve", texts, now),
        {"resolved_at": now, "resolved_by": by.user_id, "resolution": resolution},
    )
    return await _done(db, texts, changed, resolution, by=by, now=now)


async def reopen(db: AsyncSession, texts: Texts, *, by: Actor, now: datetime) -> Tended:
    """Take back `resolve`. What was sent again stays so: the second text is in the ledger.

    Raises:
        NothingToTend: none of them was taken care of.
    """
    changed = await _change(
        db, meant("reopen", texts, now), {"resolved_at": None, "resolved_by": None, "resolution": ""}
    )
    return await _done(db, texts, changed, "reopened", by=by, now=now)


async def would_go_again(
    db: AsyncSession, verb: Verb, texts: Texts, *, by: Actor, now: datetime
) -> list[int]:
    """Ids of the texts that `send_again` or `put_back` would plan once more; nothing is kept.

    Done for a moment and undone, so that what a page shows beforehand is what will be done.
    """
    where = meant(verb, texts, now)
    if verb == "send_again":
        where = _failed(texts, now, news_alone=await month_used_up(db, texts.ward_id, now))
    moment = await db.begin_nested()
    try:
        return await plan_again(db, where, by=by, now=now)
    finally:
        await moment.rollback()


def _failed(
    texts: Texts, now: datetime, *, news_alone: bool = False, perhaps_twice: bool = False
) -> list[ColumnElement[bool]]:
    where = meant("send_again", texts, now)
    if not perhaps_twice:
        where.append(Message.state != "ambiguous")
    if news_alone:
        where.append(Message.purpose.in_(NEWS))
    return where


async def _any(db: AsyncSession, where: Collection[ColumnElement[bool]]) -> bool:
    return bool(await db.scalar(select(select(Message.id).where(*where).exists())))


async def _plan_again(
    db: AsyncSession, where: Collection[ColumnElement[bool]], *, by: Actor, now: datetime
) -> list[_Changed]:
    ids = await plan_again(db, where, by=by, now=now)
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
    db: AsyncSession, texts: Texts, changed: Sequence[_Changed], what: str, *, by: Actor, now: datetime
) -> Tended:
    """Write it into the texts' histories and the audit trail, or say why nothing was done."""
    left = await db.scalar(
        select(func.count()).select_from(Message).where(*texts.where, Message.state.in_(_LEFT))
    )
    if not changed:
        raise NothingToTend(left=bool(left))
    await db.execute(
        insert(DeliveryEvent),
        [
            {"message_id": message_id, "at": now, "state": state, "detail": {"did": what, "by": by.user_id}}
            for message_id, state in changed
        ],
    )
    one = texts.message_id is not None
    audit.record(
        db,
        by=by,
        now=now,
        action=f"messages.{what}",
        ward_id=texts.ward_id,
        subject="message" if one else "class_session",
        subject_id=texts.message_id if one else texts.session_id,
        facts={"texts": len(changed)} | ({"purpose": texts.purpose} if texts.purpose else {}),
    )
    return Tended(len(changed), left or 0)
