"""Closures: cancelling the sessions of several wards on some days, ward by ward, by a worker."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from scheduling.models import SESSION_KINDS, ClassSession, Closure, ClosureWard, Holiday
from scheduling.queries.closures import closed_sessions
from scheduling.rules.closures import ClosurePlan
from scheduling.service.sessions import cancel_locked, checked_reason


async def start_closure(
    db: AsyncSession, wanted: ClosurePlan, *, reason: str, by: Actor, now: datetime
) -> Closure:
    """Store a closure; a worker then cancels the sessions of its wards (`close_next`). Does not commit.

    The days become days off of these wards, unless they are already, where every kind is cancelled.

    Raises:
        InvalidInput: no reason, or one that is too long; or nothing would be cancelled.
    """
    reason = checked_reason(reason)
    found = await db.scalar(closed_sessions(wanted, now=now).with_only_columns(ClassSession.id).limit(1))
    if found is None:
        raise nothing_to_close()
    closure = Closure(
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        kinds=list(wanted.kinds),
        reason=reason,
        created_at=now,
        created_by=by.user_id,
        created_by_name=by.name,
    )
    db.add(closure)
    await db.flush()
    db.add_all(ClosureWard(closure_id=closure.id, ward_id=each) for each in sorted(set(wanted.ward_ids)))
    if becomes_days_off(wanted):
        await _add_days_off(db, wanted, reason)
    audit.note(
        db,
        closure,
        "closure.started",
        by=by,
        now=now,
        wards=sorted(wanted.ward_ids),
        days=[wanted.first_day.isoformat(), wanted.last_day.isoformat()],
        kinds=sorted(wanted.kinds),
    )
    return closure


def becomes_days_off(wanted: ClosurePlan) -> bool:
    """Whether its days become days off: only where nothing at all takes place."""
    return set(wanted.kinds) == set(SESSION_KINDS)


def nothing_to_close() -> InvalidInput:
    """The refusal of a closure that would cancel nothing, at the field of its first day."""
    return InvalidInput({"tu": _("Những ngày này không còn buổi nào sắp tới ở các phường, xã đã chọn.")})


async def close_next(db: AsyncSession, *, now: datetime) -> bool:
    """Cancel the sessions of the next ward of a closure. Does not commit; a kill before that changes nothing.

    Wards that another worker has are passed over.

    Returns:
        Whether there was one.
    """
    ward = await db.scalar(
        select(ClosureWard)
        .where(ClosureWard.done_at.is_(None))
        .order_by(ClosureWard.closure_id, ClosureWard.ward_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if ward is None:
        return False
    closure = await db.get_one(Closure, ward.closure_id)
    sessions = await _lock(db, closure, ward.ward_id, now)
    if sessions:
        by = Actor(closure.created_by, closure.created_by_name)
        await cancel_locked(db, sessions, reason=closure.reason, closure_id=closure.id, by=by, now=now)
    ward.done_at, ward.cancelled = now, len(sessions)
    await db.flush()
    return True


async def _lock(db: AsyncSession, closure: Closure, ward_id: str, now: datetime) -> Sequence[ClassSession]:
    """The sessions to cancel, locked by id; those that moved or were cancelled meanwhile left out."""
    plan = ClosurePlan((ward_id,), closure.first_day, closure.last_day, tuple(closure.kinds))
    found = await db.scalars(
        closed_sessions(plan, now=now)
        .order_by(ClassSession.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.all()


async def _add_days_off(db: AsyncSession, wanted: ClosurePlan, reason: str) -> None:
    await db.execute(
        insert(Holiday)
        .values(
            [
                {"day": day, "ward_id": ward_id, "name": reason[:120], "tentative": False}
                for day in wanted.days
                for ward_id in sorted(set(wanted.ward_ids))
            ]
        )
        .on_conflict_do_nothing(constraint="uq_holiday_day_ward_id")
    )
