"""What happened in the calendar. Listeners are listed in one place
(lopso.application.wiring), inside the same transaction."""

from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import TypeAlias

from lopso.kernel.access import Actor

TrainersBySession: TypeAlias = tuple[tuple[int, tuple[int, ...]], ...]
"""Session ids, each with the ids of its trainers, both in ascending order."""


@dataclass(frozen=True, slots=True)
class SessionsPublished:
    """Drafts were published. Ids in ascending order."""

    session_ids: tuple[int, ...]
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionsMoved:
    """One act changed the time or place of published sessions; their versions have grown.

    Attributes:
        old_starts: session id and its former start in UTC, in ascending order of ids.
    """

    old_starts: tuple[tuple[int, datetime], ...]
    by: Actor
    at: datetime

    @property
    def session_ids(self) -> tuple[int, ...]:
        """The sessions, ascending."""
        return tuple(session_id for session_id, _start in self.old_starts)


@dataclass(frozen=True, slots=True)
class SessionsCancelled:
    """One act cancelled published sessions; their versions have grown. Ids in ascending order."""

    session_ids: tuple[int, ...]
    reason: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionsReopened:
    """One act undid the cancelling of published sessions; their versions have grown. Ids ascending."""

    session_ids: tuple[int, ...]
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionsRestored:
    """One act undid a change of the time or place of published sessions; their versions have grown.

    Attributes:
        versions: session id and the version that it had before the change, in ascending order of ids.
        old_starts: session id and the start that the change had given it, in ascending order of ids.
        changed_at: when the change was made that is undone.
    """

    versions: tuple[tuple[int, int], ...]
    old_starts: tuple[tuple[int, datetime], ...]
    changed_at: datetime
    by: Actor
    at: datetime

    @property
    def session_ids(self) -> tuple[int, ...]:
        """The sessions, ascending."""
        return tuple(session_id for session_id, _version in self.versions)


@dataclass(frozen=True, slots=True)
class EnrolmentsChanged:
    """Learners gained or lost a seat by one act, in one session or in several (published or not).

    Attributes:
        enrolled, left: session id and the ids of its learners, both in ascending order.
    """

    enrolled: tuple[tuple[int, tuple[int, ...]], ...]
    left: tuple[tuple[int, tuple[int, ...]], ...]
    by: Actor
    at: datetime

    @property
    def session_ids(self) -> tuple[int, ...]:
        """The sessions, ascending."""
        return tuple(sorted({session_id for session_id, _learners in (*self.enrolled, *self.left)}))


@dataclass(frozen=True, slots=True)
class SeatsGiven:
    """Learners got a seat by one act, in one session or in several (published or not).

    Comes after the EnrolmentsChanged of the act.

    Attributes:
        seats: session id and the ids of its learners, both in ascending order.
        waited: they had stood on the waiting list.
    """

    seats: tuple[tuple[int, tuple[int, ...]], ...]
    waited: bool
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class EnrolmentsRestored:
    """A learner has seats again that were given up by mistake (sessions published or not).

    Comes after the EnrolmentsChanged of the act. Ids in ascending order.

    Attributes:
        left_at: when they were given up.
        instead_of: the sessions in which the learner had a seat meanwhile, and has no more.
    """

    learner_id: int
    session_ids: tuple[int, ...]
    left_at: datetime
    instead_of: tuple[int, ...]
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class AssignmentsOffered:
    """Helpers were asked by one act into one session or several (published or not).

    Who had already said yes is left out. Comes after the AssignmentsChanged of the act.

    Attributes:
        offers: session id and the ids of its trainers, both in ascending order.
        replacing: the sessions in which they fill the place of somebody who dropped out.
    """

    offers: TrainersBySession
    replacing: tuple[int, ...]
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class AssignmentsChanged:
    """Helpers were asked, answered or got another role by one act, in one session or in several.

    Attributes:
        declined: they declined.
        role_changed: they stay, in another role.
        answers_undone: they are asked again; they are among `offered`.
        restored: they are in it as before, since their replacement was undone; they are among the others.
    """

    offered: TrainersBySession = ()
    accepted: TrainersBySession = ()
    declined: TrainersBySession = ()
    role_changed: TrainersBySession = ()
    answers_undone: TrainersBySession = ()
    restored: TrainersBySession = ()
    _: KW_ONLY
    by: Actor
    at: datetime

    @property
    def session_ids(self) -> tuple[int, ...]:
        """The sessions, ascending."""
        changed = (*self.offered, *self.accepted, *self.declined, *self.role_changed)
        return tuple(sorted({session_id for session_id, _trainers in changed}))


@dataclass(frozen=True, slots=True)
class AssignmentsEnded:
    """One act took helpers off sessions, or put others in their place; they did not decline themselves.

    Attributes:
        ended: session id and the ids of its trainers, both in ascending order.
    """

    ended: TrainersBySession
    by: Actor
    at: datetime

    @property
    def session_ids(self) -> tuple[int, ...]:
        """The sessions, ascending."""
        return tuple(session_id for session_id, _trainers in self.ended)


@dataclass(frozen=True, slots=True)
class SessionsReworded:
    """What people read of these coming sessions has changed, their title or what their place is called.

    Time and place are the same, and so is the version: no text is due. Published ones only; ids in ascending
    order.
    """

    ward_id: str
    session_ids: tuple[int, ...]
    by: Actor
    at: datetime
