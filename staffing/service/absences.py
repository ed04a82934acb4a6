"""A helper is away for some days: the sessions of those days are given back, and taken again when undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from lopso.kernel import audit, clock
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.errors import HelperBusy, NotPossibleNow
from scheduling.models import Assignment, ClassSession
from scheduling.service.assignment_states import accept, ask_again, decline
from scheduling.service.bookings import (
    check_vacancy,
    note,
    publish_assignments,
    reason_of,
    refusing_double_booking,
)
from scheduling.service.locking import lock_helpers, lock_sessions
from staffing.models import LONGEST_ABSENCE, Absence, AbsenceAssignment
from staffing.queries.absences import assignments_within, wards_given_back
from staffing.queries.helper_facts import absences_between
from trainers.models import Trainer


@dataclass(frozen=True, slots=True)
class NotedAbsence:
    """An absence, how many sessions were given back, and how many in other wards were left as they are."""

    absence: Absence
    given_back: int
    elsewhere: int


@dataclass(frozen=True, slots=True)
class CancelledAbsence:
    """What became of the sessions that were given back for an absence.

    Attributes:
        taken_again: how many are as before.
        filled: titles of those whose place is filled.
        still_away: how many lie in another absence, so they stay declined.
    """

    taken_again: int
    filled: Sequence[str]
    still_away: int = 0


async def note_absence(
    db: AsyncSession, trainer_id: int, *, first: date, last: date, reason: str, by: Actor, now: datetime
) -> NotedAbsence:
    """Note that a helper is away, and decline what they were asked into or accepted for those days.

    Helpers note it for themselves, coordinators for helpers of their ward who phone; these decline only
    sessions of wards where they plan. Sessions that have begun stay as they are. Does not commit.

    Raises:
        NotFound: no such helper, or not one for whom `by` may say so.
        InvalidInput: no reason; days in the wrong order, all past, or too many.
    """
    trainer = await _own_or_planned(db, trainer_id, by)
    reason = _checked(first, last, reason, now)
    wards = wards_given_back(trainer, by)
    everything = await _lock_assignments(db, trainer_id, first, last, now=now)
    rows = [row for row in everything if wards is None or row.ward_id in wards]
    absence = Absence(
        trainer_id=trainer_id, first=first, last=last, reason=reason, noted_at=now, noted_by=by.user_id
    )
    db.add(absence)
    await db.flush()
    db.add_all(
        AbsenceAssignment(absence_id=absence.id, assignment_id=row.id, state=row.state) for row in rows
    )
    for row in rows:
        decline(row, reason, now)
    await db.flush()
    subject = audit.Subject("absence", absence.id, trainer.ward_id)
    audit.note(
        db, subject, "absence.noted", by=by, now=now, trainer_id=trainer_id, first=str(first), last=str(last)
    )
    await _publish(db, rows, "assignment.declined", by=by, now=now)
    return NotedAbsence(absence, len(rows), len(everything) - len(rows))


async def cancel_absence(
    db: AsyncSession, absence_id: int, *, trainer_id: int, by: Actor, now: datetime
) -> CancelledAbsence:
    """The helper is there after all: what was given back for it is as before, where the place is still open.

    Cancelling twice changes nothing. Does not commit.

    Raises:
        NotFound: no such absence of this helper, or not one that `by` may cancel.
    """
    trainer = await _own_or_planned(db, trainer_id, by)
    found = await _given_back(db, absence_id)
    sessions = {each.id: each for each in await lock_sessions(db, {row.session_id for row, _state in found})}
    await lock_helpers(db, [trainer_id])
    absence = await db.get(Absence, absence_id, with_for_update=True, populate_existing=True)
    if absence is None or absence.trainer_id != trainer_id:
        raise NotFound
    if absence.cancelled_at is not None:
        return CancelledAbsence(0, [])
    absence.cancelled_at = now
    await db.flush()
    others = (await absences_between(db, [trainer_id], absence.first, absence.last))[trainer_id]
    restored: list[Assignment] = []
    filled: list[str] = []
    still_away = 0
    for row, state in await _given_back(db, absence_id):
        session = sessions[row.session_id]
        answered_since = row.state != "declined" or row.answered_at != absence.noted_at
        if answered_since or session.cancelled_at is not None or session.starts_at <= now:
            continue
        if any(other.holds(clock.local_day(session.starts_at)) for other in others):
            still_away += 1
        elif await _take_again(db, row, session, state, by=by, now=now):
            restored.append(row)
        else:
            filled.append(session.title)
    await db.flush()
    subject = audit.Subject("absence", absence.id, trainer.ward_id)
    audit.note(db, subject, "absence.cancelled", by=by, now=now, trainer_id=trainer_id)
    await _publish(db, restored, "assignment.answer_taken_back", by=by, now=now, undone=True)
    return CancelledAbsence(len(restored), filled, still_away)


async def _lock_assignments(
    db: AsyncSession, trainer_id: int, first: date, last: date, *, now: datetime
) -> Sequence[Assignment]:
    """What a helper holds in these days, their sessions and the helper locked in the common order.

    An offer that was made while this waited is seen only once the helper is locked; then all locks are
    released, and its session is locked with the others.
    """
    rows = await assignments_within(db, trainer_id, first, last, now=now)
    known: set[int] = set()
    while True:
        known |= {row.session_id for row in rows}
        savepoint = await db.begin_nested()
        await lock_sessions(db, known)
        await lock_helpers(db, [trainer_id])
        rows = await assignments_within(db, trainer_id, first, last, now=now)
        if known.issuperset(row.session_id for row in rows):
            await savepoint.commit()
            return rows
        await savepoint.rollback()


async def _own_or_planned(db: AsyncSession, trainer_id: int, by: Actor) -> Trainer:
    trainer = await db.get(Trainer, trainer_id)
    if trainer is None or trainer.left_at is not None:
        raise NotFound
    own = by.user_id is not None and trainer.user_id == by.user_id
    if not own and not by.may(Permission.PLAN, trainer.ward_id):
        raise NotFound
    return trainer


def _checked(first: date, last: date, reason: str, now: datetime) -> str:
    """The reason, when everything makes sense; else every mistake at its field."""
    mistakes: dict[str, str] = {}
    try:
        reason = reason_of(reason)
    except InvalidInput as error:
        mistakes |= error.fields
    if last < first:
        mistakes["den"] = _("Ngày cuối phải từ ngày đầu trở đi.")
    elif last < clock.local_day(now):
        mistakes["den"] = _("Những ngày này đã qua.")
    elif last - first >= timedelta(days=LONGEST_ABSENCE):
        mistakes["den"] = _("Mỗi lần báo nghỉ nhiều nhất một năm.")
    if mistakes:
        raise InvalidInput(mistakes)
    return reason


async def _given_back(db: AsyncSession, absence_id: int) -> list[tuple[Assignment, str]]:
    """What was declined for an absence, with the state before."""
    statement = (
        select(Assignment, AbsenceAssignment.state)
        .join(AbsenceAssignment, AbsenceAssignment.assignment_id == Assignment.id)
        .where(AbsenceAssignment.absence_id == absence_id)
        .options(joinedload(Assignment.trainer))
        .order_by(Assignment.id)
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in await db.execute(statement)]


async def _take_again(
    db: AsyncSession, row: Assignment, session: ClassSession, state: str, *, by: Actor, now: datetime
) -> bool:
    """Whether the place was free still and is the helper's again."""
    try:
        await check_vacancy(db, row, session)
        async with refusing_double_booking(db, [(row.trainer_id, row.session_id)], by=by):
            if state == "accepted":
                accept(row, now)
            else:
                ask_again(row)
    except (NotPossibleNow, HelperBusy):
        await db.refresh(row, ["state", "reason", "answered_at"])
        return False
    return True


async def _publish(
    db: AsyncSession,
    rows: Sequence[Assignment],
    action: str,
    *,
    by: Actor,
    now: datetime,
    undone: bool = False,
) -> None:
    for row in rows:
        note(db, row, action, by=by, now=now, absent=True)
    await publish_assignments(db, rows, by=by, now=now, answers_undone=undone)
