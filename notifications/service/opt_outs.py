"""Numbers that want no texts, and learners who took back their consent: it holds at once.

An opt-out belongs to a number, whoever of a family gave it and in whatever ward; a consent belongs to a
learner. What is planned and unwanted is suppressed in the same transaction. Who wants texts again gets those
that are still to come.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, exists, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from learners.models import Learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.models import TOPICS, Message, MessageRecipient, OptOut
from notifications.queries.opt_outs import active_opt_outs, upcoming_session_ids
from notifications.queries.recipients import consent_withdrawn
from notifications.queries.sessions import lock_sessions
from notifications.rules.topics import TOPIC_OF
from notifications.service.ledger import notify_workers
from notifications.service.open_messages import OPEN_STATES
from notifications.service.planning.notices import redraft_notices
from notifications.service.planning.phones import REPLANNABLE, replan_phone
from scheduling.models import ASSIGNMENT_ACTIVE


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
        ward_id: where it was told; None when no ward had a part in it.

    Returns:
        Whether it is new.
    """
    said = {each.topic for each in await active_opt_outs(db, phone)}
    if None in said or topic in said:
        return False
    row = insert(OptOut).values(
        phone=phone, topic=topic, how=how, ward_id=ward_id, since=now, noted_by=by.user_id
    )
    kept = await db.scalar(row.on_conflict_do_nothing().returning(OptOut.id))
    if kept is None:  # somebody else noted the same a moment ago
        return False
    unwanted = select(Message.id).where(Message.to_phone == phone, Message.purpose.in_(_purposes(topic)))
    suppressed = await _suppress(db, unwanted.scalar_subquery(), reason="opted_out", now=now)
    audit.record(
        db,
        by=by,
        now=now,
        action="opt_out.noted",
        ward_id=ward_id,
        subject="opt_out",
        subject_id=kept,
        facts={"topic": topic or "all", "how": how, "suppressed": suppressed},
    )
    return True


async def opt_in(db: AsyncSession, phone: str, topic: str | None, *, by: Actor, now: datetime) -> bool:
    """Send this number texts on `topic` again; None: on everything. Does not commit.

    Who wanted nothing at all and now wants one topic still refuses the others.

    Returns:
        Whether it refused them until now.
    """
    mine = [OptOut.phone == phone, OptOut.ended_at.is_(None)]
    if topic is not None:
        mine.append(or_(OptOut.topic == topic, OptOut.topic.is_(None)))
    ended = (
        await db.execute(
            update(OptOut)
            .where(*mine)
            .values(ended_at=now, ended_by=by.user_id)
            .returning(OptOut.id, OptOut.topic, OptOut.ward_id, OptOut.how, OptOut.noted_by)
        )
    ).all()
    if not ended:
        return False
    everything = next((each for each in ended if each.topic is None), None)
    if everything is not None and topic is not None:
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
    for each in ended:
        _note_end(db, each.id, each.ward_id, topic, by, now)
    await restore_messages(db, phone, _purposes(topic), reason="opted_out", by=by, now=now)
    return True


