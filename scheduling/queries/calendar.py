"""The sessions of some days, ready to be shown."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import start_of_day
from scheduling.models import Assignment, ClassSession
from scheduling.queries.calendar_filters import CalendarFilters, shown_by
from trainers.models import Trainer
from venues.models import Market, Room, Venue, Ward

WEEK = timedelta(days=7)


class WeekSession(NamedTuple):
    """A session as the calendar shows it: where, when, how many people are there and how many are wanted.

    `trainers` and `helpers` have accepted; `trainers_asked` and `helpers_asked` have not answered yet.
    `shown`: no filter leaves it out.
    """

    id: int
    ward_id: str
    ward: str
    kind: str
    title: str
    room_id: int | None
    room: str | None
    venue: str | None
    market: str | None
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    seats_taken: int
    need_trainers: int
    need_helpers: int
    published: bool
    cancelled: bool
    trainers: int
    helpers: int
    trainers_asked: int
    helpers_asked: int
    series_id: int | None = None
    market_id: int | None = None
    shown: bool = True


async def sessions_in_week(
    db: AsyncSession,
    *,
    wards: Collection[str] | None,
    monday: date,
    filters: CalendarFilters | None = None,
    now: datetime | None = None,
) -> Sequence[WeekSession]:
    """Sessions that begin within seven days from `monday`, earliest first; one statement.

    Args:
        wards: codes of the wards to look in; None looks in the whole city.
        filters: say `shown` of each session (at `now`); those left out come too.
    """
    shown = shown_by(filters, PEOPLE, now) if filters and now else true()
    statement = of_wards(session_columns(shown), wards).order_by(*IN_ORDER)
    bounds = {"since": start_of_day(monday), "until": start_of_day(monday + WEEK)}
    return [WeekSession._make(row) for row in await db.execute(statement, bounds)]


def session_columns(shown: ColumnElement[bool]) -> Select[Any]:
    """The columns of `WeekSession`, of sessions that begin between the parameters `since` and `until`."""
    return _BETWEEN.add_columns(shown.label("shown"))


def sessions_shown(wards: Collection[str] | None, filters: CalendarFilters, now: datetime) -> Select[Any]:
    """`session_columns` of the sessions in these wards that no filter leaves out."""
    return of_wards(session_columns(true()), wards).where(shown_by(filters, PEOPLE, now))


def of_wards(statement: Select[Any], wards: Collection[str] | None) -> Select[Any]:
    """`statement` for sessions of these wards; None: of the whole city."""
    return statement if wards is None else statement.where(ClassSession.ward_id.in_(wards))


async def teachers_of(db: AsyncSession, sessions: Collection[int]) -> dict[int, list[str]]:
    """Names of those who have accepted to teach, by session, by given name; one statement."""
    statement = (
        select(Assignment.session_id, Trainer.full_name)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(Assignment.session_id.in_(sessions))
        .where(Assignment.role == "trainer", Assignment.state == "accepted")
        .order_by(Trainer.sort_key, Assignment.id)
    )
    found: dict[int, list[str]] = {}
    for session_id, name in await db.execute(statement):
        found.setdefault(session_id, []).append(name)
    return found


def _people() -> Any:
    """People asked and accepted, by role; a lateral with one row for each session."""
    asked, accepted = Assignment.state == "offered", Assignment.state == "accepted"
    trains, helps = Assignment.role == "trainer", Assignment.role == "helper"
    return (
        select(
            func.count().filter(accepted, trains).label("trainers"),
            func.count().filter(accepted, helps).label("helpers"),
            func.count().filter(asked, trains).label("trainers_asked"),
            func.count().filter(asked, helps).label("helpers_asked"),
        )
        .where(Assignment.session_id == ClassSession.id)
        .correlate(ClassSession)
        .lateral("people")
    )


PEOPLE = _people()
IN_ORDER = (ClassSession.starts_at, Ward.slug, ClassSession.id)
_BETWEEN = (
    select(
        ClassSession.id,
        ClassSession.ward_id,
        Ward.name,
        ClassSession.kind,
        ClassSession.title,
        ClassSession.room_id,
        Room.name,
        Venue.name,
        Market.name,
        ClassSession.place,
        ClassSession.starts_at,
        ClassSession.ends_at,
        ClassSession.capacity,
        ClassSession.seats_taken,
        ClassSession.need_trainers,
        ClassSession.need_helpers,
        ClassSession.published_at.is_not(None),
        ClassSession.cancelled_at.is_not(None),
        PEOPLE.c.trainers,
        PEOPLE.c.helpers,
        PEOPLE.c.trainers_asked,
        PEOPLE.c.helpers_asked,
        ClassSession.series_id,
        ClassSession.market_id,
    )
    .join(Ward, Ward.id == ClassSession.ward_id)
    .outerjoin(Room, Room.id == ClassSession.room_id)
    .outerjoin(Venue, Venue.id == Room.venue_id)
    .outerjoin(Market, Market.id == ClassSession.market_id)
    .join(PEOPLE, onclause=ClassSession.id == ClassSession.id)
    .where(ClassSession.starts_at >= bindparam("since"))
    .where(ClassSession.starts_at < bindparam("until"))
)
