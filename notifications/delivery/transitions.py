"""State transitions of a message in delivery, one SQL statement each, safe for any number of workers.

expire           planned → expired, when the text is useless
claim            planned → claimed, under a lease (`claiming`)
release          claimed → planned, when it cannot be sent within the lease
mark_sending     claimed → sending, in its own transaction, before the provider is called
record           sending or ambiguous → what the provider answered to that attempt (`recording`)
reclaim_expired  the lease expired: claimed → planned, sending → ambiguous

Workers never wait for each other's rows: every statement but `record` skips locked ones.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifications.delivery.attempts import ReconcileWindow, SendAttempt, attempt_of

_EXPIRE = text("""
    WITH late AS (
        SELECT m.id, CASE
            WHEN m.held_at IS NOT NULL THEN 'held'
            WHEN t.registered_id IS NULL AND m.message_class = ANY(CAST(:registered_only AS text[]))
                THEN 'unregistered'
            ELSE 'too_late'
        END AS reason
        FROM message m JOIN message_template t ON t.id = m.template_id
        WHERE m.state = 'planned' AND m.useless_after <= :now
        ORDER BY m.useless_after, m.id LIMIT 10000 FOR UPDATE OF m SKIP LOCKED
    ), done AS (
        UPDATE message SET state = 'expired', state_reason = late.reason, finished_at = :now
        FROM late WHERE message.id = late.id
        RETURNING message.id, message.state_reason
    )
    INSERT INTO delivery_event (message_id, at, state, detail)
    SELECT id, :now, 'expired', jsonb_build_object('why', state_reason) FROM done
""")

_RELEASE = text("""
    UPDATE message SET state = 'planned', lease_until = NULL
    WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'claimed' AND lease_until = :lease_until
""")

_MARK_SENDING = text("""
    UPDATE message SET
        state = 'sending', attempts = message.attempts + 1, tried_at = :now, lease_until = :lease_until,
        provider = :provider
    FROM (
        SELECT m.id, t.registered_id, CASE WHEN t.registered_id IS NULL THEN '' ELSE t.body END AS wording
        FROM message m JOIN message_template t ON t.id = m.template_id
        WHERE m.id = ANY(CAST(:ids AS bigint[])) AND m.state = 'claimed'
          AND m.lease_until > :now AND m.useless_after > :now
          AND NOT EXISTS (SELECT FROM delivery_pause WHERE resumed_at IS NULL)
        FOR UPDATE OF m SKIP LOCKED
    ) ours
    WHERE message.id = ours.id
    RETURNING message.id, message.attempts, message.provider, message.reference, message.to_phone,
              message.body, message.useless_after, message.message_class, ours.registered_id, ours.wording,
              message.tried_at
""")


_RECLAIM_CLAIMED = text("""
    UPDATE message SET state = 'planned', lease_until = NULL
    WHERE id IN (
        SELECT id FROM message WHERE state = 'claimed' AND lease_until < :now
        ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED
    )
""")

_RECLAIM_SENDING = text("""
    WITH lost AS (
        UPDATE message SET state = 'ambiguous', state_reason = 'worker_lost', lease_until = NULL
        WHERE id IN (
            SELECT id FROM message WHERE state = 'sending' AND lease_until < :now
            ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED
        )
        RETURNING id
    )
    INSERT INTO delivery_event (message_id, at, state, detail)
    SELECT id, :now, 'ambiguous', '{"why": "worker_lost"}' FROM lost
""")

# `asked_at` reserves the message for one caller, and moves it to the end of the next run.
_UNKNOWN_OUTCOMES = text("""
    WITH m AS (
        UPDATE message SET asked_at = :now
        WHERE id IN (
            SELECT id FROM message
            WHERE state = 'ambiguous' AND provider = :provider AND tried_at <= :before AND tried_at > :since
              -- After a restore every provider of the route is asked, not only this one (`restoration`).
              AND NOT EXISTS (SELECT FROM delivery_pause WHERE resumed_at IS NULL AND reason = 'restored')
              AND (asked_at IS NULL OR asked_at <= :again OR asked_at < tried_at)
            ORDER BY asked_at NULLS FIRST, tried_at, id LIMIT :most FOR UPDATE SKIP LOCKED
        )
        RETURNING *
    )
    SELECT m.id, m.attempts, m.provider, m.reference, m.to_phone, m.body, m.useless_after, m.message_class,
           t.registered_id, CASE WHEN t.registered_id IS NULL THEN '' ELSE t.body END AS wording, m.tried_at,
           (SELECT count(*) FROM delivery_event e
            WHERE e.message_id = m.id AND e.detail ->> 'why' = 'never_seen') AS never_seen
    FROM m JOIN message_template t ON t.id = m.template_id ORDER BY m.tried_at, m.id
""")


async def expire(connection: AsyncConnection, *, registered_only: Sequence[str], now: datetime) -> int:
    """Expire texts that were not sent before they became useless; returns how many.

    Args:
        registered_only: message classes all of whose providers refuse wordings without a registered id.
    """
    done = await connection.execute(_EXPIRE, {"registered_only": list(registered_only), "now": now})
    return done.rowcount


async def release(connection: AsyncConnection, ids: Sequence[int], *, lease_until: datetime) -> None:
    """Return claimed texts to the queue; texts claimed by another worker are left alone."""
    await connection.execute(_RELEASE, {"ids": list(ids), "lease_until": lease_until})


async def mark_sending(
    connection: AsyncConnection, ids: Sequence[int], *, provider: str, lease_until: datetime, now: datetime
) -> list[SendAttempt]:
    """Mark these texts as sending; commit before calling the provider.

    Left out are texts changed or withdrawn since the claim, and those whose lease or use has expired.
    While delivery is paused it is none.
    """
    rows = await connection.execute(
        _MARK_SENDING, {"ids": list(ids), "provider": provider, "lease_until": lease_until, "now": now}
    )
    return [attempt_of(row) for row in rows]


async def reclaim_expired(connection: AsyncConnection, *, now: datetime) -> tuple[int, int]:
    """Reclaim texts whose lease has expired.

    Returns:
        How many are planned again, and how many have an unknown outcome.
    """
    planned = await connection.execute(_RECLAIM_CLAIMED, {"now": now})
    ambiguous = await connection.execute(_RECLAIM_SENDING, {"now": now})
    return planned.rowcount, ambiguous.rowcount


async def unknown_outcomes(
    connection: AsyncConnection, provider: str, ages: ReconcileWindow, *, most: int, now: datetime
) -> list[SendAttempt]:
    """Attempts of unknown outcome at one provider, reserved for the caller to look up."""
    rows = await connection.execute(
        _UNKNOWN_OUTCOMES,
        {
            "provider": provider,
            "since": now - ages.oldest,
            "before": now - ages.youngest,
            "again": now - ages.pause,
            "most": most,
            "now": now,
        },
    )
    return [attempt_of(row, row.never_seen) for row in rows]
