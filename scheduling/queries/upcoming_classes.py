"""Coming classes of one learner, for staff: a group for each series, and for each session outside any."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, String, case, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from lopso.kernel.paging import PAGE_SIZE, Page, offset
from scheduling.models import Assignment, ClassSession, Enrolment
from scheduling.queries.places import with_place
from trainers.models import Trainer

GROUPS_SHOWN = 12
"""Series and single sessions on one page."""

DATES_SHOWN = 12
"""Dates of one series within its group."""


@dataclass(frozen=True, slots=True)
class UpcomingClass:
    """A coming session in which a learner has a seat or waits; cancelled sessions too.

    Attributes:
        state: "enrolled" or "waitlisted".
        position: place on the waiting list, from 1; None with a seat.
        teachers: names of those who accepted to teach, by given name.
    """

    session: ClassSession
    state: str
    position: int | None
    teachers: Sequence[str]

    @property
    def waits(self) -> bool:
        return self.state == "waitlisted"


@dataclass(frozen=True, slots=True)
class UpcomingGroup:
    """The coming sessions of one series, or one session outside any.

    Attributes:
        classes: the first by time, cancelled ones included; never empty.
        total: how many there are, cancelled ones included.
        taking_place: how many of them are not cancelled.
    """

    classes: Sequence[UpcomingClass]
    total: int
    taking_place: int

    @property
    def next(self) -> UpcomingClass:
        """The first that takes place; the first of all where none does."""
        return next((each for each in self.classes if each.session.cancelled_at is None), self.classes[0])

    @property
    def others(self) -> Sequence[UpcomingClass]:
        return [each for each in self.classes if each is not self.next]


async def upcoming_classes(
    db: AsyncSession, learner_id: int, *, now: datetime, number: int = 1
) -> Page[UpcomingGroup]:
    """A page of the learner's groups, that with the nearest session first; one statement."""
    found = _grouped(learner_id, now)
    first = offset(number, GROUPS_SHOWN)
    statement = (
        _with_session(found)
        .add_columns(found.c.place_in_list, found.c.total, found.c.taking_place, found.c.groups)
        .where(
            found.c.nearest <= DATES_SHOWN,
            found.c.place_in_list > first,
            found.c.place_in_list <= first + GROUPS_SHOWN,
        )
        .order_by(found.c.place_in_list, ClassSession.starts_at, ClassSession.id)
    )
    groups: dict[int, tuple[list[UpcomingClass], int, int]] = {}
    total = 0
    for row in await db.execute(statement):
        place, size, taking_place, total = tuple(row)[4:]
        classes, _size, _taking_place = groups.setdefault(place, ([], size, taking_place))
        classes.append(_upcoming(row))
    return Page([UpcomingGroup(*each) for each in groups.values()], max(1, number), total, GROUPS_SHOWN)


async def upcoming_of_series(
    db: AsyncSession, learner_id: int, series_id: int, *, now: datetime, number: int = 1
) -> Page[UpcomingClass]:
    """A page of the learner's coming sessions of one series, earliest first; one statement."""
    found = _grouped(learner_id, now)
    statement = (
        _with_session(found)
        .add_columns(found.c.total)
        .where(ClassSession.series_id == series_id)
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    rows: Sequence[Row[Any]] = (await db.execute(statement)).all()
    classes = [_upcoming(row) for row in rows]
    return Page(classes, max(1, number), rows[0][-1] if rows else 0)


def _upcoming(row: Row[Any]) -> UpcomingClass:
    session, state, position, teachers = tuple(row)[:4]
    return UpcomingClass(session, state, position, teachers or ())


def _grouped(learner_id: int, now: datetime) -> Any:
    """Coming sessions with the place of their group in the list, and their place within it."""
    group = func.coalesce(ClassSession.series_id, -ClassSession.id)
    dated = (
        select(
            ClassSession.id,
            Enrolment.id.label("enrolment_id"),
            group.label("group"),
            func.min(ClassSession.starts_at).over(partition_by=group).label("begins"),
            func.row_number()
            .over(partition_by=group, order_by=(ClassSession.starts_at, ClassSession.id))
            .label("nearest"),
            func.count().over(partition_by=group).label("total"),
            func.count()
            .filter(ClassSession.cancelled_at.is_(None))
            .over(partition_by=group)
            .label("taking_place"),
        )
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(
            Enrolment.learner_id == learner_id,
            Enrolment.state != "cancelled",
            ClassSession.ends_at > now,
        )
        .subquery("dated")
    )
    placed = select(
        dated,
        func.dense_rank().over(order_by=(dated.c.begins, dated.c.group)).label("place_in_list"),
    ).subquery("placed")
    return select(placed, func.max(placed.c.place_in_list).over().label("groups")).subquery("found")


def _with_session(found: Any) -> Any:
    """The sessions of `found` with their places, the enrolment's state, the place in the queue, teachers."""
    ahead = aliased(Enrolment)
    place = (
        select(cast(func.count() + 1, Integer))
        .where(
            ahead.session_id == Enrolment.session_id,
            ahead.state == "waitlisted",
            func.row(ahead.queued_at, ahead.id) < func.row(Enrolment.queued_at, Enrolment.id),
        )
        .correlate(Enrolment)
        .scalar_subquery()
    )
    position = case((Enrolment.state == "waitlisted", place))
    return (
        select(
            ClassSession,
            Enrolment.state,
            position.label("position"),
            teachers_of(ClassSession.id).label("teachers"),
        )
        .join(found, found.c.id == ClassSession.id)
        .join(Enrolment, Enrolment.id == found.c.enrolment_id)
        .options(*with_place())
    )


def teachers_of(session_id: Any) -> Any:
    """Scalar subquery: names of those who accepted to teach a session, by given name."""
    return (
        select(
            func.array_agg(
                aggregate_order_by(Trainer.full_name, Trainer.sort_key, Trainer.id), type_=ARRAY(String)
            )
        )
        .join(Assignment, Assignment.trainer_id == Trainer.id)
        .where(
            Assignment.session_id == session_id,
            Assignment.role == "trainer",
            Assignment.state == "accepted",
        )
        .correlate(ClassSession)
        .scalar_subquery()
    )
