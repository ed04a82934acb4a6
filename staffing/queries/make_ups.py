"""The sessions that a closure cancelled in a ward, and what is taken in the weeks after it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day, start_of_day
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.models import Assignment, ClassSession, Closure, Enrolment
from scheduling.queries.holidays import days_off
from scheduling.queries.places import with_place
from scheduling.rules.recurrence import Slot
from staffing.queries.helper_facts import absences_between, commitments_between, seen_by
from staffing.rules.make_ups import SEARCHED, MissedSession, Occupied
from staffing.rules.suitability import AssignmentRole
from trainers.models import Trainer


@dataclass(frozen=True, slots=True)
class ClosedSession:
    """A cancelled session with its place, and the session that makes up for it, if one stands.

    `roles`: its helpers when it was cancelled, by id.
    """

    session: ClassSession
    missed: MissedSession
    roles: Mapping[int, AssignmentRole]
    instead: ClassSession | None


@dataclass(frozen=True, slots=True)
class MissedClasses:
    """What a closure cancelled in a ward, earliest first; names of the helpers by id."""

    closure: Closure
    sessions: Sequence[ClosedSession]
    names: Mapping[int, str]

    @property
    def left(self) -> list[ClosedSession]:
        """Those for which nothing stands yet."""
        return [each for each in self.sessions if each.instead is None]


async def missed_classes(db: AsyncSession, ward_id: str, closure_id: int, *, by: Actor) -> MissedClasses:
    """The sessions of a ward that a closure cancelled; five statements.

    Raises:
        NotFound: the closure cancelled nothing there.
    """
    closure = await db.get(Closure, closure_id)
    found = await db.scalars(
        select(ClassSession)
        .where(ClassSession.closure_id == closure_id, ClassSession.ward_id == ward_id)
        .order_by(ClassSession.starts_at, ClassSession.id)
        .options(*with_place())
    )
    sessions = found.all()
    if closure is None or not sessions:
        raise NotFound(_("Không tìm thấy buổi nào của đợt nghỉ này."))
    ids = [each.id for each in sessions]
    learners = await _learners(db, ids)
    helpers = await _helpers(db, ids, by)
    instead = await _instead(db, ids)
    closed: list[ClosedSession] = []
    for each in sessions:
        roles: dict[int, AssignmentRole] = {trainer.id: role for trainer, role in helpers.get(each.id, ())}
        missed = MissedSession(
            each.id,
            Slot(each.starts_at, each.ends_at),
            each.room_id,
            each.series_id,
            tuple(learners.get(each.id, ())),
            tuple(roles),
        )
        closed.append(ClosedSession(each, missed, roles, instead.get(each.id)))
    names = {trainer.id: trainer.full_name for some in helpers.values() for trainer, _role in some}
    return MissedClasses(closure, closed, names)


async def _learners(db: AsyncSession, ids: Collection[int]) -> dict[int, list[int]]:
    """By session those with a seat, then those who wait, in the order of enrolling."""
    rows = await db.execute(
        select(Enrolment.session_id, Enrolment.learner_id)
        .join(Learner, Learner.id == Enrolment.learner_id)
        .where(Enrolment.session_id.in_(ids), Enrolment.state != "cancelled", Learner.archived_at.is_(None))
        .order_by(Enrolment.state, Enrolment.queued_at, Enrolment.id)
    )
    found: dict[int, list[int]] = {}
    for session_id, learner_id in rows:
        found.setdefault(session_id, []).append(learner_id)
    return found


async def _helpers(
    db: AsyncSession, ids: Collection[int], by: Actor
) -> dict[int, list[tuple[Trainer, AssignmentRole]]]:
    """By session the helpers whose assignment the cancelling ended, and whom `by` may ask."""
    rows = await db.execute(
        select(Assignment.session_id, Assignment.role, Trainer)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .join(ClassSession, ClassSession.id == Assignment.session_id)
        .where(
            Assignment.session_id.in_(ids),
            Assignment.state == "withdrawn",
            Assignment.answered_at == ClassSession.cancelled_at,
            Trainer.left_at.is_(None),
            seen_by(by),
        )
        .order_by(Assignment.session_id, Assignment.id)
    )
    found: dict[int, list[tuple[Trainer, AssignmentRole]]] = {}
    for session_id, role, trainer in rows:
        known: AssignmentRole = "trainer" if role == "trainer" else "helper"
        found.setdefault(session_id, []).append((trainer, known))
    return found


async def _instead(db: AsyncSession, ids: Collection[int]) -> dict[int, ClassSession]:
    rows = await db.scalars(
        select(ClassSession).where(ClassSession.makes_up_for_id.in_(ids), ClassSession.cancelled_at.is_(None))
    )
    return {each.makes_up_for_id or 0: each for each in rows}


async def occupied_between(
    db: AsyncSession, ward_id: str, missed: Sequence[MissedSession], first: date, last: date
) -> Occupied:
    """What is taken from one day to another, both included; five statements."""
    since, until = start_of_day(first), start_of_day(last + timedelta(days=1))
    occupied = Occupied(days_off=await days_off(db, ward_id=ward_id, since=first, until=last))
    await _add_sessions(db, occupied, missed, since, until)
    helpers = sorted({helper for each in missed for helper in each.helpers})
    for helper, some in (await commitments_between(db, helpers, since, until)).items():
        occupied.helpers[helper] = [Slot(each.starts_at, each.ends_at) for each in some]
    for helper, periods in (await absences_between(db, helpers, first, last)).items():
        for each in periods:
            away = Slot(
                start_of_day(each.first or first), start_of_day((each.last or last) + timedelta(days=1))
            )
            occupied.helpers.setdefault(helper, []).append(away)
    await _add_seats(db, occupied, missed, since, until)
    return occupied


async def _add_sessions(
    db: AsyncSession, occupied: Occupied, missed: Sequence[MissedSession], since: datetime, until: datetime
) -> None:
    """What is in the rooms, and the meetings of the series; cancelled ones of a series keep their time."""
    rooms = {each.room_id for each in missed if each.room_id is not None}
    series = {each.series_id for each in missed if each.series_id is not None}
    rows = await db.scalars(
        select(ClassSession).where(
            or_(
                ClassSession.room_id.in_(rooms) & ClassSession.cancelled_at.is_(None),
                ClassSession.series_id.in_(series),
            ),
            ClassSession.starts_at < until,
            ClassSession.ends_at > since,
        )
    )
    for each in rows:
        slot = Slot(each.starts_at, each.ends_at)
        if each.room_id in rooms and each.cancelled_at is None:
            occupied.rooms.setdefault(each.room_id or 0, []).append(slot)
        if each.series_id in series:
            occupied.series.setdefault(each.series_id or 0, []).append(slot)


async def _add_seats(
    db: AsyncSession, occupied: Occupied, missed: Sequence[MissedSession], since: datetime, until: datetime
) -> None:
    rows = await db.execute(
        select(Enrolment.learner_id, ClassSession.starts_at, ClassSession.ends_at)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(
            Enrolment.learner_id.in_({learner for each in missed for learner in each.learners}),
            Enrolment.state == "enrolled",
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at < until,
            ClassSession.ends_at > since,
        )
    )
    for learner_id, starts_at, ends_at in rows:
        occupied.learners.setdefault(learner_id, []).append(Slot(starts_at, ends_at))


def days_searched(missed: MissedClasses, now: datetime) -> tuple[date, date]:
    """The first day that may be proposed, and the last."""
    first = max(missed.closure.last_day, local_day(now)) + timedelta(days=1)
    return first, first + timedelta(days=SEARCHED)
