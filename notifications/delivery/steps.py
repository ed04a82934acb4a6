"""The steps of delivery, one SQL statement each, safe for any number of workers.

claim         planned → claimed, under a lease; here a text is judged a last time
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

# The judgement is made from what holds at this moment: the session, the consents, the day's count, the hour.
_CLAIM = text("""
    WITH due AS (
        SELECT m.id, m.to_phone, m.message_class, m.purpose, m.session_id, m.session_version,
               m.useless_after, s.cancelled_at, policy.daily_cap
        FROM message m
        JOIN class_session s ON s.id = m.session_id
        LEFT JOIN LATERAL (
            SELECT quiet_until, quiet_from, daily_cap FROM reminder_policy p
            WHERE p.ward_id = m.ward_id OR p.ward_id IS NULL ORDER BY p.ward_id NULLS LAST LIMIT 1
        ) policy ON true
        WHERE m.state = 'planned' AND m.urgent = :urgent AND m.due_at <= :now
          AND (m.useless_after <= :now
               OR CAST(:minute AS time) BETWEEN coalesce(policy.quiet_until, '07:00')
                                            AND coalesce(policy.quiet_from, '21:00'))
        ORDER BY m.due_at, m.id
        LIMIT :most
        FOR UPDATE OF m SKIP LOCKED
    ), judged AS (
        SELECT due.id,
            CASE
                WHEN due.useless_after <= :now THEN 'too_late'
                WHEN due.cancelled_at IS NOT NULL
                    AND due.purpose NOT IN ('session_cancelled', 'helper_cancelled') THEN 'session_cancelled'
                WHEN EXISTS (
                    SELECT FROM message newer
                    WHERE newer.session_id = due.session_id AND newer.purpose = due.purpose
                      AND newer.to_phone = due.to_phone AND newer.session_version > due.session_version
                ) THEN 'superseded'
                WHEN due.message_class = 'service' AND NOT EXISTS (
                    SELECT FROM message_recipient r WHERE r.message_id = due.id AND (
                        r.learner_id IS NULL
                        OR NOT EXISTS (SELECT FROM consent c WHERE c.learner_id = r.learner_id
                                       AND c.purpose = 'sms' AND c.withdrawn_at IS NOT NULL)
                        OR EXISTS (SELECT FROM consent c WHERE c.learner_id = r.learner_id
                                   AND c.purpose = 'sms' AND c.withdrawn_at IS NULL)
                    )
                ) THEN 'no_consent'
                WHEN due.message_class = 'service' AND due.purpose <> 'session_cancelled' AND (
                    SELECT count(*) FROM message today
                    WHERE today.to_phone = due.to_phone AND today.sent_at >= :midnight
                ) + row_number() OVER (PARTITION BY due.to_phone ORDER BY due.id) > coalesce(due.daily_cap, 6)
                    THEN 'daily_cap'
                ELSE ''
            END AS objection
        FROM due
    )
    UPDATE message SET
        state = CASE judged.objection
            WHEN '' THEN 'claimed'
            WHEN 'too_late' THEN 'expired'
            WHEN 'session_cancelled' THEN 'withdrawn'
            WHEN 'superseded' THEN 'withdrawn'
            ELSE 'suppressed'
        END,
        state_reason = judged.objection,
        lease_until = CASE judged.objection WHEN '' THEN CAST(:lease_until AS timestamptz) END,
        finished_at = CASE WHEN judged.objection <> '' THEN CAST(:now AS timestamptz) END
    FROM judged WHERE message.id = judged.id
    RETURNING message.id, message.state
""")

_SET_OFF = text("""
    UPDATE message SET
        state = 'sending', attempts = message.attempts + 1, tried_at = :now, lease_until = :lease_until,
        provider = :provider
    FROM (
        SELECT id FROM message WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'claimed'
        FOR UPDATE SKIP LOCKED
    ) ours
    WHERE message.id = ours.id
    RETURNING message.id, message.attempts, message.reference, message.to_phone, message.body,
              message.useless_after, message.tried_at
