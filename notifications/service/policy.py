"""Reminder times. New ones hold for sessions published or changed from now on; quiet hours hold at once."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.models import ReminderPolicy
from notifications.queries.audience import as_policy
from notifications.rules.timing import Policy


async def policies(db: AsyncSession, ward_id: str) -> tuple[Policy, Policy | None]:
    """The city's policy, and the ward's own if it has one; one statement."""
    rows = await _rows(db, ward_id)
    city, own = rows.get(None), rows.get(ward_id)
    return as_policy(city) if city else Policy(), as_policy(own) if own else None


async def set_policy(
    db: AsyncSession, ward_id: str | None, policy: Policy, *, by: Actor, now: datetime
) -> None:
    """Set the times of a ward, or with None those of the city. Does not commit."""
    row = (await _rows(db, ward_id)).get(ward_id)
    if row is None:
        row = ReminderPolicy(ward_id=ward_id)
        db.add(row)
    row.day_before_at = policy.day_before_at
    row.hours_before = policy.hours_before
    row.quiet_until = policy.quiet_until
    row.quiet_from = policy.quiet_from
    row.daily_cap = policy.daily_cap
    await db.flush()
    _note(db, "reminder_policy.set", ward_id, by, now, str(policy))


async def drop_policy(db: AsyncSession, ward_id: str, *, by: Actor, now: datetime) -> None:
    """Have the ward follow the city again; without times of its own nothing changes. Does not commit."""
    row = (await _rows(db, ward_id)).get(ward_id)
    if row is not None:
        await db.delete(row)
        await db.flush()
        _note(db, "reminder_policy.dropped", ward_id, by, now, "")


async def _rows(db: AsyncSession, ward_id: str | None) -> dict[str | None, ReminderPolicy]:
    rows = await db.scalars(
        select(ReminderPolicy).where(or_(ReminderPolicy.ward_id.is_(None), ReminderPolicy.ward_id == ward_id))
    )
    return {row.ward_id: row for row in rows}


def _note(db: AsyncSession, action: str, ward_id: str | None, by: Actor, now: datetime, policy: str) -> None:
    audit.record(
        db,
        by=by,
        now=now,
        action=action,
        ward_id=ward_id,
        subject="reminder_policy",
        subject_id=ward_id or "city",
        facts={"policy": policy},
    )
