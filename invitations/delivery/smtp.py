"""Mails through an SMTP server."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import aiosmtplib

from invitations.delivery.transport import (
    MailConnection,
    MailDeferred,
    MailOutcomeUnknown,
    MailRefused,
    MailUnavailable,
    OutgoingMail,
)
from lopso.kernel.settings import SmtpSettings

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


class SmtpTransport:
    """Sends to the server of the settings. `timeout`: seconds, for each reply of the server."""

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
            tls_failed = isinstance(error, aiosmtplib.SMTPNotSupported) or "TLS" in str(error).upper()
            raise MailUnavailable("tls" if tls_failed else "unreachable") from error
        try:
            yield _SmtpConnection(client, chosen.sender)
        finally:
            # Mails already accepted stay accepted, whatever happens at QUIT.
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=2)
            client.close()


class _SmtpConnection:
    def __init__(self, client: aiosmtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def send(self, mail: OutgoingMail) -> None:
        await self._open_envelope(mail)
        try:
            await self._client.data(mail.content)
        except aiosmtplib.SMTPResponseException as error:
            await self._reset()
            raise _refusal(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailOutcomeUnknown("no_answer") from error

    async def _open_envelope(self, mail: OutgoingMail) -> None:
        """Sender and recipient; before DATA nothing can have been accepted."""
        try:
            await self._client.mail(self._sender)
        except aiosmtplib.SMTPResponseException as error:
            # The server refuses us, not this mail.
            await self._reset()
            raise MailUnavailable(_code(error.code, error.message)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnavailable("disconnected") from error
        try:
            await self._client.rcpt(mail.to_address)
        except aiosmtplib.SMTPResponseException as error:
            await self._reset()
            raise _refusal(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnavailable("disconnected") from error

    async def _reset(self) -> None:
        # Where this fails, the next mail finds the connection closed.
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._client.rset()


def _refusal(code: int, message: str) -> MailRefused | MailDeferred:
    # 421, "closing transmission channel", counts as an attempt too: some servers always answer it to one
    # recipient. The next mail finds the connection closed, and no other mail was attempted.
    shown = _code(code, message)
    return MailRefused(shown) if 500 <= code < 600 else MailDeferred(shown)


def _code(code: int, message: str) -> str:
    """ "550 5.1.1": the codes alone, since the rest of the reply may contain an address."""
    enhanced = _ENHANCED.match(message)
    return f"{code} {enhanced[1]}" if enhanced else str(code)
