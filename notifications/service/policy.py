"""Reminder times, quiet hours, caps and budgets. Planned messages follow the new times.

A ward stores only what it changed, and follows the city in everything else. The monthly budget is apart from
the times: the city alone sets it, and it stays when a ward gives up times of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from sqlalchemy import ColumnElement, case, delete, func, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.models import ReminderPolicy, ReminderTime
from notifications.queries.policies import city_and_ward_policies
from notifications.rules.timing import USUAL, Policy, Times
from notifications.service.replanning import replan_now_or_later


@dataclass(frozen=True, slots=True)
class Policies:
    """The policy of a ward, beside the city's.

    Attributes:
        ward: what the ward changed over what the city says.
        differs: whether the ward has times, hours or caps of its own.
        own_budget: what the city allows this ward alone, in đồng; None: as every ward.
    """

    city: Policy
    ward: Policy
    differs: bool
    own_budget: Decimal | None


async def policies(db: AsyncSession, ward_id: str) -> Policies:
    """The city's policy and the ward's; three statements."""
    city, wards = await city_and_ward_policies(db, [ward_id])
    row = await _row(db, ward_id)
    return Policies(
        city,
        wards.get(ward_id, city),
        row is not None and _differs(row),
        row.monthly_budget if row is not None else None,
    )


async def set_policy(
    db: AsyncSession, ward_id: str | None, policy: Policy, *, by: Actor, now: datetime
) -> bool:
    """Set times, hours and caps of a ward, or with None those of the city. Does not commit.

    A ward keeps what differs from the city's. Hours of wards that reach beyond new hours of the city end
    with them. Budgets stay as they are. Planned reminders follow: a ward's in the same transaction, where
    they are not too many; else, and for the whole city, ward by ward in the next minutes.

    Returns:
        Whether they already do.
    """
    if ward_id is None:
        await _write_city(db, policy)
    else:
        await _write_ward(db, ward_id, policy)
    _note(db, "reminder_policy.set", ward_id, by, now, str(policy))
    return await replan_now_or_later(db, ward_id, by=by, now=now)


async def set_budget(
    db: AsyncSession,
    ward_id: str,
    *,
    own: Decimal | None,
    citys: Decimal | None,
    warning: int,
    by: Actor,
    now: datetime,
) -> None:
    """Set what the messages of a month may cost, in đồng. Does not commit.

    Args:
        own: in this ward alone; None: as in every ward.
        citys: in each ward; None: no limit.
        warning: per cent of it at which staff are warned, in every ward.
    """
    city = await _city_row(db)
    city.monthly_budget, city.budget_warning = citys, warning
    row = await _row(db, ward_id)
    if row is None and own is not None:
        row = _follower(ward_id)
        db.add(row)
    if row is not None:
        row.monthly_budget, row.budget_warning = own, None
        await _drop_if_empty(db, row)
    await db.flush()
    _note(db, "reminder_policy.budget_set", ward_id, by, now, f"own={own} city={citys} warning={warning}")


async def drop_policy(db: AsyncSession, ward_id: str, *, by: Actor, now: datetime) -> bool:
    """Have the ward follow the city's times, hours and caps again; its budget stays. Does not commit.

    Returns:
        Whether planned reminders already follow.
    """
    row = await _row(db, ward_id)
    if row is None or not _differs(row):
        return True
    row.own_times, row.day_before_at, row.hours_before = False, None, None
    row.quiet_until = row.quiet_from = row.daily_cap = row.useless_minutes = None
    await db.execute(delete(ReminderTime).where(ReminderTime.ward_id == ward_id))
    await _drop_if_empty(db, row)
    _note(db, "reminder_policy.dropped", ward_id, by, now, "")
    return await replan_now_or_later(db, ward_id, by=by, now=now)


async def load_policy(db: AsyncSession, *, now: datetime, by: Actor) -> None:
    """The city's policy, where there is none yet."""
    if await _row(db, None) is None:
        await _write_city(db, USUAL)
        _note(db, "reminder_policy.set", None, by, now, str(USUAL))


