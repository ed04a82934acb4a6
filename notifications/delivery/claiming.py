"""Claim due texts under a lease: planned → claimed. The last check of a text, against what holds now.

Checked are the session, the recipients' consent, opt-outs and whether they are archived, the daily cap of
the number, the monthly budget of the ward and the quiet hours. A text that is held, or that a provider would
refuse, is skipped; once it is useless, `transitions.expire` ends it. Nothing is claimed while delivery is
paused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from json import dumps

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lopso.kernel import clock
from notifications.rules.topics import CHANGE_NOTICES, TOPIC_OF

_CLAIM = text("""
    WITH due AS (
        SELECT m.id, m.ward_id, m.to_phone, m.message_class, m.purpose, m.session_id, m.session_version,
               m.due_at, s.cancelled_at,
               policy.daily_cap, policy.monthly_budget,
               m.segments * coalesce(CAST(:segment_price AS numeric), 0) AS cost
        FROM message m
        JOIN message_template t ON t.id = m.template_id
        LEFT JOIN class_session s ON s.id = m.session_id
        LEFT JOIN LATERAL (
            -- What a ward has not changed is as the city has it.
            SELECT coalesce(min(quiet_until) FILTER (WHERE p.ward_id IS NOT NULL),
                            min(quiet_until)) AS quiet_until,
                   coalesce(min(quiet_from) FILTER (WHERE p.ward_id IS NOT NULL),
                            min(quiet_from)) AS quiet_from,
                   coalesce(min(daily_cap) FILTER (WHERE p.ward_id IS NOT NULL), min(daily_cap)) AS daily_cap,
                   coalesce(min(monthly_budget) FILTER (WHERE p.ward_id IS NOT NULL),
                            min(monthly_budget)) AS monthly_budget
            FROM reminder_policy p WHERE p.ward_id = m.ward_id OR p.ward_id IS NULL
        ) policy ON true
        WHERE m.state = 'planned' AND m.urgent = :urgent AND m.message_class = :message_class
          AND m.due_at <= :now AND m.useless_after > :now AND m.held_at IS NULL
          AND NOT EXISTS (SELECT FROM delivery_pause WHERE resumed_at IS NULL)
          AND (t.registered_id IS NOT NULL OR NOT :registered_only)
          AND CAST(:minute AS time) BETWEEN coalesce(policy.quiet_until, '07:00')
                                        AND coalesce(policy.quiet_from, '21:00')
        ORDER BY m.due_at, m.id
        LIMIT :most
        FOR UPDATE OF m SKIP LOCKED
    ), seen AS MATERIALIZED (
        SELECT due.*,
            CASE
                WHEN due.cancelled_at IS NOT NULL
                    AND due.purpose NOT IN ('session_cancelled', 'helper_cancelled', 'assignment_withdrawn')
                    THEN 'session_cancelled'
                WHEN EXISTS (
                    SELECT FROM message newer
                    WHERE newer.session_id = due.session_id AND newer.purpose = due.purpose
                      AND newer.to_phone = due.to_phone AND newer.session_version > due.session_version
                ) THEN 'superseded'
                WHEN readers.gone THEN 'gone'
                WHEN EXISTS (
                    SELECT FROM opt_out o
                    WHERE o.phone = due.to_phone AND o.ended_at IS NULL
                      AND (o.topic IS NULL OR o.topic = CAST(:topics AS jsonb) ->> due.purpose)
                ) THEN 'opted_out'
                WHEN due.message_class = 'service' AND readers.agreed IS NOT TRUE THEN 'no_consent'
                ELSE ''
            END AS objection
        FROM due
        -- Aggregates, for an EXISTS may be answered by reading all readers of all texts once.
        LEFT JOIN LATERAL (
            SELECT bool_and(l.archived_at IS NOT NULL OR h.left_at IS NOT NULL) AS gone,
                   bool_or(l.archived_at IS NULL AND h.left_at IS NULL AND consents.refused IS NOT TRUE)
                       AS agreed
            FROM message_recipient r
            LEFT JOIN learner l ON l.id = r.learner_id
            LEFT JOIN trainer h ON h.id = r.trainer_id
            LEFT JOIN LATERAL (
                SELECT bool_and(c.withdrawn_at IS NOT NULL) AS refused
                FROM consent c
                WHERE c.learner_id = r.learner_id AND c.purpose = 'sms' AND c.voided_at IS NULL
            ) consents ON true
            WHERE r.message_id = due.id
        ) readers ON true
    ), capped AS (
        -- The day's count of a number: what went, what is on its way in whatever queue, what may have gone.
        SELECT seen.*,
            CASE
                WHEN seen.objection = '' AND seen.message_class = 'service'
                    AND seen.purpose <> ALL (CAST(:news AS text[])) AND (
                        SELECT count(*) FROM message today
                        WHERE today.to_phone = seen.to_phone AND today.message_class = 'service' AND (
                            today.sent_at >= :midnight OR today.state IN ('claimed', 'sending')
                            OR (today.state = 'ambiguous' AND today.tried_at >= :midnight)
                        )
                    ) + row_number() OVER (
                        PARTITION BY seen.to_phone, seen.objection ORDER BY seen.due_at, seen.id
                    ) > coalesce(seen.daily_cap, 6)
                    THEN 'daily_cap'
                ELSE seen.objection
            END AS last_objection
        FROM seen
    ), spent AS (
        -- This month's money by ward, with what is on its way; not even looked at where nobody has a budget.
        SELECT ward_id, sum(price) AS price FROM (
            SELECT ward_id, price FROM ward_month WHERE month = :month
            UNION ALL
            SELECT ward_id, segments * CAST(:segment_price AS numeric) FROM message
            WHERE state IN ('claimed', 'sending')
            UNION ALL
            SELECT ward_id, segments * CAST(:segment_price AS numeric) FROM message
            WHERE state = 'ambiguous' AND tried_at >= :month_begins
        ) each
        WHERE EXISTS (SELECT FROM reminder_policy WHERE monthly_budget IS NOT NULL)
        GROUP BY ward_id
    ), judged AS (
        SELECT capped.id,
            CASE
                WHEN capped.last_objection = '' AND capped.purpose <> ALL (CAST(:news AS text[]))
                    AND coalesce(spent.price, 0)
                        + sum(CASE capped.last_objection WHEN '' THEN capped.cost ELSE 0 END)
                        OVER (PARTITION BY capped.ward_id ORDER BY capped.due_at, capped.id)
                        > capped.monthly_budget
                    THEN 'budget'
                ELSE capped.last_objection
            END AS objection
        FROM capped LEFT JOIN spent ON spent.ward_id = capped.ward_id
    ), done AS (
        UPDATE message SET
            state = CASE
                WHEN judged.objection = '' THEN 'claimed'
                WHEN judged.objection IN ('session_cancelled', 'superseded', 'gone') THEN 'withdrawn'
                ELSE 'suppressed'
            END,
            state_reason = judged.objection,
            lease_until = CASE judged.objection WHEN '' THEN CAST(:lease_until AS timestamptz) END,
            finished_at = CASE WHEN judged.objection <> '' THEN CAST(:now AS timestamptz) END
        FROM judged WHERE message.id = judged.id
        RETURNING message.id, message.state, message.state_reason
    ), noted AS (
        INSERT INTO delivery_event (message_id, at, state, detail)
        SELECT id, :now, state, jsonb_build_object('why', state_reason) FROM done WHERE state <> 'claimed'
    )
    SELECT id, state FROM done
