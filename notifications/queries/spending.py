"""What a ward's texts of a month have cost, beside what they may cost."""

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
    """A month of a ward: texts sent, what they cost and may cost (None: no limit), in whole đồng.

    Attributes:
        warning: so much was spent that staff should know.
        used_up: nothing more goes but news of changes.
        enforced: whether the price of a segment is known, without which no budget can be watched.
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
    """Whether nothing more of a ward's texts goes this month but news of changes; three statements.

    What was spent is kept only where the price of a segment is known.
    """
    policy = (await policies_for(db, [ward_id]))[ward_id]
    row = await db.get(WardMonth, (ward_id, clock.local_day(now).replace(day=1)))
    return policy.monthly_budget is not None and row is not None and row.price >= policy.monthly_budget
