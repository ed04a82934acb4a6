"""Sends due mails to the mail server. A slow server delays no text message: mails have a queue of their own.

Unlike a text message, a mail whose outcome is unknown is sent again: its Message-ID, UIDs and SEQUENCEs are
the same in every attempt, so that mailboxes and calendars show it once.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from invitations.delivery import statements
from invitations.delivery.mime import MailSender, compose
from invitations.delivery.statements import MailAttempt, MailOutcome
from invitations.delivery.transport import (
    MailConnection,
    MailDeferred,
    MailOutcomeUnknown,
    MailRefused,
    MailTransport,
    MailUnavailable,
    OutgoingMail,
)
from lopso.kernel.clock import Clock

log = structlog.get_logger("lopso.mail")

_MAX_RETRY_DELAY = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class MailWorkerConfig:
    """Limits of one worker process.

    Attributes:
        connections: SMTP connections at a time; each claims `batch_size` mails at once.
        lease: how long a claim holds; no mail is begun whose replies could outlast it.
        reply_timeout: the longest wait for one reply of the server; a mail needs four replies.
        retry_delay: wait after the server could not be used, and after the first temporary refusal.
        max_attempts: attempts after which a mail counts as failed and is shown to staff.
    """

    connections: int = 2
    batch_size: int = 10
    lease: timedelta = timedelta(minutes=3)
    reply_timeout: timedelta = timedelta(seconds=20)
    retry_delay: timedelta = timedelta(minutes=1)
    max_attempts: int = 12


@dataclass
class MailDispatcher:
    """Delivers mails in one worker process. Without a transport mails only wait, and expire."""

    engine: AsyncEngine
    transport: MailTransport | None
    sender: MailSender
    clock: Clock
    config: MailWorkerConfig = field(default_factory=MailWorkerConfig)

    async def problem(self) -> str | None:
        """One sentence for the operator when the server cannot be used, else None; connects once."""
        if self.transport is None:
            return None
        try:
            async with self.transport.connection():
                return None
        except MailUnavailable as error:
            return (
                f"The mail server cannot be used ({_operator_message(error.code)}); mails wait, texts go on."
            )

    async def deliver_due(self) -> Counter[str]:
        """Reclaim expired leases, then send everything that is due; the number of mails by state.

        Ends early when the server cannot be used: the remaining mails stay planned.
        """
        tally: Counter[str] = Counter()
        now = self.clock()
        async with self.engine.begin() as connection:
            if reclaimed := await statements.reclaim_expired(
                connection, max_attempts=self.config.max_attempts, now=now
            ):
                log.warning("worker lost", mails=reclaimed)
            tally["expired"] += await statements.expire(connection, now=now)
        if self.transport is not None:
            await asyncio.gather(
                *(self._run_connection(self.transport, tally) for _ in range(self.config.connections))
            )
        tally = +tally
        if tally:
            log.info("mails delivered", **tally)
        return tally

    async def _run_connection(self, transport: MailTransport, tally: Counter[str]) -> None:
        while True:
            now = self.clock()
            # No mail is begun unless its four replies fit into the lease.
            last_start = (
                time.monotonic() + (self.config.lease - 5 * self.config.reply_timeout).total_seconds()
            )
            async with self.engine.begin() as connection:
                waiting = await statements.claim(
                    connection, limit=self.config.batch_size, lease_until=now + self.config.lease, now=now
                )
            if not waiting:
                return
            try:
                async with transport.connection() as mail_connection:
                    while waiting and time.monotonic() < last_start:
                        state = await self._deliver(mail_connection, waiting.pop(0), now + self.config.lease)
                        tally[state] += state != ""
                        if state == "unsure":
                            break  # the connection is lost
            except MailUnavailable as error:
                log.warning("mail server cannot be used", why=error.code)
                await self._release(waiting, self.config.retry_delay, error.code)
                return
            await self._release(waiting, timedelta(0), None)

    async def _release(self, mail_ids: Sequence[int], delay: timedelta, code: str | None) -> None:
        if mail_ids:
            async with self.engine.begin() as connection:
                await statements.release(connection, mail_ids, due_at=self.clock() + delay, code=code)

    async def _deliver(self, mail_connection: MailConnection, mail_id: int, lease_until: datetime) -> str:
        """Mark as sending, send, record the outcome. No database connection is held while the server replies.

        Raises:
            MailUnavailable: the server cannot be used; the mail is planned again.
        """
        now = self.clock()
        async with self.engine.begin() as connection:
            attempt = await statements.mark_sending(
                connection,
                mail_id,
                domain=self.sender.address.rpartition("@")[2],
                lease_until=lease_until,
                now=now,
            )
        if attempt is None:
            return ""
        try:
            content = compose(attempt.content, self.sender, message_id=attempt.message_id, now=now)
        except Exception:
            # A defect of ours; staff see the mail once all attempts failed.
            log.exception("mail could not be written", mail=mail_id)
            return await self._record(attempt, self._retry_or_fail(attempt, "fault"))
        try:
            await mail_connection.send(
                OutgoingMail(mail_id, attempt.message_id, attempt.content.address, content)
            )
        except MailUnavailable as error:
            await self._record(
                attempt,
                MailOutcome(
                    "planned", code=error.code, due_at=now + self.config.retry_delay, not_attempted=True
                ),
            )
            raise
        except MailRefused as error:
            return await self._record(attempt, MailOutcome("failed", "refused", error.code))
        except MailDeferred as error:
            return await self._record(attempt, self._retry_or_fail(attempt, error.code))
        except MailOutcomeUnknown as error:
            await self._record(attempt, self._retry_or_fail(attempt, error.code, uncertain=True))
            return "unsure"
        return await self._record(attempt, MailOutcome("sent"))

    def _retry_or_fail(self, attempt: MailAttempt, code: str, *, uncertain: bool = False) -> MailOutcome:
        if attempt.number >= self.config.max_attempts:
            return MailOutcome("failed", "given_up", code, uncertain=uncertain)
        wait = min(self.config.retry_delay * 2 ** (attempt.number - 1), _MAX_RETRY_DELAY)
        return MailOutcome("planned", "", code, self.clock() + wait, uncertain=uncertain)

    async def _record(self, attempt: MailAttempt, outcome: MailOutcome) -> str:
        async with self.engine.begin() as connection:
            await statements.record(connection, attempt, outcome, now=self.clock())
        return outcome.state


def _operator_message(code: str) -> str:
    word, _, rest = code.partition(" ")
    return {
        "credentials": f"it refuses LOPSO_SMTP_USER or LOPSO_SMTP_PASSWORD: {rest}",
        "tls": "no safe connection as LOPSO_SMTP_TLS asks for, or no log-in",
        "unreachable": "nobody answers at LOPSO_SMTP_HOST and LOPSO_SMTP_PORT",
    }.get(word, f"it answers {code}")
