"""Coming classes of a ward that a learner may join."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from lopso.kernel.paging import Page, offset
from lopso.kernel.search import words_of
from lopso.kernel.text import fold
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.enrolments import free_seats
from scheduling.queries.places import with_place
from scheduling.queries.session_words import session_has_words, with_session_words

CLASSES_SHOWN = 20
TARGETS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class OpenClass:
    """A coming session that takes learners: the next one of its series, or a single one.

    Attributes:
        free: seats that nobody waits for, 0 when full.
        remaining: sessions of the series from this one on, this one included; 1 outside a series.
    """

    session: ClassSession
    free: int
    remaining: int


async def open_classes(
    db: AsyncSession, ward_id: str, learner_id: int, *, typed: str, now: datetime, number: int = 1
) -> Page[OpenClass]:
    """Classes that the learner is not in yet, the nearest first; one statement.

    Of a series the next session in which the learner is not. Every word typed has to begin a word of the
    title, the course or the name of the place, with or without accents.
    """
    group = func.coalesce(ClassSession.series_id, -ClassSession.id)
    ranked = (
        select(
            ClassSession.id,
            func.row_number()
            .over(partition_by=group, order_by=(ClassSession.starts_at, ClassSession.id))
            .label("nearest"),
            func.count().over(partition_by=group).label("remaining"),
        )
        .where(*_joinable(ward_id, learner_id, now))
        .subquery()
    )
    statement = (
        with_session_words(_with_free(ranked.c.remaining).add_columns(func.count().over()))
        .join(ranked, ranked.c.id == ClassSession.id)
        .where(ranked.c.nearest == 1, session_has_words(words_of(fold(typed))))
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(CLASSES_SHOWN)
        .offset(offset(number, CLASSES_SHOWN))
    )
    rows: Sequence[Any] = (await db.execute(statement)).all()
    total = rows[0][-1] if rows else 0
    return Page([OpenClass(*row[:-1]) for row in rows], max(1, number), total, CLASSES_SHOWN)


async def move_targets(
    db: AsyncSession, session: ClassSession, learner_id: int, *, now: datetime
) -> Sequence[OpenClass]:
    """Coming sessions with a free seat to which a learner of `session` may move, the nearest first.

    Of the same course; without a course, of the same kind. `TARGETS_SHOWN` at most; one statement.
    """
    alike: ColumnElement[bool] = (
        ClassSession.course_id == session.course_id
        if session.course_id is not None
        else and_(ClassSession.course_id.is_(None), ClassSession.kind == session.kind)
    )
    statement = (
        _with_free(cast(1, Integer))
        .where(
            *_joinable(session.ward_id, learner_id, now),
            ClassSession.starts_at > now,
            ClassSession.id != session.id,
            alike,
            free_seats() > 0,
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(TARGETS_SHOWN)
    )
    return [OpenClass(*row) for row in await db.execute(statement)]


def _joinable(ward_id: str, learner_id: int, now: datetime) -> list[ColumnElement[bool]]:
    already = exists().where(
        Enrolment.session_id == ClassSession.id,
        Enrolment.learner_id == learner_id,
        Enrolment.state != "cancelled",
    )
    return [
        ClassSession.ward_id == ward_id,
        ClassSession.published_at.is_not(None),
        ClassSession.cancelled_at.is_(None),
        ClassSession.ends_at > now,
        ~already,
    ]


def _with_free(remaining: Any) -> Any:
    free = func.greatest(free_seats(), 0)
    return select(ClassSession, free, remaining).options(*with_place(), joinedload(ClassSession.course))
