"""A helper's answer to an offer: accepted, declined, undone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.service import assignment_states as states
from scheduling.service.bookings import (
    check_vacancy,
    ended_sentence,
    lock_assignment,
    note,
    publish_assignments,
    reason_of,
    refusing_double_booking,
)
from scheduling.service.locking import lock_sessions
from staffing.queries.assignments import active_from_here


async def answer(
    db: AsyncSession, assignment_id: int, *, accept: bool, reason: str = "", by: Actor, now: datetime
) -> Assignment:
    """Accept or decline, before the session begins. The same answer again changes nothing.

    Helpers answer for themselves; a coordinator of the ward notes what was said on the phone. Who declined
    may still accept while the place is open.

    Raises:
        NotFound: no such assignment, or not one this person may answer.
        InvalidInput: declined without a reason.
        NotPossibleNow: too late, cancelled, taken off, or the place is filled.
        HelperBusy: in the meantime the helper is at another session then.
    """
    row, session = await lock_assignment(db, assignment_id, by=by)
    new_state = "accepted" if accept else "declined"
    reason = reason_of(reason) if not accept else ""
    if row.state == new_state:
        return row
    await _check_open(db, row, session, now)
    async with refusing_double_booking(db, [(row.trainer_id, row.session_id)], by=by):
        if accept:
            states.accept(row, now)
        else:
            states.decline(row, reason, now)
    note(db, row, f"assignment.{new_state}", by=by, now=now)
    await publish_assignments(db, [row], by=by, now=now)
    return row


async def accept_series(db: AsyncSession, assignment_id: int, *, by: Actor, now: datetime) -> int:
    """Accept this session and every later one of its series with an open offer; how many there were.

    Raises:
        As `answer` for the first of them; later ones that no longer wait for an answer are passed over.
    """
    asked = await db.get(Assignment, assignment_id)
    if asked is None:
        raise NotFound
    # All sessions before the helper, as everywhere: an offer of a later one would otherwise wait crosswise.
    ids = {asked.session_id, *(each.session_id for each in await active_from_here(db, asked))}
    await lock_sessions(db, ids)
    first, session = await lock_assignment(db, assignment_id, by=by)
    later = await _open_later_offers(db, first, session, ids, now)
    rows = later if first.state == "accepted" else [first, *later]
    if first in rows:
        await _check_open(db, first, session, now)
    async with refusing_double_booking(db, [(row.trainer_id, row.session_id) for row in rows], by=by):
        for row in rows:
            states.accept(row, now)
    for row in rows:
        note(db, row, "assignment.accepted", by=by, now=now)
    await publish_assignments(db, rows, by=by, now=now)
    return 1 + len(later)


async def _open_later_offers(
    db: AsyncSession, first: Assignment, session: ClassSession, session_ids: Collection[int], now: datetime
) -> list[Assignment]:
    """The helper's open offers in later sessions of the series that take place, earliest id first."""
    if session.series_id is None:
        return []
    later = await db.scalars(
        select(Assignment)
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .where(
            Assignment.trainer_id == first.trainer_id,
            Assignment.state == "offered",
            Assignment.session_id.in_(session_ids),
            Assignment.starts_at > max(first.starts_at, now),
            ClassSession.series_id == session.series_id,
            ClassSession.published_at.is_not(None),
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(Assignment.session_id)
        .with_for_update(of=Assignment)
        .execution_options(populate_existing=True)
    )
    return list(later)


async def _check_open(db: AsyncSession, row: Assignment, session: ClassSession, now: datetime) -> None:
    """Refuse an answer that comes too late, or that follows a decline when the place is filled."""
    _check_answerable(row, session, now)
    if row.state == "declined":
        await check_vacancy(db, row, session)


async def undo_answer(db: AsyncSession, assignment_id: int, *, by: Actor, now: datetime) -> Assignment:
    """Undo an answer: the helper is asked again. Nothing to undo changes nothing.

    Raises:
        As `answer`.
    """
    row, session = await lock_assignment(db, assignment_id, by=by)
    if row.state == "offered":
        return row
    await _check_open(db, row, session, now)
    async with refusing_double_booking(db, [(row.trainer_id, row.session_id)], by=by):
        states.ask_again(row)
    note(db, row, "assignment.answer_taken_back", by=by, now=now)
    await publish_assignments(db, [row], by=by, now=now, answers_undone=True)
    return row


def _check_answerable(row: Assignment, session: ClassSession, now: datetime) -> None:
    """Refuse an answer that comes too late or to an offer that has ended."""
    if session.cancelled_at is not None:
        raise NotPossibleNow(_("Buổi này đã hủy, không cần trả lời nữa."))
    if row.state not in (*ASSIGNMENT_ACTIVE, "declined"):
        raise NotPossibleNow(ended_sentence(row))
    if session.starts_at <= now:
        raise NotPossibleNow(
            _("Buổi này đã bắt đầu nên không đổi câu trả lời được nữa. Xin gọi cho phường, xã.")
        )
