"""State changes of a mail, safe for any number of workers.

expire           planned → expired: too late to be of use
claim            planned → claimed, under a lease
mark_sending     claimed → sending, committed before the call, with what the mail says
record           sending → the outcome of that attempt
release          claimed → planned: the server could not be used
reclaim_expired  the lease ran out: claimed → planned; sending → planned, perhaps sent already

A worker never waits for a row lock: planning holds its locks until its transaction ends, and a locked mail is
sent a moment later. Planning locks the invites too, so a mail never says what is being changed right now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from invitations.delivery.content import MailContent, read_content

LOCK_RETRY_DELAY = timedelta(seconds=2)

_EXPIRE = text("""
    UPDATE mail SET state = 'expired', state_reason = 'too_late', finished_at = :now
    WHERE id IN (SELECT id FROM mail WHERE state = 'planned' AND useless_after <= :now
                 ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)
""")

_CLAIM = text("""
    UPDATE mail SET state = 'claimed', lease_until = :lease_until
    WHERE id IN (SELECT id FROM mail WHERE state = 'planned' AND due_at <= :now AND useless_after > :now
                   AND NOT EXISTS (SELECT FROM delivery_pause WHERE resumed_at IS NULL)
                 ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id
""")

_LOCK_CLAIMED = text("SELECT id FROM mail WHERE id = :id AND state = 'claimed' FOR UPDATE SKIP LOCKED")

_LOCK_INVITES = text("""
    SELECT count(*) = (SELECT count(*) FROM mail_invite WHERE mail_id = :id) FROM (
        SELECT i.id FROM invite i JOIN mail_invite mi ON mi.invite_id = i.id
        WHERE mi.mail_id = :id ORDER BY i.id FOR SHARE OF i SKIP LOCKED
    ) locked
""")

_MARK_SENDING = text("""
    UPDATE mail SET state = 'sending', attempts = attempts + 1, lease_until = :lease_until, tried_at = :now,
        message_id = coalesce(message_id, '<' || reference || '@' || :domain || '>')
    WHERE id = :id
    RETURNING attempts, message_id
""")

# The invites of this attempt keep what it says of them; those it leaves out were not sent, unless an earlier
# attempt may have arrived.
_RECORD_SENT_INVITES = text("""
    UPDATE mail_invite mi SET sequence = sent.sequence, session_version = sent.version
    FROM unnest(CAST(:invite_ids AS bigint[]), CAST(:sequences AS bigint[]), CAST(:versions AS bigint[]))
        AS sent (invite_id, sequence, version)
    WHERE mi.mail_id = :id AND mi.invite_id = sent.invite_id
""")
_CLEAR_UNSENT_INVITES = text("""
    UPDATE mail_invite SET sequence = NULL, session_version = NULL
    WHERE mail_id = :id AND sequence IS NOT NULL AND invite_id <> ALL(:invite_ids)
      AND NOT (SELECT uncertain FROM mail WHERE id = :id)
""")

_WITHDRAW = text("""
    UPDATE mail SET state = 'withdrawn', state_reason = :reason, lease_until = NULL, finished_at = :now
    WHERE id = :id
""")

_RELEASE = text("""
    UPDATE mail SET state = 'planned', lease_until = NULL, due_at = :due_at,
        error_code = coalesce(:code, error_code)
    WHERE id = ANY(:ids) AND state = 'claimed'
""")

_RECORD = text("""
    UPDATE mail SET state = :state, state_reason = :reason, error_code = :code, lease_until = NULL,
        uncertain = uncertain OR :uncertain, attempts = attempts - CAST(:not_attempted AS integer),
        due_at = coalesce(:due_at, due_at),
        sent_at = CASE WHEN :state = 'sent' THEN CAST(:now AS timestamptz) END,
        finished_at = CASE WHEN :state <> 'planned' THEN CAST(:now AS timestamptz) END
    WHERE id = :id AND state = 'sending' AND attempts = :attempt
""")

_RECLAIM_EXPIRED = text("""
    WITH lost AS (
        SELECT id, state = 'sending' AS attempted,
               state = 'sending' AND attempts >= :max_attempts AS exhausted
        FROM mail
        WHERE state IN ('claimed', 'sending') AND lease_until < :now
        ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED
    )
    UPDATE mail SET
        uncertain = uncertain OR lost.attempted,
        state = CASE WHEN lost.exhausted THEN 'failed' ELSE 'planned' END,
        state_reason = CASE WHEN lost.exhausted THEN 'given_up' ELSE mail.state_reason END,
        finished_at = CASE WHEN lost.exhausted THEN CAST(:now AS timestamptz) END,
        lease_until = NULL
    FROM lost WHERE mail.id = lost.id
""")


@dataclass(frozen=True, slots=True)
class MailAttempt:
    """One attempt to send a mail; `number` counts them from 1."""

    mail_id: int
    number: int
    message_id: str
    content: MailContent


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """The outcome of an attempt.

    Attributes:
        state: "sent", "failed", or "planned" for another attempt at `due_at`.
        uncertain: the server may have accepted it.
        not_attempted: the server could not be used; this does not count as an attempt.
    """

    state: str
    reason: str = ""
    code: str | None = None
    due_at: datetime | None = None
    uncertain: bool = False
    not_attempted: bool = False


async def expire(connection: AsyncConnection, *, now: datetime) -> int:
    """Expire mails that would arrive after their last session; how many."""
    return (await connection.execute(_EXPIRE, {"now": now})).rowcount


async def claim(
    connection: AsyncConnection, *, limit: int, lease_until: datetime, now: datetime
) -> list[int]:
    """Claim up to `limit` due mails; their ids."""
    rows = await connection.execute(_CLAIM, {"limit": limit, "lease_until": lease_until, "now": now})
    return [row.id for row in rows]


async def mark_sending(
    connection: AsyncConnection, mail_id: int, *, domain: str, lease_until: datetime, now: datetime
) -> MailAttempt | None:
    """Mark a claimed mail as sending and store what it says; commit before sending.

    None when another worker has it by now, when it has nothing left to say (then it is withdrawn), or when
    its invites are being changed (then it is released for a moment).
    """
    if await connection.scalar(_LOCK_CLAIMED, {"id": mail_id}) is None:
        return None
    if not await connection.scalar(_LOCK_INVITES, {"id": mail_id}):
        await release(connection, [mail_id], due_at=now + LOCK_RETRY_DELAY, code=None)
        return None
    content = await read_content(connection, mail_id, now=now)
    if isinstance(content, str):
        await connection.execute(_WITHDRAW, {"id": mail_id, "reason": content, "now": now})
        return None
    invite_ids = [each.invite_id for each in content.appointments]
    await connection.execute(_CLEAR_UNSENT_INVITES, {"id": mail_id, "invite_ids": invite_ids})
    await connection.execute(
        _RECORD_SENT_INVITES,
        {
            "id": mail_id,
            "invite_ids": invite_ids,
            "sequences": [each.sequence for each in content.appointments],
            "versions": [each.session_version for each in content.appointments],
        },
    )
    row = (
        await connection.execute(
            _MARK_SENDING, {"id": mail_id, "domain": domain, "lease_until": lease_until, "now": now}
        )
    ).one()
    return MailAttempt(mail_id, row.attempts, row.message_id, content)


async def record(
    connection: AsyncConnection, attempt: MailAttempt, outcome: MailOutcome, *, now: datetime
) -> None:
    """Store the outcome of this attempt; nothing where a later attempt has begun."""
    await connection.execute(
        _RECORD,
        {
            "id": attempt.mail_id,
            "attempt": attempt.number,
            "state": outcome.state,
            "reason": outcome.reason,
            "code": outcome.code,
            "due_at": outcome.due_at,
            "uncertain": outcome.uncertain,
            "not_attempted": outcome.not_attempted,
            "now": now,
        },
    )


async def release(
    connection: AsyncConnection, mail_ids: Sequence[int], *, due_at: datetime, code: str | None
) -> None:
    """Release claimed mails that were not attempted; they are due again at `due_at`."""
    await connection.execute(_RELEASE, {"ids": list(mail_ids), "due_at": due_at, "code": code})


async def reclaim_expired(connection: AsyncConnection, *, max_attempts: int, now: datetime) -> int:
    """Reclaim mails whose lease ran out; how many. What may have been sent is sent again, unchanged."""
    return (await connection.execute(_RECLAIM_EXPIRED, {"max_attempts": max_attempts, "now": now})).rowcount
