"""Messages of a ward's day by session, and the cost of a month."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from notifications.models import Message, ReminderPolicy, WardMonth
from notifications.queries.batches import shown_hour
from notifications.queries.call_list import count_unreached
from notifications.queries.message_conditions import COSTLY, FIRST_DUE, SHOWN_STATE, on_day
from notifications.rules.states import PENDING_STATES
from scheduling.models import ClassSession


@dataclass(frozen=True, slots=True)
class DayBatch:
    """Messages of one purpose about one session on one day."""

    session_id: int | None
    purpose: str
    due_at: datetime
    by_state: dict[str, int]
    segments: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


@dataclass(frozen=True, slots=True)
class SessionDay:
    """Messages about one session on one day; `title` None: messages about something else.

    Attributes:
        unreached: learners and helpers to call.
    """

    session_id: int | None
    title: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    cancelled: bool
    batches: Sequence[DayBatch]
    unreached: int

    @property
    def total(self) -> int:
        """All texts."""
        return sum(batch.total for batch in self.batches)

    @property
    def segments(self) -> int:
        """Billed segments."""
        return sum(batch.segments for batch in self.batches)


@dataclass(frozen=True, slots=True)
class DayTotals:
    """Number of messages of a day in each state, and their billed segments."""

    by_state: dict[str, int]
    segments: int

    def of(self, states: Collection[str]) -> int:
        """How many are in one of `states`."""
        return sum(self.by_state.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


async def day_batches(db: AsyncSession, ward_id: str, day: date) -> list[DayBatch]:
    """Messages of a ward's day by session and purpose, in the order in which they are sent; one statement."""
    rows = await db.execute(
        select(
            Message.session_id,
            Message.purpose,
            SHOWN_STATE,
            func.min(FIRST_DUE),
            func.count(),
            func.sum(Message.segments),
        )
        .where(*on_day(ward_id, day))
        .group_by(Message.session_id, Message.purpose, SHOWN_STATE)
        .order_by(func.min(FIRST_DUE), Message.session_id, Message.purpose)
    )
    found: dict[tuple[int | None, str], DayBatch] = {}
    for session_id, purpose, state, due_at, number, segments in rows:
        known = found.get((session_id, purpose))
        found[session_id, purpose] = DayBatch(
            session_id,
            purpose,
            shown_hour(known.due_at, known.by_state, due_at, state) if known else due_at,
            {**(known.by_state if known else {}), state: number},
            (known.segments if known else 0) + (int(segments) if state in COSTLY else 0),
        )
    return list(found.values())


def day_totals(batches: Sequence[DayBatch]) -> DayTotals:
    """Totals of the whole day."""
    by_state: dict[str, int] = {}
    for batch in batches:
        for state, number in batch.by_state.items():
            by_state[state] = by_state.get(state, 0) + number
    return DayTotals(by_state, sum(batch.segments for batch in batches))


def page_of_sessions(batches: Sequence[DayBatch], *, number: int) -> Page[DayBatch]:
    """The batches of one page of sessions, by their first message; `total` counts sessions."""
    ids = list(dict.fromkeys(batch.session_id for batch in batches))
    shown = set(ids[offset(number) : offset(number) + PAGE_SIZE])
    return Page([batch for batch in batches if batch.session_id in shown], number, len(ids))


async def by_session(db: AsyncSession, batches: Sequence[DayBatch], *, now: datetime) -> list[SessionDay]:
    """The batches grouped by session, by their first message; two statements."""
    grouped: dict[int | None, list[DayBatch]] = {}
    for batch in batches:
        grouped.setdefault(batch.session_id, []).append(batch)
    ids = [session_id for session_id in grouped if session_id is not None]
    sessions = {
        session.id: session
        for session in await db.scalars(select(ClassSession).where(ClassSession.id.in_(ids)))
    }
    nobody = await count_unreached(db, ids, now=now)
    return [
        SessionDay(
            session_id,
            session.title if session else None,
            session.starts_at if session else None,
            session.ends_at if session else None,
            session is not None and session.cancelled_at is not None,
            mine,
            nobody.get(session_id, 0) if session_id is not None else 0,
        )
        for session_id, mine in grouped.items()
        for session in [sessions.get(session_id) if session_id is not None else None]
    ]


@dataclass(frozen=True, slots=True)
class MonthCost:
    """The cost of a ward's messages of a month, in đồng.

    Attributes:
        spent: by the `texts` messages that were sent.
        coming: segments of messages planned for the rest of the month.
        budget: None: there is no limit. `warn_at` is the sum from which staff are warned.
    """

    texts: int
    spent: Decimal
    coming: int
    budget: Decimal | None
    warn_at: Decimal | None


async def month_cost(db: AsyncSession, ward_id: str, month: date) -> MonthCost:
    """The cost of the month that begins on `month`; three statements."""
    spent = await db.get(WardMonth, (ward_id, month))
    after = (month + timedelta(days=32)).replace(day=1)
    coming = await db.scalar(
        select(func.coalesce(func.sum(Message.segments), 0)).where(
            Message.ward_id == ward_id,
            clock.start_of_day(month) <= FIRST_DUE,
            clock.start_of_day(after) > FIRST_DUE,
            Message.state.in_(PENDING_STATES),
        )
    )
    policies = await db.scalars(
        select(ReminderPolicy)
        .where(or_(ReminderPolicy.ward_id == ward_id, ReminderPolicy.ward_id.is_(None)))
        .order_by(ReminderPolicy.ward_id.is_(None))
    )
    said = [(row.monthly_budget, row.budget_warning) for row in policies]  # the ward's before the city's
    budget = next((each for each, _warning in said if each is not None), None)
    warning = next((each for _budget, each in said if each is not None), 100)
    return MonthCost(
        spent.texts if spent else 0,
        spent.price if spent else Decimal(0),
        int(coming or 0),
        budget,
        None if budget is None else budget * warning / 100,
    )
