"""Cost of a ward's messages in a month, and its budget."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from notifications.models import WardMonth
from notifications.queries.policies import policies_for
from notifications.rules.timing import Policy


@dataclass(frozen=True, slots=True)
class Spending:
    """A month of a ward: messages sent, their cost and the budget (None: no limit), in đồng.

    Attributes:
        warning: the warning threshold is reached.
        used_up: only change notices are still sent.
        enforced: the price of a segment is known, without which no budget can be kept.
    """

    texts: int
    spent: int
    budget: int | None
    warning: bool
    used_up: bool
    enforced: bool


async def spent_in_month(
    db: AsyncSession, ward_id: str, month: date, policy: Policy, *, segment_price: int | None
) -> Spending:
    """The month that begins on `month`; one statement.

    Args:
        segment_price: đồng, as the worker counts it; None: costs are not kept.
    """
    row = await db.get(WardMonth, (ward_id, month))
    spent, texts = (row.price, row.texts) if row else (Decimal(0), 0)
    budget = policy.monthly_budget
    enforced = segment_price is not None
    if budget is None or not enforced:
        own = None if budget is None else int(budget)
        return Spending(texts, int(spent), own, warning=False, used_up=False, enforced=enforced)
    return Spending(
        texts,
        int(spent),
        int(budget),
        warning=spent * 100 >= budget * policy.budget_warning,
        used_up=spent >= budget,
        enforced=True,
    )


async def month_used_up(db: AsyncSession, ward_id: str, now: datetime) -> bool:
    """Whether a ward's budget of the month is used up: only change notices are sent; three statements.

    Costs are kept only where the price of a segment is known.
    """
    policy = (await policies_for(db, [ward_id]))[ward_id]
    row = await db.get(WardMonth, (ward_id, clock.local_day(now).replace(day=1)))
    return policy.monthly_budget is not None and row is not None and row.price >= policy.monthly_budget
