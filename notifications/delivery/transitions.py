"""State transitions of a message in delivery, one SQL statement each, safe for any number of workers.

expire           planned → expired, when the text is useless
claim            planned → claimed, under a lease (`claiming`)
release          claimed → planned, when it cannot be sent within the lease
mark_sending     claimed → sending, in its own transaction, before the provider is called
record           sending or ambiguous → what the provider answered to that attempt
reclaim_expired  the lease expired: claimed → planned, sending → ambiguous

Workers never wait for each other's rows: every statement but `record` skips locked ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from json import dumps
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.protocol import OutgoingText
from lopso.kernel import clock

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

# Only the latest attempt counts: `attempts` is the fencing token against slow workers.
# Messages and wards are locked in order, or two recordings at once could deadlock.
_RECORD = text("""
    WITH told AS (
        SELECT * FROM jsonb_to_recordset(CAST(:told AS jsonb)) AS t (
            id bigint, attempts smallint, state text, reason text, provider_id text, code text,
            due_at timestamptz, detail jsonb
        )
    ), ours AS (
        SELECT told.*, m.sent_at IS NULL AND told.state IN ('sent', 'delivered', 'undelivered') AS went,
               told.state = 'planned' AND told.due_at >= m.useless_after AS too_late,
               -- Somebody called meanwhile, or sent it again: what was never seen must not go as well.
               told.state = 'planned' AND m.resolution <> '' AS cared_for
        FROM told JOIN message m ON m.id = told.id AND m.attempts = told.attempts
        -- A clear word about an attempt counts even when it was thought lost, as a report's would.
        WHERE m.state IN ('sending', 'ambiguous')
           OR m.state IN ('planned', 'claimed')
              AND told.state IN ('sent', 'delivered', 'undelivered', 'failed')
        ORDER BY m.id
        FOR UPDATE OF m
    ), done AS (
        UPDATE message m SET
            state = CASE WHEN ours.cared_for THEN 'failed' WHEN ours.too_late THEN 'expired'
                         ELSE ours.state END,
            state_reason = CASE WHEN ours.cared_for THEN 'given_up' WHEN ours.too_late THEN 'too_late'
                                ELSE ours.reason END,
            lease_until = NULL,
            provider_id = coalesce(ours.provider_id, m.provider_id),
            error_code = ours.code,
            -- When it was first due stays known: from then on it is late.
            first_due_at = CASE WHEN ours.state = 'planned' AND NOT ours.too_late AND NOT ours.cared_for
                                THEN coalesce(m.first_due_at, m.due_at) ELSE m.first_due_at END,
            due_at = CASE WHEN ours.state = 'planned' AND NOT ours.too_late AND NOT ours.cared_for
                          THEN ours.due_at ELSE m.due_at END,
            sent_at = CASE WHEN ours.went THEN m.tried_at ELSE m.sent_at END,
            price = CASE WHEN ours.went THEN m.segments * CAST(:segment_price AS numeric) ELSE m.price END,
            finished_at = CASE WHEN ours.too_late OR ours.cared_for
                                   OR ours.state IN ('delivered', 'undelivered', 'failed')
                               THEN CAST(:now AS timestamptz) END
        FROM ours
        WHERE m.id = ours.id
        RETURNING m.id, m.ward_id, m.to_phone, m.state, m.state_reason, m.segments, m.price, ours.went,
                  ours.detail
    ), paid AS (
        INSERT INTO ward_month (ward_id, month, texts, segments, price)
        SELECT ward_id, :month, count(*), sum(segments), coalesce(sum(price), 0) FROM done WHERE went
        GROUP BY ward_id ORDER BY ward_id
        ON CONFLICT (ward_id, month) DO UPDATE SET
            texts = ward_month.texts + excluded.texts, segments = ward_month.segments + excluded.segments,
            price = ward_month.price + excluded.price
    ), refused AS (
        INSERT INTO opt_out (phone, how, since)
        SELECT DISTINCT to_phone, 'provider', CAST(:now AS timestamptz) FROM done
        WHERE state_reason = 'opted_out'
        ORDER BY to_phone
        ON CONFLICT (phone, topic) WHERE ended_at IS NULL DO NOTHING
    )
    INSERT INTO delivery_event (message_id, at, state, detail)
    SELECT id, :now, state, detail FROM done
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


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """One attempt to send one text.

    Attributes:
        number: the attempt's number, from 1; each is recorded under its own.
        provider: the only one that knows the outcome of this attempt.
        never_seen: number of earlier attempts that the provider had never seen.
    """

    id: int
    number: int
    provider: str
    tried_at: datetime
    text: OutgoingText
    never_seen: int = 0


@dataclass(frozen=True, slots=True)
class ReconcileWindow:
    """Age limits of attempts to look up, and the pause between lookups of one attempt."""

    youngest: timedelta
    oldest: timedelta
    pause: timedelta


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """The outcome of an attempt, to be recorded.

    Attributes:
        state: "planned" releases the text, to be sent at `due_at` or to expire.
        detail: codes only, stored in the message's history.
    """

    attempt: SendAttempt
    state: str
    reason: str = ""
    provider_id: str | None = None
    error_code: str | None = None
    due_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict[str, Any])


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
    return [_attempt(row) for row in rows]


async def record(
    connection: AsyncConnection,
    outcomes: Sequence[SendOutcome],
    *,
    segment_price: int | None,
    now: datetime,
) -> int:
    """Record outcomes: states, history, wards' monthly cost, opt-outs. One statement; idempotent.

    Returns:
        How many still counted: an attempt followed by another one does not.
    """
    if not outcomes:
        return 0
    kept = await connection.execute(
        _RECORD,
        {
            "told": dumps([_as_json(each) for each in outcomes]),
            "segment_price": segment_price,
            "month": clock.local_day(now).replace(day=1),
            "now": now,
        },
    )
    return kept.rowcount


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
    return [_attempt(row, row.never_seen) for row in rows]


def _as_json(outcome: SendOutcome) -> dict[str, Any]:
    attempt = outcome.attempt
    return {
        "id": attempt.id,
        "attempts": attempt.number,
        "state": outcome.state,
        "reason": outcome.reason,
        "provider_id": outcome.provider_id,
        "code": outcome.error_code,
        "due_at": outcome.due_at.isoformat() if outcome.due_at else None,
        "detail": {"provider": attempt.provider, "attempt": attempt.number, **outcome.detail},
    }


def _attempt(row: Row[Any], never_seen: int = 0) -> SendAttempt:
    going = OutgoingText(
        row.reference,
        row.to_phone,
        row.body,
        row.useless_after,
        row.message_class,
        row.registered_id,
        row.wording,
    )
    return SendAttempt(row.id, row.attempts, row.provider, row.tried_at, going, never_seen)
