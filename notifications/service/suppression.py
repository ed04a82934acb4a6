"""Suppress open messages that are unwanted, and restore what was set aside when they are wanted again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from notifications.models import Message
from notifications.queries.opt_outs import upcoming_session_ids
from notifications.service.ledger import notify_workers
from notifications.service.open_messages import OPEN_STATES
from notifications.service.planning.phones import REPLANNABLE, replan_phone
from scheduling.models import ASSIGNMENT_ACTIVE
from wordings.queries.sessions import lock_sessions


async def suppress(db: AsyncSession, unwanted: ScalarSelect[Any], *, reason: str, now: datetime) -> int:
    """Suppress the open messages among those `unwanted` (a selection of ids); how many. Does not commit.

    They are locked in id order, as plans lock them.
    """
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


# Notices cannot be rebuilt from the calendar, which holds only the present state: what was set aside is
# copied, unless the session changed once more, its reader has left it or has another number now, or the same
# message is planned or was sent.
_RESTORE_NOTICES = text("""
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
    ), originals AS (
        SELECT again.id AS copy_id, m.id
        FROM again
        JOIN message m ON m.to_phone = :phone AND m.state IN ('suppressed', 'withdrawn')
            AND m.state_reason = :reason
            AND m.purpose = again.purpose AND m.body = again.body AND m.about = again.about
            AND m.session_id IS NOT DISTINCT FROM again.session_id
    ), readers AS (
        INSERT INTO message_recipient (message_id, learner_id, trainer_id)
        SELECT DISTINCT originals.copy_id, r.learner_id, r.trainer_id
        FROM originals JOIN message_recipient r ON r.message_id = originals.id
    ), others AS (
        INSERT INTO message_also (message_id, session_id, session_version, moved_from)
        SELECT DISTINCT ON (originals.copy_id, o.session_id)
               originals.copy_id, o.session_id, o.session_version, o.moved_from
        FROM originals JOIN message_also o ON o.message_id = originals.id
        ORDER BY originals.copy_id, o.session_id, originals.id DESC
    )
    SELECT min(due_at) FROM again
""")


async def restore_messages(
    db: AsyncSession, phone: str, purposes: Collection[str], *, reason: str, by: Actor, now: datetime
) -> None:
    """Plan what is still to come for a number, and restore its notices. Does not commit.

    Args:
        purposes: of the notices to restore.
        reason: why they were set aside (`state_reason`).
    """
    session_ids = await upcoming_session_ids(db, phone, now)
    await lock_sessions(db, session_ids)  # before any message: the order in which plans lock
    first = await db.scalar(
        _RESTORE_NOTICES,
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
    # After the notices: whom one of them asks to replace somebody gets no other offer.
    await replan_phone(db, phone, session_ids, by=by, now=now)
