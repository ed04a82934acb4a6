"""Sessions by what they are about, their place or their day; series by their course."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Subquery, and_, bindparam, func, select, true

from lopso.kernel.db import UtcDateTime
from overview.queries.hits import CALENDAR, HELPER, HERE, NOW, group_rows, has_words, some_words
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Course, Series, SeriesSlot
from scheduling.queries.session_words import SESSION_WORDS, with_session_words
from trainers.models import Trainer
from venues.models import Market, Room, Venue


def sessions() -> Subquery:
    """Sessions with every word in title, course or place: coming ones first, the nearest on top."""
    return _sessions(ClassSession.ward_id == func.any(CALENDAR))


def own_sessions() -> Subquery:
    """The same of the published sessions of the helper who searches."""
    return _sessions(_is_own())


def _sessions(seen: ColumnElement[bool]) -> Subquery:
    detail = func.jsonb_build_object(
        "starts", ClassSession.starts_at, "ends", ClassSession.ends_at, "words", ClassSession.place,
        "room", Room.name, "venue", Venue.name, "market", Market.name,
        "draft", ClassSession.published_at.is_(None), "cancelled", ClassSession.cancelled_at.is_not(None),
    )  # fmt: skip
    name = ClassSession.title.label("name")
    rows = with_session_words(
        select(ClassSession.id, ClassSession.ward_id, name, detail.label("detail"))
    ).where(
        ClassSession.starts_at >= bindparam("since", type_=UtcDateTime),
        ClassSession.starts_at < bindparam("until", type_=UtcDateTime),
        seen,
        has_words(SESSION_WORDS),
    )
    order = (
        ClassSession.cancelled_at.is_not(None),
        ClassSession.ends_at < NOW,
        ClassSession.ward_id != HERE,
        func.abs(func.extract("epoch", ClassSession.starts_at - NOW)),
        ClassSession.id,
    )
    return group_rows("sessions", rows, order=order)


def _is_own() -> ColumnElement[bool]:
    asked = (
        select(Assignment.session_id)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(Trainer.user_id == HELPER, Trainer.left_at.is_(None), Assignment.state.in_(ASSIGNMENT_ACTIVE))
    )
    return and_(ClassSession.id.in_(asked), ClassSession.published_at.is_not(None))


def series() -> Subquery:
    """Series of the last year with every word in course or title; those that began last come first."""
    meeting = _last_meeting()
    detail = func.jsonb_build_object("since", Series.starts_on, "slots", _slots())
    name = func.coalesce(Course.title, meeting.c.title).label("name")
    rows = (
        select(Series.id, Series.ward_id, name, detail.label("detail"))
        .outerjoin(Course, Course.id == Series.course_id)
        .join(meeting, true())
        .where(
            Series.ward_id == func.any(CALENDAR),
            Series.starts_on > bindparam("began_after", type_=Date),
            some_words(),
            has_words(func.concat_ws(" ", Course.title_key, meeting.c.words)),
        )
    )
    order = (Series.ward_id != HERE, Series.starts_on.desc(), Series.id)
    return group_rows("series", rows, order=order)


def _slots() -> Any:
    slot = func.jsonb_build_array(SeriesSlot.weekday, SeriesSlot.starts_at, SeriesSlot.duration_minutes)
    return select(func.jsonb_agg(slot)).where(SeriesSlot.series_id == Series.id).scalar_subquery()


def _last_meeting() -> Any:
    return (
        select(ClassSession.title, ClassSession.words)
        .where(ClassSession.series_id == Series.id)
        .order_by(ClassSession.original_start.desc())
        .limit(1)
        .correlate(Series)
        .lateral("meeting")
    )
