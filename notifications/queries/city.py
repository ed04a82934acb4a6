"""Figures about messages of one month, ward by ward."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Integer, case, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from notifications.models import Message, ReminderPolicy, WardMonth
from notifications.queries.delivery_problems import RECENT
from notifications.queries.message_conditions import FIRST_DUE
from notifications.rules.states import PROBLEM_STATES
from venues.models import Ward

_FINE = 120  # seconds: delays below are counted by the second, longer ones by the minute


@dataclass(frozen=True, slots=True)
class WardFigures:
    """The figures of one ward in one month.

    Attributes:
        went: messages that a provider accepted; `delivered` of them reached a phone.
        median, p90: seconds from first due to sent, retries included; None where nothing was sent.
        cost: đồng; `budget` None: there is no limit.
        open: unresolved delivery problems of the last week.
        by_state: messages that were due in the month, by state, without withdrawn ones.
    """

    ward_id: str
    name: str
    went: int
    delivered: int
    median: int | None
    p90: int | None
    cost: Decimal
    budget: Decimal | None
    open: int
    by_state: Counter[str]

    @property
    def share(self) -> float | None:
        """The share of messages that reached a phone."""
        return self.delivered / self.went if self.went else None

    @property
    def used(self) -> float | None:
        """The share of the budget that is spent."""
        return float(self.cost / self.budget) if self.budget else None


@dataclass(frozen=True, slots=True)
class CityFigures:
    """All wards that somebody may see, by name, and their totals."""

    wards: Sequence[WardFigures]
    whole: WardFigures


async def city_month(
    db: AsyncSession, month: date, *, wards: Collection[str] | None, name: str, now: datetime
) -> CityFigures:
    """The month that begins on `month`; five statements.

    Args:
        wards: codes; None: the whole city.
        name: of the sum.
    """
    asked = select(Ward.id, Ward.full_name).order_by(Ward.slug)
    if wards is not None:
        asked = asked.where(Ward.id.in_(wards))
    names = {row.id: row.full_name for row in await db.execute(asked)}
    spent = await _spent(db, month, names)
    budgets = await _budgets(db, names)
    states, delays = await _delivery(db, month, names)
    open_ones = await _open(db, names, now)
    rows = [
        _figures(
            (ward_id, full_name),
            states.get(ward_id, Counter()),
            delays.get(ward_id, Counter()),
            (spent.get(ward_id, Decimal(0)), budgets.get(ward_id)),
            open_ones.get(ward_id, 0),
        )
        for ward_id, full_name in names.items()
    ]
    limits = [row.budget for row in rows]
    limited = [limit for limit in limits if limit is not None]
    whole = _figures(
        ("", name),
        sum(states.values(), Counter[str]()),
        sum(delays.values(), Counter[int]()),
        (sum(spent.values(), Decimal(0)), sum(limited, Decimal(0)) if len(limited) == len(rows) else None),
        sum(open_ones.values()),
    )
    return CityFigures(rows, whole)


def percentile(delays: Counter[int], share: float) -> int | None:
    """The delay within which this share of the messages was sent; None where none was."""
    wanted = share * sum(delays.values())
    seen = 0
    for seconds in sorted(delays):
        seen += delays[seconds]
        if seen >= wanted:
            return seconds
    return None


def _figures(
    ward: tuple[str, str],
    states: Counter[str],
    delays: Counter[int],
    money: tuple[Decimal, Decimal | None],
    waiting: int,
) -> WardFigures:
    sent = (delays.total(), states["delivered"], percentile(delays, 0.5), percentile(delays, 0.9))
    return WardFigures(*ward, *sent, *money, waiting, states)


async def _spent(db: AsyncSession, month: date, wards: Collection[str]) -> dict[str, Decimal]:
    rows = await db.scalars(select(WardMonth).where(WardMonth.month == month, WardMonth.ward_id.in_(wards)))
    return {row.ward_id: row.price for row in rows}


async def _budgets(db: AsyncSession, wards: Collection[str]) -> dict[str, Decimal | None]:
    """Each ward's budget: its own, else the city's."""
    rows = await db.scalars(select(ReminderPolicy).where(ReminderPolicy.monthly_budget.is_not(None)))
    known = {row.ward_id: row.monthly_budget for row in rows}
    return {ward_id: known.get(ward_id, known.get(None)) for ward_id in wards}


async def _delivery(
    db: AsyncSession, month: date, wards: Collection[str]
) -> tuple[dict[str, Counter[str]], dict[str, Counter[int]]]:
    """By ward, messages by state without withdrawn ones, and of those sent the seconds from due to sent.

    Counted by seconds or minutes, not sorted: a month of a big city is a million messages. An index-only
    scan: the index holds the state and the time beside ward and due time.
    """
    late = cast(func.greatest(func.extract("epoch", Message.sent_at - FIRST_DUE), 0), Integer)
    fine = case((late < _FINE, late), else_=late.op("/")(60).op("*")(60))
    step = case((Message.sent_at.is_not(None), fine))
    after = (month + timedelta(days=32)).replace(day=1)
    rows = await db.execute(
        select(Message.ward_id, Message.state, step, func.count())
        .where(
            Message.ward_id.in_(wards),
            clock.start_of_day(month) <= FIRST_DUE,
            clock.start_of_day(after) > FIRST_DUE,
            or_(Message.sent_at.is_not(None), Message.state != "withdrawn"),
        )
        .group_by(Message.ward_id, Message.state, step)
    )
    states: dict[str, Counter[str]] = {}
    delays: dict[str, Counter[int]] = {}
    for ward_id, state, seconds, number in rows:
        if state != "withdrawn":
            states.setdefault(ward_id, Counter())[state] += number
        if seconds is not None:
            delays.setdefault(ward_id, Counter())[seconds] += number
    return states, delays


async def _open(db: AsyncSession, wards: Collection[str], now: datetime) -> dict[str, int]:
    rows = await db.execute(
        select(Message.ward_id, func.count().label("waiting"))
        .where(
            Message.ward_id.in_(wards),
            Message.due_at >= now - RECENT,
            Message.due_at <= now,
            Message.state.in_(PROBLEM_STATES),
            Message.resolved_at.is_(None),
        )
        .group_by(Message.ward_id)
    )
    return {row.ward_id: row.waiting for row in rows}