""")

# An attempt that is not the latest any more has no say: `attempts` fences off whoever was too slow.
_RECORD = text("""
    WITH told AS (
        SELECT * FROM unnest(
            CAST(:ids AS bigint[]), CAST(:attempts AS smallint[]), CAST(:states AS text[]),
            CAST(:reasons AS text[]), CAST(:provider_ids AS text[]), CAST(:codes AS text[]),
            CAST(:due AS timestamptz[]), CAST(:details AS text[])
        ) AS t (id, attempts, state, reason, provider_id, code, due_at, detail)
    ), done AS (
        UPDATE message m SET
            state = CASE WHEN told.state = 'planned' AND told.due_at >= m.useless_after THEN 'expired'
                         ELSE told.state END,
            state_reason = CASE WHEN told.state = 'planned' AND told.due_at >= m.useless_after THEN 'too_late'
                                ELSE told.reason END,
            lease_until = NULL,
            provider_id = coalesce(told.provider_id, m.provider_id),
            error_code = told.code,
            due_at = CASE WHEN told.state = 'planned' AND told.due_at < m.useless_after
                          THEN told.due_at ELSE m.due_at END,
            sent_at = CASE WHEN told.state IN ('sent', 'delivered', 'undelivered')
                           THEN coalesce(m.sent_at, m.tried_at) ELSE m.sent_at END,
            price = CASE WHEN told.state IN ('sent', 'delivered', 'undelivered')
                         THEN m.segments * CAST(:segment_price AS numeric) ELSE m.price END,
            finished_at = CASE WHEN told.state IN ('delivered', 'undelivered', 'failed')
                               OR (told.state = 'planned' AND told.due_at >= m.useless_after)
                               THEN CAST(:now AS timestamptz) END
        FROM told
        WHERE m.id = told.id AND m.attempts = told.attempts AND m.state IN ('sending', 'ambiguous')
        RETURNING m.id, m.state, told.detail
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
    SELECT id, attempts, reference, to_phone, body, useless_after, tried_at FROM message
    WHERE state = 'ambiguous' AND tried_at <= :before ORDER BY tried_at, id LIMIT 1000
""")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one text; `number` counts the tries of this text, from 1."""

    id: int
    number: int
    tried_at: datetime
    text: OutgoingText


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


async def claim(
    connection: AsyncConnection, *, urgent: bool, most: int, lease_until: datetime, now: datetime
) -> tuple[list[int], dict[str, int]]:
    """Take up to `most` due texts.

    Returns:
        Ids of those to send, and how many were set aside, by state.
    """
    rows = await connection.execute(
        _CLAIM,
        {
            "urgent": urgent,
            "most": most,
            "now": now,
            "minute": clock.local(now).time().replace(second=0, microsecond=0),
            "midnight": clock.start_of_day(clock.local_day(now)),
            "lease_until": lease_until,
        },
    )
    claimed: list[int] = []
    aside: dict[str, int] = {}
    for message_id, state in rows:
        if state == "claimed":
            claimed.append(message_id)
        else:
            aside[state] = aside.get(state, 0) + 1
    return claimed, aside


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
    """Keep what became of these attempts, and a line in each text's history."""
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
            "details": [dumps(each.detail) for each in outcomes],
            "segment_price": segment_price,
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


async def unsettled(connection: AsyncConnection, *, before: datetime) -> list[Attempt]:
    """Attempts of unknown outcome that began before `before`, oldest first, at most a thousand."""
    return [_attempt(row) for row in await connection.execute(_UNSETTLED, {"before": before})]


def _attempt(row: Row[Any]) -> Attempt:
    going = OutgoingText(row.reference, row.to_phone, row.body, row.useless_after)
    return Attempt(row.id, row.attempts, row.tried_at, going)
