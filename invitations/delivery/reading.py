"""A mail of the test mailbox as a person sees it."""

import email
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail taken apart; `files` by name, in order."""

    to: str
    subject: str
    text: str
    files: Sequence[tuple[str, bytes]]


def read_mail(raw: bytes) -> ReadMail:
    """`raw` as the post composed it."""
    mail = email.message_from_bytes(raw)
    parts = [part for part in mail.walk() if not part.is_multipart()]
    text = next((_content(part).decode() for part in parts if part.get_content_type() == "text/plain"), "")
    files = [(name, _content(part)) for part in parts if (name := part.get_filename())]
    return ReadMail(_words(mail["To"]), _words(mail["Subject"]), text.replace("\r\n", "\n"), files)


def _content(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _words(header: str) -> str:
    return str(make_header(decode_header(header)))
