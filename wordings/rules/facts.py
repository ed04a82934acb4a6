"""What messages are made of: their purpose, the session or skills they speak of, their recipients."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wordings.rules.addressing import Addressee

Purpose = Literal[
    "reminder_day_before",
    "reminder_same_day",
    "session_moved",
    "session_cancelled",
    "session_reopened",
    "enrolled",
    "waitlist_place",
    "sign_off_reached",
    "certificate_ready",
    "assignment_offered",
    "cover_wanted",
    "assignment_changed",
    "assignment_withdrawn",
    "helper_moved",
    "helper_cancelled",
    "helper_reopened",
]

REMINDERS: tuple[Purpose, ...] = ("reminder_day_before", "reminder_same_day")
SEATS: tuple[Purpose, ...] = ("enrolled", "waitlist_place")
OFFERS: tuple[Purpose, ...] = ("assignment_offered", "cover_wanted")


PersonKey = tuple[int | None, int | None]
"""Learner id or trainer id; the other is None."""


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What messages say about a session.

    Attributes:
        place: where to go, with the room; `venue` is the name of the venue or market.
        contact: the number to call as people read it, or the office where there is none.
        ward: the ward's name.
        closure_id: the closure that cancelled it.
    """

    id: int
    ward_id: str
    version: int
    kind: str
    title: str
    starts_at: datetime
    place: str
    venue: str
    contact: str
    ward: str
    cancelled: bool = False
    series_id: int | None = None
    closure_id: int | None = None


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """What messages say about a learner's skills, or about a certificate.

    Attributes:
        about: names the subject in the ledger, such as "certificate:17".
        day: an instant of the day that the message speaks of.
        ward: the ward's name; `contact` the number to call, as people read it.
        number: how many skills.
    """

    about: str
    ward_id: str
    ward: str
    contact: str
    day: datetime
    number: int = 0


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody reached on `phone` (E.164, mobile): a learner or a helper, never both.

    Attributes:
        role: a helper's role in the session; not compared, as it is no part of who they are.
    """

    phone: str
    person: Addressee
    learner_id: int | None = None
    trainer_id: int | None = None
    role: str = field(default="", compare=False)

    @property
    def key(self) -> PersonKey:
        """Learner id and trainer id."""
        return self.learner_id, self.trainer_id


@dataclass(frozen=True, slots=True)
class Wording:
    """The version of a wording that is in use; `body` with accents.

    `registered`: operators know it, so that a provider that sends nothing else sends it.
    """

    id: int
    code: str
    message_class: str
    body: str
    registered: bool = False


def by_phone(recipients: Iterable[Recipient]) -> list[tuple[Recipient, ...]]:
    """Recipients who share a phone together, in the order in which the phones first come."""
    phones: dict[str, list[Recipient]] = {}
    for recipient in recipients:
        phones.setdefault(recipient.phone, []).append(recipient)
    return [tuple(people) for people in phones.values()]
