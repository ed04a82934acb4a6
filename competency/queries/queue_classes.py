"""Where the skills that wait were shown: courses, classes and their sessions, with how many wait."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import AwaitingSignOff, Demonstration
from competency.queries.evidence import shown_and_waiting
from scheduling.models import ClassSession, Course

MOST_SESSIONS = 60
"""Sessions in the drop-down, the newest: older ones are found by name, course or class."""


@dataclass(frozen=True, slots=True)
class WaitingSession:
    """A session in which something was shown that waits; `number` counts learners' skills."""

    id: int
    starts_at: datetime
    number: int


@dataclass(slots=True)
class WaitingClass:
    """A class with its sessions, newest first; `series_id` None: sessions of one title without a series.

    `number` counts learners' skills, each once, in whichever sessions of the class they were shown.
    """

    title: str
    series_id: int | None
    number: int = 0
    sessions: list[WaitingSession] = field(default_factory=list[WaitingSession])


def _waiting(ward_id: str, *columns: Any):
    """`columns` of the demonstrations of what waits in a ward."""
    return (
        shown_and_waiting(*columns)
        .join(ClassSession, ClassSession.id == Demonstration.session_id)
        .where(AwaitingSignOff.ward_id == ward_id)
    )


async def classes_waiting(db: AsyncSession, ward_id: str) -> Sequence[WaitingClass]:
    """Classes in whose sessions something was shown that now waits in this ward, newest session first.

    Two statements.
    """
    number = func.count(tuple_(AwaitingSignOff.learner_id, AwaitingSignOff.skill_id).distinct())
    sessions = await db.execute(
        _waiting(
            ward_id,
            ClassSession.series_id,
            ClassSession.title,
            ClassSession.id,
            ClassSession.starts_at,
            number.label("number"),
        )
        .group_by(ClassSession.id)
        .order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
        .limit(MOST_SESSIONS)
    )
    found: dict[object, WaitingClass] = {}
    for row in sessions:
        key = row.series_id or row.title
        known = found.setdefault(key, WaitingClass(row.title, row.series_id))
        known.sessions.append(WaitingSession(row.id, row.starts_at, row.number))
    ids = [each.series_id for each in found.values() if each.series_id is not None]
    totals = await db.execute(
        _waiting(ward_id, ClassSession.series_id, number.label("number"))
        .where(ClassSession.series_id.in_(ids))
        .group_by(ClassSession.series_id)
    )
    for row in totals:
        found[row.series_id].number = row.number
    return list(found.values())


async def courses_waiting(db: AsyncSession, ward_id: str) -> Sequence[tuple[int, str]]:
    """Courses (id, title) in whose sessions something was shown that now waits in this ward."""
    shown = _waiting(ward_id, ClassSession.course_id)
    rows = await db.execute(
        select(Course.id, Course.title).where(Course.id.in_(shown)).order_by(Course.title_key, Course.id)
    )
    return [(*row,) for row in rows]
