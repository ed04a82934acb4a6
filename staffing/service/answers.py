"""A helper's answer to an offer: accepted, declined, undone."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
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
    _check_answerable(row, session, now)
    if row.state == "declined":
        await check_vacancy(db, row, session)
    async with refusing_double_booking(db, [(row.trainer_id, row.session_id)], by=by):
        row.state, row.reason, row.answered_at = new_state, reason, now
    note(db, row, f"assignment.{new_state}", by=by, now=now)
    await publish_assignments(db, row.session_id, [row], by=by, now=now)
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
    first = await answer(db, assignment_id, accept=True, by=by, now=now)
    later = await db.scalars(
        select(Assignment.id)
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .where(
            Assignment.trainer_id == first.trainer_id,
            Assignment.state == "offered",
            Assignment.session_id.in_(ids),
            Assignment.starts_at > first.starts_at,
            ClassSession.series_id
            == select(ClassSession.series_id).where(ClassSession.id == first.session_id).scalar_subquery(),
            ClassSession.published_at.is_not(None),
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(Assignment.session_id)
    )
    offered = later.all()
    for each in offered:
        await answer(db, each, accept=True, by=by, now=now)
    return 1 + len(offered)


async def undo_answer(db: AsyncSession, assignment_id: int, *, by: Actor, now: datetime) -> Assignment:
    """Undo an answer: the helper is asked again. Nothing to undo changes nothing.

    Raises:
        As `answer`.
    """
    row, session = await lock_assignment(db, assignment_id, by=by)
    if row.state == "offered":
        return row
    _check_answerable(row, session, now)
    if row.state == "declined":
        await check_vacancy(db, row, session)
    async with refusing_double_booking(db, [(row.trainer_id, row.session_id)], by=by):
        row.state, row.reason, row.answered_at = "offered", "", None
    note(db, row, "assignment.answer_taken_back", by=by, now=now)
    await publish_assignments(db, row.session_id, [row], by=by, now=now, answers_undone=True)
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