""")


# One claim at a time: two at once could both see room for one more text under a cap or a budget.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('lopso claim texts'))")

_ANYTHING_DUE = text("""
    SELECT EXISTS (
        SELECT FROM message WHERE state = 'planned' AND urgent = :urgent AND message_class = :message_class
        AND due_at <= :now AND useless_after > :now AND held_at IS NULL
    ) AND NOT EXISTS (SELECT FROM delivery_pause WHERE resumed_at IS NULL)
""")


@dataclass(frozen=True, slots=True)
class DueFilter:
    """Which of the due texts to claim.

    Attributes:
        most: the largest number of texts.
        registered_only: skip wordings without a registered id: the provider refuses them.
        segment_price: đồng per segment, checked against the ward's budget; None: no check.
    """

    urgent: bool
    message_class: str
    most: int
    registered_only: bool = False
    segment_price: int | None = None


async def claim(
    connection: AsyncConnection, due: DueFilter, *, lease: timedelta, now: datetime
) -> tuple[list[int], dict[str, int]]:
    """Claim due texts, the longest due first; two statements, in the caller's transaction.

    Returns:
        Ids to send, and the number of texts that ended instead, by state.
    """
    today = clock.local_day(now)
    month = today.replace(day=1)
    await connection.execute(_ALONE)
    rows = await connection.execute(
        _CLAIM,
        {
            "urgent": due.urgent,
            "message_class": due.message_class,
            "registered_only": due.registered_only,
            "segment_price": due.segment_price,
            "most": due.most,
            "now": now,
            "minute": clock.local(now).time().replace(second=0, microsecond=0),
            "midnight": clock.start_of_day(today),
            "month": month,
            "month_begins": clock.start_of_day(month),
            "topics": dumps(TOPIC_OF),
            "news": list(CHANGE_NOTICES),
            "lease_until": now + lease,
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


async def anything_due(connection: AsyncConnection, due: DueFilter, *, now: datetime) -> bool:
    """Whether any text is due that may be claimed; one statement."""
    wanted = {"urgent": due.urgent, "message_class": due.message_class, "now": now}
    return bool(await connection.scalar(_ANYTHING_DUE, wanted))
