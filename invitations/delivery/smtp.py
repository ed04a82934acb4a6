"""Mails through an SMTP server."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import aiosmtplib

from invitations.delivery.transport import (
    MailConnection,
    MailDeferred,
    MailRefused,
    MailUnavailable,
    MailUnsure,
    OutgoingMail,
)
from lopso.kernel.settings import SmtpSettings

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


class SmtpMailbox:
    """The server of the settings. `timeout` in seconds holds for each answer of the server."""

    name = "smtp"

    def __init__(self, settings: SmtpSettings, *, timeout: float) -> None:
        self._settings = settings
        self._timeout = timeout

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[MailConnection]:
        """Connected, encrypted and logged in as the settings say.

        Raises:
            MailUnavailable: "credentials", "tls", "unreachable", or the server's own code.
        """
        chosen = self._settings
        client = aiosmtplib.SMTP(
            hostname=chosen.host,
            port=chosen.port,
            username=chosen.user or None,
            password=chosen.password or None,
            use_tls=chosen.tls == "tls",
            start_tls=chosen.tls == "starttls",
            local_hostname=chosen.sender_domain,
            timeout=self._timeout,
        )
        try:
            await client.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailUnavailable(f"credentials {error.code}") from error
        except aiosmtplib.SMTPResponseException as error:
            raise MailUnavailable(_code(error.code, error.message)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            # No STARTTLS, a wrong certificate, or no AUTH where we have a password to give.
            spoken = isinstance(error, aiosmtplib.SMTPNotSupported) or "TLS" in str(error).upper()
            raise MailUnavailable("tls" if spoken else "unreachable") from error
        try:
            yield _Conversation(client, chosen.sender)
        finally:
            # What the server has taken it has taken, whatever happens at the good-bye.
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=2)
            client.close()


class _Conversation:
    def __init__(self, client: aiosmtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def send(self, mail: OutgoingMail) -> None:
        await self._address(mail)
        try:
            await self._client.data(mail.content)
        except aiosmtplib.SMTPResponseException as error:
            await self._start_over()
            raise _answer(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnsure("no_answer") from error

    async def _address(self, mail: OutgoingMail) -> None:
        """Sender and recipient; until the content goes nothing can have been taken."""
        try:
            await self._client.mail(self._sender)
        except aiosmtplib.SMTPResponseException as error:
            # Us the server refuses, not this mail.
            await self._start_over()
            raise MailUnavailable(_code(error.code, error.message)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnavailable("disconnected") from error
        try:
            await self._client.rcpt(mail.to_address)
        except aiosmtplib.SMTPResponseException as error:
            await self._start_over()
            raise _answer(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnavailable("disconnected") from error

    async def _start_over(self) -> None:
        # Where this fails, the next mail finds no connection.
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._client.rset()


def _answer(code: int, message: str) -> MailRefused | MailDeferred:
    # 421, "closing transmission channel", counts too: some servers say it of one recipient for ever. The next
    # mail finds the connection closed, and none of the others has been tried.
    kept = _code(code, message)
    return MailRefused(kept) if 500 <= code < 600 else MailDeferred(kept)


def _code(code: int, message: str) -> str:
    """ "550 5.1.1": the codes alone, for the rest of the sentence may hold an address."""
    enhanced = _ENHANCED.match(message)
    return f"{code} {enhanced[1]}" if enhanced else str(code)
