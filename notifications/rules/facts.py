"""What texts are made of: what they are for, the session or the skills they speak of, who reads them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from notifications.rules.addressing import Addressee

Purpose = Literal[
    "reminder_day_before",
    "reminder_same_day",
    "session_moved",
    "session_cancelled",
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
]

REMINDERS: tuple[Purpose, ...] = ("reminder_day_before", "reminder_same_day")
SEATS: tuple[Purpose, ...] = ("enrolled", "waitlist_place")
OFFERS: tuple[Purpose, ...] = ("assignment_offered", "cover_wanted")


PersonKey = tuple[int | None, int | None]
"""Learner id or trainer id; the other is None."""


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session as texts need to know it.

    Attributes:
        place: where to go, with the room; `house` is the part known by its name, a venue or a market.
        contact: the number to call as people read it, or the office where there is none.
        ward: the ward's name.
    """

    id: int
    ward_id: str
    version: int
    kind: str
    title: str
    starts_at: datetime
    place: str
    house: str
    contact: str
    ward: str
    cancelled: bool = False
    series_id: int | None = None


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """A learner's skills, or the paper on them, as texts need to know it.

    Attributes:
        about: names the subject in the ledger, such as "certificate:17".
        day: an instant of the day that the text speaks of.
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
        role: what a helper is asked to do or does in the session; it makes nobody another person.
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
    """A registered wording as it stands now; `body` with accents."""

    id: int
    code: str
    message_class: str
    body: str
