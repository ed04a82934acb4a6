"""Helpers in a session: taken off, replaced, given another role, noted as absent."""

from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import HelperBusy, NotPossibleNow, SessionAlreadyCancelled, SessionAlreadyEnded
from scheduling.events import AssignmentsChanged
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.rules.commitments import AssignmentRole
from scheduling.service.assignment_states import change_role_of, end, record_presence
from scheduling.service.bookings import (
    check_vacancy,
    ended_sentence,
    lock_assignment,
    note,
    publish_ended,
    reason_of,
    refusing_double_booking,
    trainers_by_session,
)
from scheduling.service.locking import lock_sessions
from staffing.queries.assignments import active_from_here
from staffing.service.offers import OfferResult, offer_assignments


async def withdraw(
    db: AsyncSession, assignment_id: int, *, reason: str, by: Actor, now: datetime
) -> Assignment:
    """Take a helper off a session. Taking off twice changes nothing.

    Raises:
        NotFound, InvalidInput (no reason), SessionAlreadyEnded, NotPossibleNow.
    """
    row, session = await lock_assignment(db, assignment_id, by=by, planning=True)
    reason = reason_of(reason)
    if row.state == "withdrawn":
        return row
    _end(row, session, "withdrawn", reason, now)
    await db.flush()
    note(db, row, "assignment.withdrawn", by=by, now=now)
    await publish_ended(db, [row], by=by, now=now)
    return row


async def withdraw_from_series(
    db: AsyncSession, assignment_id: int, *, reason: str, by: Actor, now: datetime
) -> int:
    """Take a helper off this session and every later one of its series, by one act; how many there were.

    Raises:
        As `withdraw` for the first of them.
    """
    asked = await db.get(Assignment, assignment_id)
    if asked is None:
        raise NotFound
    ids = {asked.session_id, *(each.session_id for each in await active_from_here(db, asked))}
    sessions = {each.id: each for each in await lock_sessions(db, ids)}
    first, session = await lock_assignment(db, assignment_id, by=by, planning=True)
    reason = reason_of(reason)
    if first.state == "withdrawn":
        return 0
    _end(first, session, "withdrawn", reason, now)
    later = [each for each in await active_from_here(db, first) if each.session_id in sessions]
    for each in later:
        _end(each, sessions[each.session_id], "withdrawn", reason, now)
    await db.flush()
    for each in (first, *later):
        note(db, each, "assignment.withdrawn", by=by, now=now)
    await publish_ended(db, [first, *later], by=by, now=now)
    return 1 + len(later)


async def change_role(
    db: AsyncSession, assignment_id: int, role: AssignmentRole, *, by: Actor, now: datetime
) -> Assignment:
    """Have a helper teach, or a teacher help, in the same session. The role one has changes nothing.

    An answer that was given stays given.

    Raises:
        NotFound, SessionAlreadyCancelled, SessionAlreadyEnded, NotPossibleNow (taken off meanwhile).
    """
    row, session = await lock_assignment(db, assignment_id, by=by, planning=True)
    if row.role == role:
        return row
    if session.cancelled_at is not None:
        raise SessionAlreadyCancelled(session.id)
    if session.ends_at <= now:
        raise SessionAlreadyEnded(session.id)
    if row.state not in ASSIGNMENT_ACTIVE:
        raise NotPossibleNow(ended_sentence(row))
    change_role_of(row, role)
    await db.flush()
    note(db, row, "assignment.role_changed", by=by, now=now, role=role)
    await publish(db, AssignmentsChanged(role_changed=trainers_by_session([row]), by=by, at=now))
    return row


async def replace(
    db: AsyncSession,
    assignment_id: int,
    trainer_id: int,
    *,
    reason: str,
    agreed: bool,
    by: Actor,
    now: datetime,
) -> OfferResult:
    """Put somebody else in a helper's place, in the same role; both happen or neither.

    Somebody who declined stays as they are, with their own reason; `reason` is not asked for then.

    Raises:
        HelperBusy: the new helper cannot come; the sentence says why.
        NotFound, InvalidInput (no reason), SessionAlreadyCancelled, SessionAlreadyEnded, NotPossibleNow.
    """
    row, session = await lock_assignment(db, assignment_id, by=by, planning=True, also=[trainer_id])
    declined = row.state == "declined"
    reason = "" if declined else reason_of(reason)
    if trainer_id == row.trainer_id:
        raise HelperBusy(_("%(name)s đã có trong buổi này.", name=row.trainer.full_name))
    if declined:
        await _check_unfilled(db, row, session)
    else:
        _end(row, session, "replaced", reason, now)
        await db.flush()
    note(db, row, "assignment.replaced", by=by, now=now, by_trainer=trainer_id)
    role: AssignmentRole = "trainer" if row.role == "trainer" else "helper"
    [asked] = await offer_assignments(
        db, [row.session_id], [trainer_id], role=role, agreed=agreed, by=by, now=now
    )
    if asked.refusal is not None:
        raise HelperBusy(asked.refusal)
    if not declined:
        await publish_ended(db, [row], by=by, now=now)
    return asked


async def record_absence(
    db: AsyncSession, assignment_id: int, *, came: bool, by: Actor, now: datetime
) -> Assignment:
    """Once a session has begun: write down that a helper did not come, or take that back.

    Raises:
        NotFound, NotPossibleNow, HelperBusy.
    """
    row, session = await lock_assignment(db, assignment_id, by=by, planning=True)
    wanted = "accepted" if came else "no_show"
    if row.state == wanted:
        return row
    if session.starts_at > now or session.cancelled_at is not None:
        raise NotPossibleNow(_("Chỉ ghi vắng mặt sau khi buổi học đã bắt đầu."))
    if row.state not in (*ASSIGNMENT_ACTIVE, "no_show"):
        raise NotPossibleNow(ended_sentence(row))
    async with refusing_double_booking(db, [(row.trainer_id, row.session_id)], by=by):
        record_presence(row, came=came, now=now)
    note(db, row, f"assignment.{wanted}", by=by, now=now)
    return row


async def _check_unfilled(db: AsyncSession, row: Assignment, session: ClassSession) -> None:
    """As `check_vacancy`, in words for who looks for a replacement."""
    try:
        await check_vacancy(db, row, session)
    except NotPossibleNow as filled:
        sentence = _("Chỗ này đã có người thay. Muốn thêm người, xin chọn ở trang phân công.")
        raise NotPossibleNow(sentence) from filled


def _end(
    row: Assignment,
    session: ClassSession,
    state: Literal["withdrawn", "replaced"],
    reason: str,
    now: datetime,
) -> None:
    if session.ends_at <= now:
        raise SessionAlreadyEnded(session.id)
    if row.state not in ASSIGNMENT_ACTIVE:
        raise NotPossibleNow(ended_sentence(row))
    end(row, state, reason, now)
