"""What somebody wants to see of the calendar, and the condition that says it to the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import aliased

from learners.models import Learner
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment
from venues.models import Room, Venue


@dataclass(frozen=True, slots=True)
class CalendarFilters:
    """What is shown of a calendar; an empty one shows all.

    Attributes:
        neighbourhood_id: of the venue in which a session is held.
        helper_id: asked into a session, or has accepted.
        audience: of at least one learner who has a seat.
    """

    kind: str = ""
    room_id: int | None = None
    venue_id: int | None = None
    neighbourhood_id: int | None = None
    helper_id: int | None = None
    audience: str | None = None
    short: bool = False
    drafts: bool = False
    asked: bool = False
    cancelled: bool = False

    @property
    def any(self) -> bool:
        """Whether something is left out."""
        return self != CalendarFilters()


def shown_by(filters: CalendarFilters, people: Any, now: datetime) -> ColumnElement[bool]:
    """Whether a session is to be seen; of a statement that joins `Room`, `Venue` and `people`.

    Args:
        people: a session's numbers of helpers, as in `scheduling.queries.calendar`.
    """
    wanted: list[ColumnElement[bool]] = []
    for column, value in (
        (ClassSession.kind, filters.kind or None),
        (ClassSession.room_id, filters.room_id),
        (Room.venue_id, filters.venue_id),
        (Venue.neighbourhood_id, filters.neighbourhood_id),
    ):
        if value is not None:
            wanted.append(column.is_not_distinct_from(value))
    if filters.helper_id is not None:
        wanted.append(_has_helper(filters.helper_id))
    if filters.audience is not None:
        wanted.append(_has_audience(filters.audience))
    if filters.short:
        wanted.append(is_short(people, now))
    if filters.drafts:
        wanted.append(and_(ClassSession.published_at.is_(None), ClassSession.cancelled_at.is_(None)))
    if filters.asked:
        wanted.append(and_(_to_come(now), people.c.trainers_asked + people.c.helpers_asked > 0))
    if filters.cancelled:
        wanted.append(ClassSession.cancelled_at.is_not(None))
    return and_(true(), *wanted)


def is_short(people: Any, now: datetime) -> ColumnElement[bool]:
    """Whether a session is to come and fewer helpers are asked than it needs, in one role or the other."""
    return and_(
        _to_come(now),
        or_(
            ClassSession.need_trainers > people.c.trainers + people.c.trainers_asked,
            ClassSession.need_helpers > people.c.helpers + people.c.helpers_asked,
        ),
    )


def _to_come(now: datetime) -> ColumnElement[bool]:
    return and_(ClassSession.cancelled_at.is_(None), ClassSession.starts_at > now)


def _has_helper(trainer_id: int) -> ColumnElement[bool]:
    # An alias: the statement outside may join assignments of its own.
    taken = aliased(Assignment)
    return exists(
        select(taken.id).where(
            taken.session_id == ClassSession.id,
            taken.trainer_id == trainer_id,
            taken.state.in_(ASSIGNMENT_ACTIVE),
        )
    )


def _has_audience(audience: str) -> ColumnElement[bool]:
    enrolled, learner = aliased(Enrolment), aliased(Learner)
    return exists(
        select(enrolled.id)
        .join(learner, learner.id == enrolled.learner_id)
        .where(
            enrolled.session_id == ClassSession.id,
            enrolled.state == "enrolled",
            learner.audiences.contains([audience]),
        )
    )
