"""Reminder times, quiet hours, caps and budgets. Texts already planned follow the new times."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from notifications.models import ReminderPolicy, ReminderTime
from notifications.queries.audience import policies_of
from notifications.rules.timing import USUAL, Policy
from notifications.service.replanning import replan_at_once_or_in_turn


async def policies(db: AsyncSession, ward_id: str) -> tuple[Policy, Policy | None]:
    """The city's policy, and the ward's own if it has one; two statements."""
    known = await policies_of(db, [None, ward_id])
    return known.get(None, USUAL), known.get(ward_id)


async def set_policy(
    db: AsyncSession, ward_id: str | None, policy: Policy, *, by: Actor, now: datetime
) -> bool:
    """Set the policy of a ward, or with None that of the city. Does not commit.

    Planned reminders follow: a ward's in the same transaction, where they are not too many; else, and for
    the whole city, ward by ward in the next minutes.

    Returns:
        Whether they already do.
    """
    await _write(db, ward_id, policy)
    _note(db, "reminder_policy.set", ward_id, by, now, str(policy))
    return await replan_at_once_or_in_turn(db, ward_id, by=by, now=now)


async def drop_policy(db: AsyncSession, ward_id: str, *, by: Actor, now: datetime) -> bool:
    """Have the ward follow the city again; without times of its own nothing changes. Does not commit.

    Returns:
        Whether planned reminders already follow.
    """
    gone = await db.execute(
        delete(ReminderPolicy).where(ReminderPolicy.ward_id == ward_id).returning(ReminderPolicy.id)
    )
    if gone.first() is None:
        return True
    await db.execute(delete(ReminderTime).where(ReminderTime.ward_id == ward_id))
    _note(db, "reminder_policy.dropped", ward_id, by, now, "")
    return await replan_at_once_or_in_turn(db, ward_id, by=by, now=now)


async def load_policy(db: AsyncSession, *, now: datetime, by: Actor) -> None:
    """The city's policy, where there is none yet."""
    known = await db.scalar(select(ReminderPolicy.id).where(ReminderPolicy.ward_id.is_(None)))
    if known is None:
        await _write(db, None, USUAL)
        _note(db, "reminder_policy.set", None, by, now, str(USUAL))
        await db.flush()


async def _write(db: AsyncSession, ward_id: str | None, policy: Policy) -> None:
    owner = ReminderPolicy.ward_id.is_(None) if ward_id is None else ReminderPolicy.ward_id == ward_id
    row = await db.scalar(select(ReminderPolicy).where(owner))
    if row is None:
        row = ReminderPolicy(ward_id=ward_id)
        db.add(row)
    row.day_before_at = policy.day_before_at
    row.hours_before = policy.hours_before
    row.quiet_until = policy.quiet_until
    row.quiet_from = policy.quiet_from
    row.daily_cap = policy.daily_cap
    row.useless_minutes = policy.useless_minutes
    row.monthly_budget = policy.monthly_budget
    row.budget_warning = policy.budget_warning
    owned = ReminderTime.ward_id.is_(None) if ward_id is None else ReminderTime.ward_id == ward_id
    await db.execute(delete(ReminderTime).where(owned))
    db.add_all(
        ReminderTime(
            ward_id=ward_id, kind=kind, day_before_at=times.day_before_at, hours_before=times.hours_before
        )
        for kind, times in policy.kinds.items()
    )
    await db.flush()


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