async def undo_opt_out(db: AsyncSession, phone: str, topic: str | None, *, by: Actor, now: datetime) -> bool:
    """Undo one refusal just noted by staff, and no other. Does not commit.

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
    audit.record(
        db,
        by=by,
        now=now,
        action="opt_out.ended",
        ward_id=ward_id,
        subject="opt_out",
        subject_id=opt_out_id,
        facts={"topic": topic or "all"},
    )


async def apply_consent_change(db: AsyncSession, learner_id: int, *, by: Actor, now: datetime) -> None:
    """Bring planned texts into line with a learner's consent as it is now. Does not commit.

    A text that others of the family read too goes on, without this learner's name.
    """
    learner = (
        await db.execute(
            select(Learner.phone, consent_withdrawn(Learner.id).label("refused")).where(
                Learner.id == learner_id
            )
        )
    ).one_or_none()
    if learner is None or learner.phone is None:
        return
    reader = aliased(MessageRecipient)
    on_the_books = exists().where(Learner.id == reader.learner_id, Learner.archived_at.is_(None))
    willing = exists().where(
        reader.message_id == Message.id,
        or_(reader.learner_id.is_(None), ~consent_withdrawn(reader.learner_id) & on_the_books),
    )
    unwanted = (
        select(Message.id)
        .join(MessageRecipient, MessageRecipient.message_id == Message.id)
        .where(MessageRecipient.learner_id == learner_id, Message.message_class == "service", ~willing)
    )
    await _suppress(db, unwanted.scalar_subquery(), reason="no_consent", now=now)
    await redraft_notices(db, learner.phone, by=by, now=now)
    news = () if learner.refused else tuple(TOPIC_OF)
    await restore_messages(db, learner.phone, news, reason="no_consent", by=by, now=now)


def _purposes(topic: str | None) -> tuple[str, ...]:
    return tuple(purpose for purpose, its in TOPIC_OF.items() if topic in (None, its))


async def _suppress(db: AsyncSession, unwanted: ScalarSelect[Any], *, reason: str, now: datetime) -> int:
    """Set aside the open texts among those `unwanted`, locked in id order as plans lock them; how many."""
    done = await db.execute(
        update(Message)
        .where(
            Message.id.in_(
                select(Message.id)
                .where(Message.state.in_(OPEN_STATES), Message.id.in_(unwanted))
                .order_by(Message.id)
                .with_for_update()
            )
        )
        .values(state="suppressed", state_reason=reason, lease_until=None, finished_at=now)
        .execution_options(synchronize_session=False)
        .returning(Message.id)
    )
    return len(done.all())


# News cannot be told anew from the calendar, which knows only how things stand now: what was set aside goes
# again, unless the session changed once more, its reader has left it or has another number now, or the same
# text has its place.
_NEWS_AGAIN = text("""
    WITH again AS (
        INSERT INTO message (
            ward_id, session_id, session_version, about, repeat, purpose, message_class, to_phone,
            template_id, body, body_accented, encoding, segments, due_at, useless_after, urgent, moved_from,
            reference, created_at
        )
        SELECT m.ward_id, m.session_id, m.session_version, m.about, m.repeat, m.purpose, m.message_class,
               m.to_phone, m.template_id, m.body, m.body_accented, m.encoding, m.segments,
               greatest(m.due_at, :now), m.useless_after, m.urgent, m.moved_from, gen_random_uuid(), :now
        FROM message m LEFT JOIN class_session s ON s.id = m.session_id
        WHERE m.to_phone = :phone AND m.state IN ('suppressed', 'withdrawn') AND m.state_reason = :reason
          AND m.useless_after > :now AND m.purpose = ANY(:purposes) AND m.purpose <> ALL(:planned)
          AND (m.session_id IS NULL OR s.version = m.session_version)
          AND EXISTS (
              SELECT FROM message_recipient r
              LEFT JOIN learner l ON l.id = r.learner_id AND l.archived_at IS NULL
              LEFT JOIN trainer h ON h.id = r.trainer_id AND h.left_at IS NULL
              WHERE r.message_id = m.id AND :phone IN (l.phone, h.phone) AND (
                  m.session_id IS NULL
                  OR EXISTS (SELECT FROM enrolment e WHERE e.session_id = m.session_id
                             AND e.learner_id = r.learner_id AND e.state = 'enrolled')
                  OR EXISTS (SELECT FROM assignment a WHERE a.session_id = m.session_id
                             AND a.trainer_id = r.trainer_id AND a.state = ANY(:active))
              )
          )
        ORDER BY m.id DESC
        ON CONFLICT DO NOTHING
        RETURNING id, purpose, session_id, about, body, due_at
    ), readers AS (
        INSERT INTO message_recipient (message_id, learner_id, trainer_id)
        SELECT DISTINCT again.id, r.learner_id, r.trainer_id
        FROM again
        JOIN message m ON m.to_phone = :phone AND m.state IN ('suppressed', 'withdrawn')
            AND m.state_reason = :reason
            AND m.purpose = again.purpose AND m.body = again.body AND m.about = again.about
            AND m.session_id IS NOT DISTINCT FROM again.session_id
        JOIN message_recipient r ON r.message_id = m.id
    ), others AS (
        INSERT INTO message_also (message_id, session_id, session_version, moved_from)
        SELECT DISTINCT ON (again.id, o.session_id) again.id, o.session_id, o.session_version, o.moved_from
        FROM again
        JOIN message m ON m.to_phone = :phone AND m.state = 'suppressed' AND m.state_reason = :reason
            AND m.purpose = again.purpose AND m.body = again.body AND m.about = again.about
            AND m.session_id IS NOT DISTINCT FROM again.session_id
        JOIN message_also o ON o.message_id = m.id
        ORDER BY again.id, o.session_id, m.id DESC
    )
    SELECT min(due_at) FROM again
""")


async def restore_messages(
    db: AsyncSession, phone: str, purposes: Collection[str], *, reason: str, by: Actor, now: datetime
) -> None:
    """Plan what is still to come for a number, and its news of these purposes set aside for this reason."""
    session_ids = await upcoming_session_ids(db, phone, now)
    await lock_sessions(db, session_ids)  # locked before any text, as plans lock them
    first = await db.scalar(
        _NEWS_AGAIN,
        {
            "phone": phone,
            "reason": reason,
            "purposes": list(purposes),
            "planned": list(REPLANNABLE),
            "active": list(ASSIGNMENT_ACTIVE),
            "now": now,
        },
    )
    if first is not None and first <= now + timedelta(minutes=1):
        await notify_workers(db)
    # After the news: whom a text set aside asks to stand in is not asked a second time.
    await replan_phone(db, phone, session_ids, by=by, now=now)
