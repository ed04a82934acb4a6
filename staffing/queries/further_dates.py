"""Dates of further meetings of a series: days off, the room, and who is elsewhere then."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment
from scheduling.queries.series import SeriesDate, series_preview
from scheduling.rules.plan import SeriesPlan
from scheduling.rules.recurrence import Slot, overlap, span_of
from staffing.queries.helper_facts import absences_between
from staffing.queries.series_model import CarriedHelper


@dataclass(frozen=True, slots=True)
class FurtherDate:
    """A date of the rule; `busy` are helpers who are elsewhere or away, `learners` how many are elsewhere.

    `known`: the series has a cancelled meeting there.
    """

    date: SeriesDate
    busy: Sequence[str]
    learners: int
    known: bool

    @property
    def possible(self) -> bool:
        """Whether a session can be planned on it: to come, the room free, no meeting there before."""
        return self.date.possible and not self.date.past and not self.known


@dataclass(frozen=True, slots=True)
class FurtherDates:
    """Every date of a rule, earliest first. `cut_short` when the rule asks for more than is planned."""

    lines: Sequence[FurtherDate]
    cut_short: bool


async def further_dates(
    db: AsyncSession,
    ward_id: str,
    plan: SeriesPlan,
    *,
    learners: Collection[int],
    helpers: Sequence[CarriedHelper],
    starts: Collection[datetime] = (),
    now: datetime,
) -> FurtherDates:
    """The dates of `plan` with what is in the way; five statements.

    Args:
        learners, helpers: who is to take part.
        starts: at which the series has meetings, cancelled ones too.
    """
    seen = await series_preview(db, ward_id, plan, now=now)
    slots = [each.meeting.slot for each in seen.lines]
    if not slots:
        return FurtherDates((), seen.cut_short)
    seats = await _seats(db, learners, slots)
    busy = await _busy(db, helpers, slots)
    lines = [
        FurtherDate(
            each,
            busy.get(each.meeting.slot, ()),
            seats.get(each.meeting.slot, 0),
            each.meeting.slot.starts_at in starts,
        )
        for each in seen.lines
    ]
    return FurtherDates(lines, seen.cut_short)


async def _seats(db: AsyncSession, learners: Collection[int], slots: Sequence[Slot]) -> Mapping[Slot, int]:
    """How many of the learners have a seat elsewhere at each time; one statement."""
    since, until = span_of(slots)
    rows = await db.execute(
        select(ClassSession.starts_at, ClassSession.ends_at, func.count(Enrolment.learner_id.distinct()))
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(
            Enrolment.learner_id.in_(learners),
            Enrolment.state == "enrolled",
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at < until,
            ClassSession.ends_at > since,
        )
        .group_by(ClassSession.id)
    )
    taken = [(Slot(starts_at, ends_at), number) for starts_at, ends_at, number in rows]
    return {slot: sum(number for there, number in taken if overlap(slot, there)) for slot in slots}


async def _busy(
    db: AsyncSession, helpers: Sequence[CarriedHelper], slots: Sequence[Slot]
) -> Mapping[Slot, Sequence[str]]:
    """Which helpers are elsewhere, or away, at each time; two statements."""
    since, until = span_of(slots)
    ids = [each.trainer.id for each in helpers]
    rows = await db.execute(
        select(Assignment.trainer_id, Assignment.starts_at, Assignment.ends_at).where(
            Assignment.trainer_id.in_(ids),
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            Assignment.starts_at < until,
            Assignment.ends_at > since,
        )
    )
    held = [(trainer_id, Slot(starts_at, ends_at)) for trainer_id, starts_at, ends_at in rows]
    away = await absences_between(db, ids, min(each.day for each in slots), max(each.day for each in slots))

    def free(helper: CarriedHelper, slot: Slot) -> bool:
        if any(period.holds(slot.day) for period in away.get(helper.trainer.id, ())):
            return False
        return not any(number == helper.trainer.id and overlap(slot, there) for number, there in held)

    return {slot: [each.trainer.full_name for each in helpers if not free(each, slot)] for slot in slots}
