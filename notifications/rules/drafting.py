"""Which texts a session calls for: one per purpose and phone, naming everybody whom that phone reaches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lopso.kernel import clock
from notifications.rules import timing
from notifications.rules.caution import unsuitable
from notifications.rules.timing import Policy, Window
from notifications.rules.wording import (
    REASONS,
    WHAT,
    Person,
    Text,
    calendar_day,
    clock_time,
    fill,
    name_forms,
    place_forms,
    reason_forms,
    title_forms,
)

Purpose = Literal[
    "reminder_day_before",
    "reminder_same_day",
    "session_moved",
    "session_cancelled",
    "assignment_offered",
    "helper_moved",
    "helper_cancelled",
]

REMINDERS: tuple[Purpose, ...] = ("reminder_day_before", "reminder_same_day")


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session as texts need to know it.

    Attributes:
        place: where to go, with the room; `house` is the part known by its name, a venue or a market.
        contact: the number to call as people read it, or the office where there is none.
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
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody reached on `phone` (E.164, mobile): a learner or a helper, never both."""

    phone: str
    person: Person
    learner_id: int | None = None
    trainer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """A registered wording as it stands now; `body` with accents."""

    id: int
    code: str
    message_class: str
    body: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that should stand in the ledger."""

    session: SessionFacts
    purpose: Purpose
    phone: str
    wording: Wording
    text: Text
    window: Window
    recipients: tuple[Recipient, ...]
    urgent: bool = False
    moved_from: datetime | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        """What makes it one text: session, purpose, phone. (Its version is the session's.)"""
        return self.session.id, self.purpose, self.phone


def reminders(
    session: SessionFacts,
    learners: Iterable[Recipient],
    *,
    policy: Policy,
    wordings: Mapping[str, Wording],
    now: datetime,
) -> list[Draft]:
    """The reminders still to come of one session."""
    phones = by_phone(learners)
    windows: dict[Purpose, Window | None] = {
        "reminder_day_before": timing.day_before(policy, session.starts_at, now),
        "reminder_same_day": timing.same_day(policy, session.starts_at, now),
    }
    return [
        _draft(session, purpose, people, wordings[_reminder_code(purpose, session.kind)], window)
        for purpose, window in windows.items()
        if window is not None
        for people in phones
    ]


def moved(
    session: SessionFacts,
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    moved_from: datetime,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The text that tells the `people` of one phone of a new time, or only a new place."""
    code = {"session_moved": "session", "helper_moved": "helper"}[purpose]
    same_time = moved_from == session.starts_at
    wording = wordings[f"{code}_relocated" if same_time else f"{code}_moved"]
    return _draft(session, purpose, people, wording, window, urgent=True, moved_from=moved_from)


def cancelled(
    session: SessionFacts,
    people: Sequence[Recipient],
    purpose: Purpose,
    *,
    reason: str,
    window: Window,
    wordings: Mapping[str, Wording],
) -> Draft:
    """The text that tells the `people` of one phone that the session is off, and why."""
    return _draft(session, purpose, people, wordings[purpose], window, urgent=True, reason=reason)


def offered(
    session: SessionFacts, people: Sequence[Recipient], *, window: Window, wordings: Mapping[str, Wording]
) -> Draft:
    """The text that asks a helper into a session."""
    return _draft(session, "assignment_offered", people, wordings["assignment_offered"], window)


def by_phone(recipients: Iterable[Recipient]) -> list[tuple[Recipient, ...]]:
    """Recipients who share a phone together, in the order in which the phones first come."""
    phones: dict[str, list[Recipient]] = {}
    for recipient in recipients:
        phones.setdefault(recipient.phone, []).append(recipient)
    return [tuple(people) for people in phones.values()]


def _reminder_code(purpose: Purpose, kind: str) -> str:
    return purpose.replace("reminder", "visit") if kind == "home_visit" else purpose


def _draft(
    session: SessionFacts,
    purpose: Purpose,
    people: Sequence[Recipient],
    wording: Wording,
    window: Window,
    *,
    urgent: bool = False,
    moved_from: datetime | None = None,
    reason: str = "",
) -> Draft:
    values: dict[str, Sequence[str]] = {
        "time": [clock_time(session.starts_at)],
        "day": [calendar_day(session.starts_at)],
        "place": place_forms(session.place, session.house),
        "what": [WHAT[session.kind]],
        "title": title_forms(session.title, session.kind),
        "names": name_forms([each.person for each in people], today=clock.local_day(window.due_at).year),
        "contact": [session.contact],
        "reason": reason_forms(reason) if not unsuitable(reason) else REASONS,
    }
    if moved_from is not None:
        values |= {"old_time": [clock_time(moved_from)], "old_day": [calendar_day(moved_from)]}
    return Draft(
        session,
        purpose,
        people[0].phone,
        wording,
        fill(wording.body, values),
        window,
        tuple(people),
        urgent,
        moved_from,
    )
