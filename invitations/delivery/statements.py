"""The steps of a mail, safe for any number of workers.

claim      planned → claimed, under a lease; what is of no more use expires
set_off    claimed → sending, in a transaction of its own, with what the mail says
record     sending → what became of that very attempt
give_back  claimed → planned: the server could not be used
take_back  a lease ran out: claimed → planned; sending → planned, perhaps sent already

A worker never waits for a row: plans hold theirs until their transaction ends, and what is locked goes a
moment later. Since plans lock the appointments, a mail never says what a plan is just changing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from invitations.delivery.letters import Letter, read_letter

A_MOMENT = timedelta(seconds=2)

_EXPIRE = text("""
    UPDATE mail SET state = 'expired', state_reason = 'too_late', finished_at = :now
    WHERE id IN (SELECT id FROM mail WHERE state = 'planned' AND useless_after <= :now
                 ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)
""")

_CLAIM = text("""
    UPDATE mail SET state = 'claimed', lease_until = :lease_until
    WHERE id IN (SELECT id FROM mail WHERE state = 'planned' AND due_at <= :now AND useless_after > :now
                 ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING id
""")

_OURS = text("SELECT id FROM mail WHERE id = :id AND state = 'claimed' FOR UPDATE SKIP LOCKED")

_HOLD = text("""
    SELECT count(*) = (SELECT count(*) FROM mail_invite WHERE mail_id = :id) FROM (
        SELECT i.id FROM invite i JOIN mail_invite mi ON mi.invite_id = i.id
        WHERE mi.mail_id = :id ORDER BY i.id FOR SHARE OF i SKIP LOCKED
    ) held
""")

_SET_OFF = text("""
    UPDATE mail SET state = 'sending', attempts = attempts + 1, lease_until = :lease_until, tried_at = :now,
        message_id = coalesce(message_id, '<' || reference || '@' || :domain || '>')
    WHERE id = :id
    RETURNING attempts, message_id
""")

# An appointment that is not in this attempt was not told by it; one of an attempt that may have arrived was.
_TELLS = text("""
    UPDATE mail_invite mi SET sequence = told.sequence, session_version = told.version
    FROM unnest(CAST(:told AS bigint[]), CAST(:sequences AS bigint[]), CAST(:versions AS bigint[]))
        AS told (invite_id, sequence, version)
    WHERE mi.mail_id = :id AND mi.invite_id = told.invite_id
""")
_TELLS_NOT = text("""
    UPDATE mail_invite SET sequence = NULL, session_version = NULL
    WHERE mail_id = :id AND sequence IS NOT NULL AND invite_id <> ALL(:told)
      AND NOT (SELECT uncertain FROM mail WHERE id = :id)
""")

_DROP = text("""
    UPDATE mail SET state = 'withdrawn', state_reason = :reason, lease_until = NULL, finished_at = :now
    WHERE id = :id
""")

_GIVE_BACK = text("""
    UPDATE mail SET state = 'planned', lease_until = NULL, due_at = :due_at,
        error_code = coalesce(:code, error_code)
    WHERE id = ANY(:ids) AND state = 'claimed'
""")

_RECORD = text("""
    UPDATE mail SET state = :state, state_reason = :reason, error_code = :code, lease_until = NULL,
        uncertain = uncertain OR :unsure, attempts = attempts - CAST(:untried AS integer),
        due_at = coalesce(:due_at, due_at),
        sent_at = CASE WHEN :state = 'sent' THEN CAST(:now AS timestamptz) END,
        finished_at = CASE WHEN :state <> 'planned' THEN CAST(:now AS timestamptz) END
    WHERE id = :id AND state = 'sending' AND attempts = :attempt
""")

_TAKE_BACK = text("""
    WITH lost AS (
        SELECT id, state = 'sending' AS tried, state = 'sending' AND attempts >= :max_attempts AS over
        FROM mail
        WHERE state IN ('claimed', 'sending') AND lease_until < :now
        ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED
    )
    UPDATE mail SET
        uncertain = uncertain OR lost.tried,
        state = CASE WHEN lost.over THEN 'failed' ELSE 'planned' END,
        state_reason = CASE WHEN lost.over THEN 'given_up' ELSE mail.state_reason END,
        finished_at = CASE WHEN lost.over THEN CAST(:now AS timestamptz) END,
        lease_until = NULL
    FROM lost WHERE mail.id = lost.id
""")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one mail; `number` counts the max_attempts, from 1."""

    mail_id: int
    number: int
    message_id: str
    letter: Letter


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt.

    Attributes:
        state: "sent", "failed", or "planned" to go again at `due_at`.
        unsure: it may have been taken.
        untried: the server refused us before it had heard of the mail: no attempt at all.
    """

    state: str
    reason: str = ""
    code: str | None = None
    due_at: datetime | None = None
    unsure: bool = False
    untried: bool = False


async def expire(connection: AsyncConnection, *, now: datetime) -> int:
    """Set aside what would come after its last session; how many."""
    return (await connection.execute(_EXPIRE, {"now": now})).rowcount


async def claim(connection: AsyncConnection, *, most: int, lease_until: datetime, now: datetime) -> list[int]:
    """Take up to `most` due mails."""
    rows = await connection.execute(_CLAIM, {"most": most, "lease_until": lease_until, "now": now})
    return [row.id for row in rows]


async def set_off(
    connection: AsyncConnection, mail_id: int, *, domain: str, lease_until: datetime, now: datetime
) -> Attempt | None:
    """Note that a claimed mail is about to be handed over, and what it tells; commit before doing so.

    None when it is somebody else's by now, has nothing left to say, or its appointments are being changed:
    then it goes a moment later.
    """
    if await connection.scalar(_OURS, {"id": mail_id}) is None:
        return None
    if not await connection.scalar(_HOLD, {"id": mail_id}):
        await give_back(connection, [mail_id], due_at=now + A_MOMENT, code=None)
        return None
    letter = await read_letter(connection, mail_id, now=now)
    if isinstance(letter, str):
        await connection.execute(_DROP, {"id": mail_id, "reason": letter, "now": now})
        return None
    told = [each.invite_id for each in letter.appointments]
    await connection.execute(_TELLS_NOT, {"id": mail_id, "told": told})
    await connection.execute(
        _TELLS,
        {
            "id": mail_id,
            "told": told,
            "sequences": [each.sequence for each in letter.appointments],
            "versions": [each.session_version for each in letter.appointments],
        },
    )
    row = (
        await connection.execute(
            _SET_OFF, {"id": mail_id, "domain": domain, "lease_until": lease_until, "now": now}
        )
    ).one()
    return Attempt(mail_id, row.attempts, row.message_id, letter)


async def record(connection: AsyncConnection, attempt: Attempt, outcome: Outcome, *, now: datetime) -> None:
    """Keep what became of this attempt; nothing where the mail has gone on meanwhile."""
    await connection.execute(
        _RECORD,
        {
            "id": attempt.mail_id,
            "attempt": attempt.number,
            "state": outcome.state,
            "reason": outcome.reason,
            "code": outcome.code,
            "due_at": outcome.due_at,
            "unsure": outcome.unsure,
            "untried": outcome.untried,
            "now": now,
        },
    )


async def give_back(
    connection: AsyncConnection, mail_ids: Sequence[int], *, due_at: datetime, code: str | None
) -> None:
    """Claimed mails that were not tried go again at `due_at`."""
    await connection.execute(_GIVE_BACK, {"ids": list(mail_ids), "due_at": due_at, "code": code})


async def take_back(connection: AsyncConnection, *, max_attempts: int, now: datetime) -> int:
    """Free what dead workers held; how many. What they may have sent goes again, the same in all it tells."""
    return (await connection.execute(_TAKE_BACK, {"max_attempts": max_attempts, "now": now})).rowcount
