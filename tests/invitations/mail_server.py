"""A real mail server on loopback, by aiosmtpd: it keeps what it took, and stumbles when told to."""

import asyncio
import email
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from typing import Any, Literal

import icalendar
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from lopso.kernel.settings import SmtpSettings

Happening = Literal["accept", "accept_and_drop", "drop", "421", "451", "550", "554", "slow"]
"""What becomes of a mail: taken; taken, but the answer is lost; lost; answered so at the recipient (421,
with which the conversation ends; 451, 550) or after the content (554); taken, and answered late."""

USER, PASSWORD = "lopso", "sông Hương".encode().hex()


@dataclass
class MailServer:
    """Its script decides on each mail by recipient and number of the try, from 1."""

    script: Callable[[str, int], Happening] = lambda _to, _try: "accept"
    password: str = ""
    latency: float = 0.0
    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    tries: Counter[str] = field(default_factory=Counter[str])
    _decided: dict[str, Happening] = field(default_factory=dict[str, Happening])

    @property
    def settings(self) -> SmtpSettings:
        """For the mailbox under test."""
        return SmtpSettings(
            "127.0.0.1",
            self.port,
            "none",
            "lop-so@hue.example.vn",
            user=USER if self.password else "",
            password=self.password,
        )

    def mails(self, to: str | None = None) -> list[EmailMessage]:
        """What was taken, in order, as a mail program reads it."""
        return [
            email.message_from_bytes(content, policy=policy.default)
            for address, content in self.taken
            if to in (None, address)
        ]

    def shown(self) -> set[tuple[str, str]]:
        """What mailboxes show, by address: one mail of each Message-ID, however often it came."""
        return {(mail["To"].addresses[0].addr_spec, mail["Message-ID"]) for mail in self.mails()}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        self.tries[address] += 1
        happening = self._decided[address] = self.script(address, self.tries[address])
        if happening == "421":
            assert isinstance(server.transport, asyncio.Transport)
            asyncio.get_running_loop().call_later(0.05, server.transport.close)
            return "421 4.7.0 Try again later, closing connection"
        if happening == "451":
            return "451 4.7.1 Greylisted"
        if happening == "550":
            return f"550 5.1.1 <{address}>: no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        [address] = envelope.rcpt_tos
        happening = self._decided[address]
        await asyncio.sleep(self.latency)
        if happening == "554":
            return "554 5.7.1 Message refused"
        if happening in ("accept", "accept_and_drop", "slow"):
            assert isinstance(envelope.content, bytes)
            self.taken.append((address, envelope.content))
        if happening == "slow":
            await asyncio.sleep(3)
        if happening in ("accept_and_drop", "drop"):
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 2.0.0 Taken"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)


@asynccontextmanager
async def mail_server_running(server: MailServer) -> AsyncGenerator[MailServer]:
    """Listening on a free port of loopback."""

    def conversation() -> SMTP:
        return SMTP(
            server,
            hostname="mail.example.vn",
            authenticator=server.authenticate if server.password else None,
            auth_required=bool(server.password),
            auth_require_tls=False,
            enable_SMTPUTF8=False,
        )

    listening = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", server.port)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def invitations(mail: EmailMessage) -> list[Any]:
    """Every calendar in a mail, read strictly, in order; lines are checked on the way."""
    found: list[Any] = []
    for part in mail.walk():
        if part.get_content_type() in ("text/calendar", "application/ics"):
            raw = part.get_payload(decode=True)
            assert isinstance(raw, bytes)
            assert raw.endswith(b"END:VCALENDAR\r\n")
            assert b"\n" not in raw.replace(b"\r\n", b"")
            assert max(len(line) for line in raw.split(b"\r\n")) <= 75
            found.append(icalendar.Calendar.from_ical(raw, multiple=False))
    return found


def events(calendar: Any) -> list[Any]:
    """The appointments of a calendar."""
    return [part for part in calendar.walk() if part.name == "VEVENT"]


def said(server: MailServer, to: str) -> list[tuple[str, int]]:
    """Method and number of what an address was told, one after the other."""
    found: list[tuple[str, int]] = []
    for mail in server.mails(to):
        calendar = invitations(mail)[0]
        found.append((str(calendar["METHOD"]), events(calendar)[0]["SEQUENCE"]))
    return found


def words_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")
