"""Drafts: messages as they should be in the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from notifications.rules.facts import Purpose, Recipient, Wording
from notifications.rules.timing import Window
from notifications.rules.wording import RenderedText


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
    def key(self) -> tuple[int | str, str, str]:
        """What makes it one message: subject, purpose, phone. (Its version is the session's.)"""
        return self.about or self.session_id or 0, self.purpose, self.phone
