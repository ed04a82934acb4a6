"""Drafts: messages as they should be in the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from notifications.rules.timing import Window
from wordings.rules.facts import PersonKey, Purpose, Recipient, Wording
from wordings.rules.rendering import RenderedText


class MessageKey(NamedTuple):
    """What makes a message one message, but for the version of its session.

    Attributes:
        subject: the id of a session, or what else the message is about.
        phone: E.164.
    """

    subject: int | str
    purpose: Purpose
    phone: str


class OtherSession(NamedTuple):
    """A further session that a message speaks of; `moved_from` in move notices, as in `Draft`."""

    session_id: int
    session_version: int
    moved_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it should be in the ledger: about a session, or about something else (`about`).

    Attributes:
        moved_from: in a move notice, the start its reader still expects.
        other_sessions: the further sessions, where one message covers several.
    """

    ward_id: str
    session_id: int | None
    session_version: int
    about: str
    purpose: Purpose
    phone: str
    wording: Wording
    text: RenderedText
    window: Window
    recipients: tuple[Recipient, ...]
    urgent: bool = False
    moved_from: datetime | None = None
    other_sessions: tuple[OtherSession, ...] = ()

    @property
    def key(self) -> MessageKey:
        """Subject, purpose and phone."""
        return MessageKey(self.about or self.session_id or 0, self.purpose, self.phone)

    @property
    def people(self) -> frozenset[PersonKey]:
        """Whom it names."""
        return frozenset(each.key for each in self.recipients)
