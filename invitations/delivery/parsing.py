"""Parse a stored mail for the page of the test mailbox."""

import email
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail's parts; `files`: name and content, in order."""

    to: str
    subject: str
    text: str
    files: Sequence[tuple[str, bytes]]


def parse_mail(raw: bytes) -> ParsedMail:
    """Parse `raw` as `mime.compose` wrote it."""
    mail = email.message_from_bytes(raw)
    parts = [part for part in mail.walk() if not part.is_multipart()]
    text = next((_content(part).decode() for part in parts if part.get_content_type() == "text/plain"), "")
    files = [(name, _content(part)) for part in parts if (name := part.get_filename())]
    return ParsedMail(
        _decoded_header(mail["To"]), _decoded_header(mail["Subject"]), text.replace("\r\n", "\n"), files
    )


def _content(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _decoded_header(header: str) -> str:
    return str(make_header(decode_header(header)))
