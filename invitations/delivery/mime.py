"""A mail as a MIME message (RFC 5322, 6047): text for people, and one calendar part a session.

Programs act upon one appointment of a calendar part only (RFC 5546 allows one UID in it), so each has a part
of its own; the first is also an alternative of the text, where programs look for it.
"""

from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime
from email.charset import BASE64, Charset
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from invitations.delivery.content import Appointment, MailContent
from invitations.delivery.wording import body, description, subject
from invitations.service.calendar_text import public_place, public_title, without_phone_numbers
from lopso.kernel import clock, formatting, ical
from lopso.kernel.i18n import speak
from lopso.kernel.ical import Attendee, Organizer

# Base64 in headers too: nothing that a name contains can be read as header syntax.
_HEADERS = Charset("utf-8")
_HEADERS.header_encoding = BASE64

# Headers and lines are folded already; the generator must not fold them again.
_LINES = compat32.clone(linesep="\r\n", max_line_length=0)


@dataclass(frozen=True, slots=True)
class MailSender:
    """The From of mails; replies to mails and invitations go to `reply_to`."""

    name: str
    address: str
    reply_to: str
    public_url: str


def compose(content: MailContent, sender: MailSender, *, message_id: str, now: datetime) -> bytes:
    """The message, 7 bit, lines ending in CRLF, in the recipient's language."""

    def write() -> bytes:
        speak(content.language)
        return _mail(_with_public_text(content), sender, message_id, now)

    return copy_context().run(write)


def _with_public_text(content: MailContent) -> MailContent:
    """`content` with typed text replaced by what calendars may show, for all parts of the mail."""
    return replace(
        content,
        appointments=[
            replace(
                each,
                title=public_title(each.kind, each.title),
                place=public_place(each.kind, each.place, ward=content.ward),
                reason=without_phone_numbers(each.reason),
            )
            for each in content.appointments
        ],
    )


def _mail(content: MailContent, sender: MailSender, message_id: str, now: datetime) -> bytes:
    method: ical.Method = "CANCEL" if content.is_cancellation else "REQUEST"
    invitations = [
        ical.calendar([_event(each, content, sender)], method=method) for each in content.appointments
    ]
    mail = MIMEMultipart("mixed", policy=compat32)
    mail["From"] = _address_header(sender.name, sender.address)
    mail["To"] = _address_header(content.name, content.address)
    if sender.reply_to != sender.address:
        mail["Reply-To"] = _address_header(content.ward, sender.reply_to)
    mail["Subject"] = _encoded_header(subject(content))
    mail["Date"] = format_datetime(clock.local(now))
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = content.language

    alternatives = MIMEMultipart("alternative", policy=compat32)
    alternatives.attach(MIMEText(body(content, sender.public_url).replace("\n", "\r\n"), "plain", "utf-8"))
    alternatives.attach(_calendar_part(invitations[0], method))
    mail.attach(alternatives)
    if len(invitations) == 1:
        mail.attach(_ics_attachment(invitations[0]))
    else:
        for name, invitation in zip(_file_names(content.appointments), invitations, strict=True):
            part = _calendar_part(invitation, method)
            part.set_param("name", name)
            part.add_header("Content-Disposition", "attachment", filename=name)
            mail.attach(part)
    return mail.as_bytes(policy=_LINES)


def _event(each: Appointment, content: MailContent, sender: MailSender) -> ical.IcsEvent:
    return ical.IcsEvent(
        uid=each.uid,
        sequence=each.sequence,
        stamp=each.stamp,
        starts_at=each.starts_at,
        ends_at=each.ends_at,
        summary=each.title,
        location=each.place,
        description=description(each, content),
        # A learner's mail has no link: learners are advised never to follow one.
        url={
            "trainer": f"{sender.public_url}/viec-cua-toi",
            "user": f"{sender.public_url}/buoi/{each.session_id}",
            "learner": "",
        }[content.kind],
        status="CANCELLED" if content.is_cancellation else "CONFIRMED",
        organizer=Organizer(content.ward, sender.reply_to),
        attendee=Attendee(
            content.name,
            content.address,
            "NON-PARTICIPANT" if content.kind == "user" else "REQ-PARTICIPANT",
            "ACCEPTED" if each.answered else "NEEDS-ACTION",
        ),
    )


def _calendar_part(content: bytes, method: ical.Method) -> MIMEText:
    part = MIMEText(content.decode(), "calendar", "utf-8")
    part.set_param("method", method)
    part.set_param("component", "VEVENT")
    return part


def _ics_attachment(content: bytes) -> MIMEBase:
    """The invitation again as a file, for programs that read only attachments."""
    part = MIMEText(content.decode(), "calendar", "utf-8")
    part.replace_header("Content-Type", 'application/ics; name="loi-moi.ics"')
    part.add_header("Content-Disposition", "attachment", filename="loi-moi.ics")
    return part


def _file_names(appointments: Sequence[Appointment]) -> list[str]:
    return [
        f"buoi-{place}-ngay-{formatting.day_and_hour_in_file_name(each.starts_at)}.ics"
        for place, each in enumerate(appointments, 1)
    ]


def _address_header(name: str, address: str) -> str:
    return f"{_encoded_header(name)}\n <{address}>"


def _encoded_header(words: str) -> str:
    one_line = " ".join(words.split())
    return Header(one_line, _HEADERS, maxlinelen=75, header_name="Reply-To").encode(linesep="\n")
