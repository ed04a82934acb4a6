"""Series of a ward: what runs, what is to come, drafts, what is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import CTE, ColumnElement, and_, case, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.paging import Page, offset
from lopso.kernel.search import words_of
from lopso.kernel.text import fold
from scheduling.models import ClassSession, Course, Series, SeriesSlot
from scheduling.queries.places import with_place

SERIES_SHOWN = 25

SeriesState = Literal["running", "upcoming", "draft", "over"]
SERIES_STATES: tuple[SeriesState, ...] = get_args(SeriesState)


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series in the list.

    Attributes:
        meeting: the next session, or the last one where none is to come; its place is loaded.
        slots: weekly times.
        held: sessions that are over, of `total` that are not cancelled.
        drafts: sessions to come that are not published.
        next_start: of the next session that is not cancelled (UTC).
    """

    series: Series
    meeting: ClassSession
    slots: Sequence[SeriesSlot]
    state: SeriesState
    held: int
    total: int
    drafts: int
    next_start: datetime | None


@dataclass(frozen=True, slots=True)
class SeriesList:
    """The series of a ward in one state, and how many are in each."""

    state: SeriesState
    counts: Mapping[SeriesState, int]
    page: Page[SeriesRow]


async def series_of_ward(
    db: AsyncSession, ward_id: str, *, state: str, typed: str, now: datetime, number: int = 1
) -> SeriesList:
    """A page of the series of a ward; three statements.

    What is to come: the earliest next session first; what is over: the latest first.

    Args:
        state: one of `SERIES_STATES`; anything else stands for the first that has series.
        typed: every word has to begin a word of title, course or place, with or without accents.
    """
    facts = _facts(ward_id, typed, now)
    rows = await db.execute(select(facts.c.state, func.count()).group_by(facts.c.state))
    counts: dict[SeriesState, int] = dict.fromkeys(SERIES_STATES, 0)
    counts.update({row[0]: row[1] for row in rows})
    chosen = _chosen(state, counts)
    shown = _shown_meeting(facts)
    statement = (
        select(
            Series,
            ClassSession,
            facts.c.state,
            facts.c.held,
            facts.c.total,
            facts.c.drafts,
            facts.c.next_start,
        )
        .join(facts, facts.c.series_id == Series.id)
        .join(shown, true())
        .join(ClassSession, ClassSession.id == shown.c.id)
        .where(facts.c.state == chosen)
        .options(*with_place())
        .order_by(*_order(facts, chosen))
        .limit(SERIES_SHOWN)
        .offset(offset(number, SERIES_SHOWN))
    )
    found = (await db.execute(statement)).all()
    slots = await _slots(db, [row[0].id for row in found])
    items = [SeriesRow(row[0], row[1], slots.get(row[0].id, ()), *row[2:]) for row in found]
    return SeriesList(chosen, counts, Page(items, max(1, number), counts[chosen], SERIES_SHOWN))


def _chosen(state: str, counts: Mapping[SeriesState, int]) -> SeriesState:
    for each, number in counts.items():
        if each == state or (state not in counts and number):
            return each
    return SERIES_STATES[0]


def _facts(ward_id: str, typed: str, now: datetime) -> CTE:
    """What the sessions of each series add up to, and its state."""
    stands, published = ClassSession.cancelled_at.is_(None), ClassSession.published_at.is_not(None)
    first_told = func.min(ClassSession.starts_at).filter(stands, published)
    last = func.max(ClassSession.ends_at).filter(stands)
    state = case(
        (func.coalesce(last <= now, True), "over"),
        (first_told.is_(None), "draft"),
        (first_told > now, "upcoming"),
        else_="running",
    )
    return (
        select(
            ClassSession.series_id,
            state.label("state"),
            func.count().filter(stands, published, ClassSession.ends_at <= now).label("held"),
            func.count().filter(stands).label("total"),
            func.count().filter(stands, ~published, ClassSession.ends_at > now).label("drafts"),
            func.min(ClassSession.starts_at).filter(stands, ClassSession.ends_at > now).label("next_start"),
            func.max(ClassSession.ends_at).label("last"),
        )
        .outerjoin(Course, Course.id == ClassSession.course_id)
        .where(ClassSession.ward_id == ward_id, ClassSession.series_id.is_not(None))
        .group_by(ClassSession.series_id)
        .having(func.bool_or(_has_words(typed)))
        .cte("facts")
    )


def _has_words(typed: str) -> ColumnElement[bool]:
    text = literal(" ") + func.concat_ws(" ", ClassSession.words, Course.title_key)
    return and_(true(), *(text.contains(f" {word}", autoescape=True) for word in words_of(fold(typed))))


def _shown_meeting(facts: CTE) -> Any:
    """The next session of a series that stands, else its last one."""
    to_come = ClassSession.starts_at >= facts.c.next_start
    return (
        select(ClassSession.id)
        .where(ClassSession.series_id == facts.c.series_id)
        .order_by(
            and_(ClassSession.cancelled_at.is_(None), to_come).desc().nulls_last(),
            case((to_come, ClassSession.starts_at)).nulls_last(),
            ClassSession.starts_at.desc(),
        )
        .limit(1)
        .correlate(facts)
        .lateral("shown")
    )


def _order(facts: CTE, state: SeriesState) -> Sequence[Any]:
    if state == "over":
        return facts.c["last"].desc(), Series.id
    return facts.c.next_start, Series.id


async def _slots(db: AsyncSession, series_ids: Sequence[int]) -> Mapping[int, Sequence[SeriesSlot]]:
    found: dict[int, list[SeriesSlot]] = {}
    statement = select(SeriesSlot).where(SeriesSlot.series_id.in_(series_ids))
    for slot in await db.scalars(statement.order_by(SeriesSlot.weekday, SeriesSlot.starts_at)):
        found.setdefault(slot.series_id, []).append(slot)
    return found
