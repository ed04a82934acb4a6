"""The mail post: carries due mails to the server. Slow mail never delays texts: it has a queue of its own.

Unlike a text, a mail whose fate is unknown is handed over again. A mailbox and a calendar know it by its
Message-ID, UIDs and SEQUENCEs, which never change, and show one; a telephone would ring twice.
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
from invitations.delivery.composing import Office, compose
from invitations.delivery.statements import Attempt, Outcome
from invitations.delivery.transport import (
    Mailbox,
    MailConnection,
    MailDeferred,
    MailRefused,
    MailUnavailable,
    MailUnsure,
    OutgoingMail,
)
from lopso.kernel.clock import Clock

log = structlog.get_logger("lopso.mail")

_LONGEST_WAIT = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class MailPace:
    """How hard one worker works.

    Attributes:
        lanes: conversations with the server at a time; each claims `group` mails.
        lease: for how long a claimed mail is ours; no mail begins that might outlast it.
        answer_time: the longest that one answer of the server may take; a mail needs four.
        pause: how long mails wait where the server cannot be used, and after the first "later".
        tries: attempts after which a mail is given up and shown to staff.
    """

    lanes: int = 2
    group: int = 10
    lease: timedelta = timedelta(minutes=3)
    answer_time: timedelta = timedelta(seconds=20)
    pause: timedelta = timedelta(minutes=1)
    tries: int = 12


@dataclass
class MailPost:
    """One worker's mail post. Without a mailbox mails only wait, and expire."""

    engine: AsyncEngine
    mailbox: Mailbox | None
    office: Office
    clock: Clock
    pace: MailPace = field(default_factory=MailPace)

    async def problem(self) -> str | None:
        """One sentence for the operator when the server does not take us; asks it once."""
        if self.mailbox is None:
            return None
        try:
            async with self.mailbox.connection():
                return None
        except MailUnavailable as error:
            return f"The mail server cannot be used ({_sentence(error.code)}); mails wait, texts go on."

    async def deliver_due(self) -> Counter[str]:
        """Free what dead workers held, then send everything that is due; the numbers by state.

        Ends early when the server cannot be used: what is left stays planned.
        """
        tally: Counter[str] = Counter()
        now = self.clock()
        async with self.engine.begin() as connection:
            if lost := await statements.take_back(connection, tries=self.pace.tries, now=now):
                log.warning("worker lost", mails=lost)
            tally["expired"] += await statements.expire(connection, now=now)
        if self.mailbox is not None:
            await asyncio.gather(*(self._lane(self.mailbox, tally) for _ in range(self.pace.lanes)))
        tally = +tally
        if tally:
            log.info("mails delivered", **tally)
        return tally

    async def _lane(self, mailbox: Mailbox, tally: Counter[str]) -> None:
        while True:
            now = self.clock()
            # No mail begins unless its four answers can come within the lease.
            last_start = time.monotonic() + (self.pace.lease - 5 * self.pace.answer_time).total_seconds()
            async with self.engine.begin() as connection:
                waiting = await statements.claim(
                    connection, most=self.pace.group, lease_until=now + self.pace.lease, now=now
                )
            if not waiting:
                return
            try:
                async with mailbox.connection() as conversation:
                    while waiting and time.monotonic() < last_start:
                        state = await self._one(conversation, waiting.pop(0), now + self.pace.lease)
                        tally[state] += state != ""
                        if state == "unsure":
                            break  # that connection is gone
            except MailUnavailable as error:
                log.warning("mail server cannot be used", why=error.code)
                await self._give_back(waiting, self.pace.pause, error.code)
                return
            await self._give_back(waiting, timedelta(0), None)

    async def _give_back(self, mail_ids: Sequence[int], pause: timedelta, code: str | None) -> None:
        if mail_ids:
            async with self.engine.begin() as connection:
                await statements.give_back(connection, mail_ids, due_at=self.clock() + pause, code=code)

    async def _one(self, conversation: MailConnection, mail_id: int, lease_until: datetime) -> str:
        """Set off, hand over, record. No database connection is held while the server answers.

        Raises:
            MailUnavailable: the server cannot be used; the mail is planned again.
        """
        now = self.clock()
        async with self.engine.begin() as connection:
            attempt = await statements.set_off(
                connection,
                mail_id,
                domain=self.office.address.rpartition("@")[2],
                lease_until=lease_until,
                now=now,
            )
        if attempt is None:
            return ""
        try:
            content = compose(attempt.letter, self.office, message_id=attempt.message_id, now=now)
        except Exception:
            # A fault of ours; it is shown to staff when trying again does not help either.
            log.exception("mail could not be written", mail=mail_id)
            return await self._record(attempt, self._later(attempt, "fault"))
        try:
            await conversation.send(
                OutgoingMail(mail_id, attempt.message_id, attempt.letter.address, content)
            )
        except MailUnavailable as error:
            await self._record(
                attempt, Outcome("planned", code=error.code, due_at=now + self.pace.pause, untried=True)
            )
            raise
        except MailRefused as error:
            return await self._record(attempt, Outcome("failed", "refused", error.code))
        except MailDeferred as error:
            return await self._record(attempt, self._later(attempt, error.code))
        except MailUnsure as error:
            await self._record(attempt, self._later(attempt, error.code, unsure=True))
            return "unsure"
        return await self._record(attempt, Outcome("sent"))

    def _later(self, attempt: Attempt, code: str, *, unsure: bool = False) -> Outcome:
        if attempt.number >= self.pace.tries:
            return Outcome("failed", "given_up", code, unsure=unsure)
        wait = min(self.pace.pause * 2 ** (attempt.number - 1), _LONGEST_WAIT)
        return Outcome("planned", "", code, self.clock() + wait, unsure=unsure)

    async def _record(self, attempt: Attempt, outcome: Outcome) -> str:
        async with self.engine.begin() as connection:
            await statements.record(connection, attempt, outcome, now=self.clock())
        return outcome.state


def _sentence(code: str) -> str:
    word, _, rest = code.partition(" ")
    return {
        "credentials": f"it refuses LOPSO_SMTP_USER or LOPSO_SMTP_PASSWORD: {rest}",
        "tls": "no safe connection as LOPSO_SMTP_TLS asks for, or no log-in",
        "unreachable": "nobody answers at LOPSO_SMTP_HOST and LOPSO_SMTP_PORT",
    }.get(word, f"it answers {code}")
