"""Mails about accounts, through the transport that mails of appointments use."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import uuid4

from accounts.delivery.reset_mails import AccountMail, MailNotSent
from invitations.delivery.mime import MailSender
from invitations.delivery.transport import MailError, MailRefused, MailTransport, OutgoingMail
from lopso.kernel import clock
from lopso.kernel.clock import Clock

_ASCII = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class TransportMailer:
    """Sends account mails by `transport`, as `sender`."""

    transport: MailTransport
    sender: MailSender
    clock: Clock

    async def send(self, mail: AccountMail) -> None:
        """Send one.

        Raises:
            MailNotSent: refused, or the server could not be used.
        """
        message_id = f"<{uuid4()}@{self.sender.address.rpartition('@')[2]}>"
        content = compose(mail, self.sender, message_id=message_id, now=self.clock())
        try:
            async with self.transport.connection() as connection:
                await connection.send(OutgoingMail(None, message_id, mail.address, content))
        except MailError as error:
            raise MailNotSent(final=isinstance(error, MailRefused)) from error


def compose(mail: AccountMail, sender: MailSender, *, message_id: str, now: datetime) -> bytes:
    """The message in plain text, 7 bit, lines ending in CRLF."""
    message = EmailMessage(_ASCII)
    message["From"] = _address(sender.name, sender.address)
    message["To"] = _address(mail.name, mail.address)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.local(now))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = mail.language
    message.set_content(mail.text, cte="base64")
    return message.as_bytes()


def _address(name: str, address: str) -> str:
    quoted = "".join(each for each in name if each.isprintable() and each not in '"\\')
    return f'"{quoted}" <{address}>'
