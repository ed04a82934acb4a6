"""Words by which sessions are found."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal

from scheduling.models import ClassSession, Course
from venues.models import Market, Room, Venue

SESSION_WORDS: ColumnElement[str] = func.concat_ws(
    " ", ClassSession.words, Course.title_key, Room.name_key, Venue.name_key, Market.name_key
)
"""SQL: folded words of title, course and place, in a statement `with_session_words`."""


def with_session_words(statement: Any) -> Any:
    """A statement from ClassSession, joined with what `SESSION_WORDS` needs."""
    return (
        statement.outerjoin(Course, Course.id == ClassSession.course_id)
        .outerjoin(Room, Room.id == ClassSession.room_id)
        .outerjoin(Venue, Venue.id == Room.venue_id)
        .outerjoin(Market, Market.id == ClassSession.market_id)
    )


def session_has_words(words: Iterable[str]) -> ColumnElement[bool]:
    """Whether each of these folded words begins a word of the session; without words every session does."""
    text = literal(" ") + SESSION_WORDS
    return and_(True, *(text.contains(f" {word}", autoescape=True) for word in words))
