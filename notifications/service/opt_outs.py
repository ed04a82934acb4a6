"""Opt-outs of numbers: noted, ended, undone; they hold at once.

An opt-out belongs to a number, whoever of a family gave it and in whatever ward. What is open and unwanted is
suppressed in the same transaction; who opts in again gets the messages that are still to come.
"""

from datetime import datetime

from sqlalchemy import Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.models import TOPICS, Message, OptOut
from notifications.queries.opt_outs import active_opt_outs
from notifications.rules.topics import TOPIC_OF
from notifications.service.suppression import restore_messages, suppress


async def opt_out(
    db: AsyncSession,
    phone: str,
    topic: str | None,
    *,
    how: str,
    ward_id: str | None,
    by: Actor,
    now: datetime,
) -> bool:
    """Send this number nothing more on `topic`; None: nothing at all. Does not commit; four statements.

    Args:
        phone: E.164.
        how: who said it: "staff", the reader's own "page", a "reply" by text, the "provider".
        ward_id: where it was said; None when no ward had a part in it.

    Returns:
        Whether it is new.
    """
    known = {each.topic for each in await active_opt_outs(db, phone)}
    if None in known or topic in known:
        return False
    row = insert(OptOut).values(
        phone=phone, topic=topic, how=how, ward_id=ward_id, since=now, noted_by=by.user_id
    )
    opt_out_id = await db.scalar(row.on_conflict_do_nothing().returning(OptOut.id))
    if opt_out_id is None:  # somebody else noted the same a moment ago
        return False
    unwanted = select(Message.id).where(Message.to_phone == phone, Message.purpose.in_(_purposes(topic)))
    suppressed = await suppress(db, unwanted.scalar_subquery(), reason="opted_out", now=now)
    audit.note(
        db,
        audit.Subject("opt_out", opt_out_id, ward_id),
        "opt_out.noted",
        by=by,
        now=now,
        topic=topic or "all",
        how=how,
        suppressed=suppressed,
    )
    return True


async def opt_in(db: AsyncSession, phone: str, topic: str | None, *, by: Actor, now: datetime) -> bool:
    """Send this number texts on `topic` again; None: on everything. Does not commit.

    Who had opted out of everything and now wants one topic stays opted out of the others.

    Returns:
        Whether it was opted out.
    """
    concerned = [OptOut.phone == phone, OptOut.ended_at.is_(None)]
    if topic is not None:
        concerned.append(or_(OptOut.topic == topic, OptOut.topic.is_(None)))
    ended = (
        await db.execute(
            update(OptOut)
            .where(*concerned)
            .values(ended_at=now, ended_by=by.user_id)
            .returning(OptOut.id, OptOut.topic, OptOut.ward_id, OptOut.how, OptOut.noted_by)
        )
    ).all()
    if not ended:
        return False
    everything = next((each for each in ended if each.topic is None), None)
    if everything is not None and topic is not None:
        await _opt_out_of_the_rest(db, phone, topic, everything, now)
    for each in ended:
        _note_end(db, each.id, each.ward_id, topic, by, now)
    await restore_messages(db, phone, _purposes(topic), reason="opted_out", by=by, now=now)
    return True


async def _opt_out_of_the_rest(
    db: AsyncSession,
    phone: str,
    topic: str,
    everything: Row[int, str | None, str | None, str, int | None],
    now: datetime,
) -> None:
    """Opt out of all topics but one, as the ended opt-out of everything did."""
    rest = [
        {
            "phone": phone,
            "topic": each,
            "how": everything.how,
            "ward_id": everything.ward_id,
            "since": now,
            "noted_by": everything.noted_by,
        }
        for each in TOPICS
        if each != topic
    ]
    await db.execute(insert(OptOut).values(rest).on_conflict_do_nothing())


async def undo_opt_out(db: AsyncSession, phone: str, topic: str | None, *, by: Actor, now: datetime) -> bool:
    """End one opt-out noted by staff, and no other. Does not commit.

    Returns:
        Whether there was one.
    """
    ended = (
        await db.execute(
            update(OptOut)
            .where(
                OptOut.phone == phone,
                OptOut.topic.is_not_distinct_from(topic),
                OptOut.how == "staff",
                OptOut.ended_at.is_(None),
            )
            .values(ended_at=now, ended_by=by.user_id)
            .returning(OptOut.id, OptOut.ward_id)
        )
    ).one_or_none()
    if ended is None:
        return False
    _note_end(db, ended.id, ended.ward_id, topic, by, now)
    left = {each.topic for each in await active_opt_outs(db, phone)}
    wanted = [each for each in _purposes(topic) if None not in left and TOPIC_OF[each] not in left]
    await restore_messages(db, phone, wanted, reason="opted_out", by=by, now=now)
    return True


def _note_end(
    db: AsyncSession, opt_out_id: int, ward_id: str | None, topic: str | None, by: Actor, now: datetime
) -> None:
    subject = audit.Subject("opt_out", opt_out_id, ward_id)
    audit.note(db, subject, "opt_out.ended", by=by, now=now, topic=topic or "all")


def _purposes(topic: str | None) -> tuple[str, ...]:
    """The purposes of messages on `topic`; None: all."""
    return tuple(purpose for purpose, its in TOPIC_OF.items() if topic in (None, its))
