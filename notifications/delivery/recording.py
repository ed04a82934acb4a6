"""Record the outcomes of attempts: sending or ambiguous → what the provider answered to that attempt.

Waits for locked rows, unlike the other transitions: an outcome is never lost.
"""

from collections.abc import Sequence
from datetime import datetime
from json import dumps
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lopso.kernel import clock
from notifications.delivery.attempts import SendOutcome

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
