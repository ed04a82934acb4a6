"""What happened in the calendar. Listeners are named in lopso.wiring; they run in the same transaction."""

from dataclasses import dataclass
from datetime import datetime

from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class SessionsPublished:
    """Drafts became public: people may now be told. Ids in ascending order."""

    session_ids: tuple[int, ...]
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionMoved:
    """A published session changed its time or place; its version has grown. `old_starts_at` in UTC."""

    session_id: int
    old_starts_at: datetime
    old_place: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionCancelled:
    """A published session was called off; its version has grown."""

    session_id: int
    reason: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class EnrolmentsChanged:
    """Learners gained or lost a seat in one session (published or not). Ids in ascending order."""

    session_id: int
    enrolled: tuple[int, ...]
    left: tuple[int, ...]
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class AssignmentsChanged:
    """Helpers were asked, answered or were taken off one session. Trainer ids in ascending order."""

    session_id: int
    offered: tuple[int, ...]
    accepted: tuple[int, ...]
    ended: tuple[int, ...]  # declined, withdrawn, replaced
    by: Actor
    at: datetime
