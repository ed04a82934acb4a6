"""Mails for tests, as rows."""

from datetime import timedelta
from email.message import EmailMessage
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from invitations.models import Mail, SandboxMail
from tests.factories import NOON
from trainers.models import Trainer

HOUR = timedelta(hours=1)
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\nEND:VCALENDAR\r\n"


async def add_mail(
    db: AsyncSession, helper: Trainer, *, state: str = "sent", purpose: str = "invitation"
) -> Mail:
    """A mail to a helper."""
    mail = Mail(
        ward_id=helper.ward_id,
        trainer_id=helper.id,
        to_address="an@example.org",
        purpose=purpose,
        reference=uuid4(),
        state=state,
        error_code="550 5.1.1" if state == "failed" else None,
        due_at=NOON,
        useless_after=NOON + HOUR,
        uncertain=purpose == "change",
        lease_until=NOON + HOUR if state in ("claimed", "sending") else None,
        created_at=NOON,
        sent_at=NOON if state == "sent" else None,
    )
    db.add(mail)
    await db.flush()
    return mail


def put_into_mailbox(db: AsyncSession, mail: Mail) -> None:
    """As the sandbox does when it is handed a mail; with one attachment."""
    content = EmailMessage()
    content["Subject"], content["From"], content["To"] = "Lời mời", "a@example.org", "an@example.org"
    content.set_content("Kính mời")
    content.add_attachment(CALENDAR, maintype="text", subtype="calendar", filename="buoi.ics")
    body = content.as_bytes()
    message_id = f"<{mail.reference}@example.org>"
    db.add(
        SandboxMail(message_id=message_id, mail_id=mail.id, to_address=mail.to_address, body=body, at=NOON)
    )