async def _row(db: AsyncSession, ward_id: str | None) -> ReminderPolicy | None:
    owner = ReminderPolicy.ward_id.is_(None) if ward_id is None else ReminderPolicy.ward_id == ward_id
    return await db.scalar(select(ReminderPolicy).where(owner))


def _differs(row: ReminderPolicy) -> bool:
    return row.own_times or any(
        each is not None for each in (row.quiet_until, row.quiet_from, row.daily_cap, row.useless_minutes)
    )


def _follower(ward_id: str) -> ReminderPolicy:
    return ReminderPolicy(ward_id=ward_id, own_times=False)


async def _city_row(db: AsyncSession) -> ReminderPolicy:
    row = await _row(db, None)
    if row is None:
        await _write_city(db, USUAL)
        row = await _row(db, None)
    if row is None:
        raise LookupError
    return row


async def _write_city(db: AsyncSession, policy: Policy) -> None:
    row = await _row(db, None)
    if row is None:
        row = ReminderPolicy(monthly_budget=policy.monthly_budget, budget_warning=policy.budget_warning)
        db.add(row)
    row.day_before_at, row.hours_before = policy.day_before_at, policy.hours_before
    row.quiet_until, row.quiet_from = policy.quiet_until, policy.quiet_from
    row.daily_cap, row.useless_minutes = policy.daily_cap, policy.useless_minutes
    await _write_kinds(db, None, policy.kinds)
    await db.flush()
    nothing_left = or_(
        ReminderPolicy.quiet_until >= policy.quiet_from, ReminderPolicy.quiet_from <= policy.quiet_until
    )

    def within(hour: ColumnElement[time]) -> ColumnElement[time | None]:
        return case((nothing_left, null()), else_=hour)

    await db.execute(
        update(ReminderPolicy)
        .where(ReminderPolicy.ward_id.is_not(None), ReminderPolicy.quiet_until.is_not(None))
        .values(
            quiet_until=within(func.greatest(ReminderPolicy.quiet_until, policy.quiet_until)),
            quiet_from=within(func.least(ReminderPolicy.quiet_from, policy.quiet_from)),
        )
    )


async def _write_ward(db: AsyncSession, ward_id: str, policy: Policy) -> None:
    city, _wards = await city_and_ward_policies(db, [])
    row = await _row(db, ward_id)
    if row is None:
        row = _follower(ward_id)
        db.add(row)
    times = (policy.day_before_at, policy.hours_before, dict(policy.kinds))
    row.own_times = times != (city.day_before_at, city.hours_before, dict(city.kinds))
    row.day_before_at = policy.day_before_at if row.own_times else None
    row.hours_before = policy.hours_before if row.own_times else None
    hours = (policy.quiet_until, policy.quiet_from)
    row.quiet_until, row.quiet_from = (None, None) if hours == (city.quiet_until, city.quiet_from) else hours
    row.daily_cap = None if policy.daily_cap == city.daily_cap else policy.daily_cap
    row.useless_minutes = None if policy.useless_minutes == city.useless_minutes else policy.useless_minutes
    await _write_kinds(db, ward_id, policy.kinds if row.own_times else {})
    await _drop_if_empty(db, row)


async def _write_kinds(db: AsyncSession, ward_id: str | None, kinds: Mapping[str, Times]) -> None:
    owned = ReminderTime.ward_id.is_(None) if ward_id is None else ReminderTime.ward_id == ward_id
    await db.execute(delete(ReminderTime).where(owned))
    db.add_all(
        ReminderTime(
            ward_id=ward_id, kind=kind, day_before_at=times.day_before_at, hours_before=times.hours_before
        )
        for kind, times in kinds.items()
    )


async def _drop_if_empty(db: AsyncSession, row: ReminderPolicy) -> None:
    await db.flush()
    if row.ward_id is not None and row.monthly_budget is None and not _differs(row):
        await db.delete(row)
        await db.flush()


def _note(db: AsyncSession, action: str, ward_id: str | None, by: Actor, now: datetime, policy: str) -> None:
    about = audit.Subject("reminder_policy", ward_id or "city", ward_id)
    audit.note(db, about, action, by=by, now=now, policy=policy)
