"""The steps of delivery, one SQL statement each, safe for any number of workers.

claim         planned → claimed, under a lease (`judging`)
set_off       claimed → sending, in a transaction of its own, before the provider is called
record        sending or ambiguous → what the provider said of that very attempt
take_back     a lease ran out: claimed → planned, sending → ambiguous

Workers never wait for each other's rows: every step but `record` skips what is locked, and `record` only
touches rows that no other step changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json import dumps
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lopso.kernel import clock
from notifications.gateway import OutgoingText

_SET_OFF = text("""
    UPDATE message SET
        state = 'sending', attempts = message.attempts + 1, tried_at = :now, lease_until = :lease_until,
        provider = :provider
    FROM (
        SELECT m.id, t.registered_id, CASE WHEN t.registered_id IS NULL THEN '' ELSE t.body END AS wording
        FROM message m JOIN message_template t ON t.id = m.template_id
        WHERE m.id = ANY(CAST(:ids AS bigint[])) AND m.state = 'claimed'
        FOR UPDATE OF m SKIP LOCKED
    ) ours
    WHERE message.id = ours.id
    RETURNING message.id, message.attempts, message.provider, message.reference, message.to_phone,
              message.body, message.useless_after, message.message_class, ours.registered_id, ours.wording,
              message.tried_at
""")

# An attempt that is not the latest any more has no say: `attempts` fences off whoever was too slow.
# Texts, and wards, in order: two recordings at once would otherwise lock them crosswise.
_RECORD = text("""
    WITH told AS (
        SELECT * FROM unnest(
            CAST(:ids AS bigint[]), CAST(:attempts AS smallint[]), CAST(:states AS text[]),
            CAST(:reasons AS text[]), CAST(:provider_ids AS text[]), CAST(:codes AS text[]),
            CAST(:due AS timestamptz[]), CAST(:details AS text[])
        ) AS t (id, attempts, state, reason, provider_id, code, due_at, detail)
    ), ours AS (
        SELECT told.*, m.sent_at IS NULL AND told.state IN ('sent', 'delivered', 'undelivered') AS went,
               told.state = 'planned' AND told.due_at >= m.useless_after AS too_late,
               -- Somebody called meanwhile, or sent it again: what was never seen must not go as well.
               told.state = 'planned' AND m.resolution <> '' AS cared_for
        FROM told JOIN message m ON m.id = told.id AND m.attempts = told.attempts
        WHERE m.state IN ('sending', 'ambiguous')
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
    SELECT id, :now, state, CAST(detail AS jsonb) FROM done
""")

_TAKE_BACK_CLAIMED = text("""
    UPDATE message SET state = 'planned', lease_until = NULL
    WHERE id IN (
        SELECT id FROM message WHERE state = 'claimed' AND lease_until < :now
        ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED
    )
""")

_TAKE_BACK_SENDING = text("""
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

_UNSETTLED = text("""
    SELECT m.id, m.attempts, m.provider, m.reference, m.to_phone, m.body, m.useless_after, m.message_class,
           NULL AS registered_id, '' AS wording, m.tried_at,
           (SELECT count(*) FROM delivery_event e
            WHERE e.message_id = m.id AND e.detail ->> 'why' = 'never_seen') AS never_seen
    FROM message m
    WHERE m.state = 'ambiguous' AND m.provider = :provider AND m.tried_at <= :before AND m.tried_at > :since
    ORDER BY m.tried_at, m.id LIMIT 1000
""")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one text.

    Attributes:
        number: counts the tries of this text, from 1; each is recorded under its own.
        provider: the only one who can say what became of this try.
        never_seen: how often a provider, asked about an earlier try, had never seen the text.
    """

    id: int
    number: int
    provider: str
    tried_at: datetime
    text: OutgoingText
    never_seen: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt, to be recorded.

    Attributes:
        state: "planned" gives the text back, to go at `due_at` or to expire where that is too late.
        detail: codes only, kept in the history of the text.
    """

    attempt: Attempt
    state: str
    reason: str = ""
    provider_id: str | None = None
    error_code: str | None = None
    due_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict[str, Any])


async def set_off(
    connection: AsyncConnection, ids: Sequence[int], *, provider: str, lease_until: datetime, now: datetime
) -> list[Attempt]:
    """Note that these texts are about to be handed over; commit before doing so.

    Those that were changed or taken back since they were claimed are left out.
    """
    rows = await connection.execute(
        _SET_OFF, {"ids": list(ids), "provider": provider, "lease_until": lease_until, "now": now}
    )
    return [_attempt(row) for row in rows]


async def record(
    connection: AsyncConnection, outcomes: Sequence[Outcome], *, segment_price: int | None, now: datetime
) -> None:
    """Keep what became of these attempts: states, histories, the wards' months, numbers that want no texts.

    One statement.
    """
    if not outcomes:
        return
    await connection.execute(
        _RECORD,
        {
            "ids": [each.attempt.id for each in outcomes],
            "attempts": [each.attempt.number for each in outcomes],
            "states": [each.state for each in outcomes],
            "reasons": [each.reason for each in outcomes],
            "provider_ids": [each.provider_id for each in outcomes],
            "codes": [each.error_code for each in outcomes],
            "due": [each.due_at for each in outcomes],
            "details": [
                dumps({"provider": each.attempt.provider, "attempt": each.attempt.number, **each.detail})
                for each in outcomes
            ],
            "segment_price": segment_price,
            "month": clock.local_day(now).replace(day=1),
            "now": now,
        },
    )


async def take_back(connection: AsyncConnection, *, now: datetime) -> tuple[int, int]:
    """Free what dead or slow workers left behind.

    Returns:
        How many are planned again, and how many have an unknown outcome.
    """
    planned = await connection.execute(_TAKE_BACK_CLAIMED, {"now": now})
    ambiguous = await connection.execute(_TAKE_BACK_SENDING, {"now": now})
    return planned.rowcount, ambiguous.rowcount


async def unsettled(
    connection: AsyncConnection, provider: str, *, since: datetime, before: datetime
) -> list[Attempt]:
    """Attempts of unknown outcome at one provider, begun between these instants; the thousand oldest."""
    rows = await connection.execute(_UNSETTLED, {"provider": provider, "since": since, "before": before})
    return [_attempt(row, row.never_seen) for row in rows]


def _attempt(row: Row[Any], never_seen: int = 0) -> Attempt:
    going = OutgoingText(
        row.reference,
        row.to_phone,
        row.body,
        row.useless_after,
        row.message_class,
        row.registered_id,
        row.wording,
    )
    return Attempt(row.id, row.attempts, row.provider, row.tried_at, going, never_seen)
