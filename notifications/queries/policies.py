"""Reminder policies in force: the city's, and those of wards that changed something of it."""

from collections.abc import Collection, Mapping

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.models import ReminderPolicy, ReminderTime
from notifications.rules.timing import USUAL, Policy, Times


async def policies_for(db: AsyncSession, ward_ids: Collection[str]) -> Mapping[str, Policy]:
    """Each ward's policy: what it changed, else the city's, else the built-in one; two statements."""
    city, wards = await city_and_ward_policies(db, ward_ids)
    return {ward_id: wards.get(ward_id, city) for ward_id in ward_ids}


async def city_and_ward_policies(
    db: AsyncSession, ward_ids: Collection[str]
) -> tuple[Policy, Mapping[str, Policy]]:
    """The city's policy, and those of the wards that changed something of it; two statements."""
    rows = (
        await db.scalars(
            select(ReminderPolicy).where(
                or_(ReminderPolicy.ward_id.is_(None), ReminderPolicy.ward_id.in_(ward_ids))
            )
        )
    ).all()
    times = await db.scalars(
        select(ReminderTime).where(or_(ReminderTime.ward_id.is_(None), ReminderTime.ward_id.in_(ward_ids)))
    )
    kinds: dict[str | None, dict[str, Times]] = {}
    for each in times:
        kinds.setdefault(each.ward_id, {})[each.kind] = Times(each.day_before_at, each.hours_before)
    citys = next((row for row in rows if row.ward_id is None), None)
    city = USUAL if citys is None else _changed(USUAL, citys, kinds.get(None, {}))
    return city, {
        row.ward_id: _changed(city, row, kinds.get(row.ward_id, {}))
        for row in rows
        if row.ward_id is not None
    }


def _changed(base: Policy, row: ReminderPolicy, kinds: Mapping[str, Times]) -> Policy:
    """`base` with the changes of `row`."""
    return Policy(
        row.day_before_at if row.own_times else base.day_before_at,
        row.hours_before if row.own_times else base.hours_before,
        base.quiet_until if row.quiet_until is None else row.quiet_until,
        base.quiet_from if row.quiet_from is None else row.quiet_from,
        base.daily_cap if row.daily_cap is None else row.daily_cap,
        base.useless_minutes if row.useless_minutes is None else row.useless_minutes,
        kinds if row.own_times else base.kinds,
        base.monthly_budget if row.monthly_budget is None else row.monthly_budget,
        base.budget_warning if row.budget_warning is None else row.budget_warning,
    )
