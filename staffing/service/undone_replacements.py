"""Undoing a replacement before anybody acted on it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import HelperBusy, NotPossibleNow
from scheduling.models import Assignment, ClassSession
from scheduling.service.assignment_states import end, restore
from scheduling.service.bookings import (
    lock_assignment,
    note,
    publish_assignments,
    publish_ended,
    refusing_double_booking,
    unanswered,
)
from staffing.service.offers import refusals_for


@dataclass(frozen=True, slots=True)
class UndoneReplacement:
    """Who is in the place again, and who was to replace them.

    Attributes:
        restored: False where the helper had declined: the place is open again.
    """

    before: Assignment
    asked: Assignment
    restored: bool


async def undo_replacement(
    db: AsyncSession,
    session_id: int,
    assignment_id: int,
    *,
    replaced_at: datetime,
    by: Actor,
    now: datetime,
) -> UndoneReplacement:
    """Undo what `replace` did then: the helper is asked, or has agreed, as before. Does not commit.

    Whether somebody has read a text of it is for the caller to ask, before it commits.

    Raises:
        NotFound: `by` replaced nobody then in this session, or may not.
        NotPossibleNow: it was undone already; who was asked has answered, or left the session; the session
            has ended or was cancelled.
        HelperBusy: who was replaced is elsewhere or away by now.
    """
    new_id, trainer_id = await _asked_then(db, session_id, assignment_id, replaced_at, by)
    row, session = await lock_assignment(db, assignment_id, by=by, planning=True, also=[trainer_id])
    asked = (
        await db.scalars(
            select(Assignment)
            .where(Assignment.id == new_id)
            .options(joinedload(Assignment.trainer))
            .execution_options(populate_existing=True)
        )
    ).one()
    _check_untouched(asked)
    end(asked, "withdrawn", _("Thay nhầm, đã hoàn tác"), now)
    await db.flush()
    restored = row.state == "replaced" and row.answered_at == replaced_at
    if restored:
        await _restore(db, row, session, by=by, now=now)
    note(db, row, "assignment.replacement_undone", by=by, now=now, by_trainer=trainer_id)
    await publish_ended(db, [asked], by=by, now=now)
    if restored:
        await publish_assignments(db, [row], by=by, now=now, restored=True)
    return UndoneReplacement(row, asked, restored)


async def _asked_then(
    db: AsyncSession, session_id: int, assignment_id: int, replaced_at: datetime, by: Actor
) -> tuple[int, int]:
    """Assignment and trainer id of who was asked at this instant into the place of an assignment."""
    before = await db.get(Assignment, assignment_id)
    if before is None or before.session_id != session_id:
        raise NotFound
    found = (
        await db.execute(
            select(Assignment.id, Assignment.trainer_id).where(
                Assignment.session_id == session_id,
                Assignment.role == before.role,
                Assignment.offered_at == replaced_at,
                Assignment.offered_by == by.user_id,
                Assignment.id != assignment_id,
            )
        )
    ).first()
    if found is None:
        raise NotFound
    return found.id, found.trainer_id


def _check_untouched(asked: Assignment) -> None:
    name = asked.trainer.full_name
    if unanswered(asked):
        return
    if asked.state == "accepted":
        raise NotPossibleNow(
            _(
                "%(name)s đã nhận lời nên không hoàn tác được nữa. Muốn đổi, xin thay người lần nữa.",
                name=name,
            )
        )
    if asked.state == "declined":
        raise NotPossibleNow(
            _("%(name)s đã báo bận nên không hoàn tác được nữa. Xin chọn người khác.", name=name)
        )
    raise NotPossibleNow(_("Việc này đã được hoàn tác, hoặc %(name)s không còn trong buổi này.", name=name))


async def _restore(
    db: AsyncSession, row: Assignment, session: ClassSession, *, by: Actor, now: datetime
) -> None:
    if row.trainer.left_at is not None:
        raise NotPossibleNow(_("%(name)s đã nghỉ, không còn dạy.", name=row.trainer.full_name))
    obstacles = await refusals_for(db, [session], [row.trainer], by=by, now=now)
    if sentence := obstacles.get((row.trainer_id, row.session_id)):
        raise HelperBusy(sentence)
    async with refusing_double_booking(db, [(row.trainer_id, row.session_id)], by=by):
        restore(row)
