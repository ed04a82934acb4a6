"""A series as the model of further meetings: its rule, its last meeting, who takes part in that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel.clock import local_day
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.models import Assignment, ClassSession, Enrolment, Series
from scheduling.queries.series import split_off
from scheduling.queries.sessions import series_with_slots, sessions_of_series
from scheduling.rules.plan import SessionPlace, SessionTemplate
from scheduling.rules.recurrence import WeeklySlot
from staffing.rules.suitability import AssignmentRole
from trainers.models import Trainer


@dataclass(frozen=True, slots=True)
class CarriedHelper:
    """A helper who accepted the last meeting, and in which role."""

    trainer: Trainer
    role: AssignmentRole


@dataclass(frozen=True, slots=True)
class SeriesModel:
    """What further meetings of a series are made like.

    Attributes:
        last: the last meeting that was not cancelled, its place loaded.
        starts: original starts of all meetings, cancelled ones too.
        learners: who has a seat in the last meeting or waits for one, in the order of enrolling.
        later: the series that a change split off it, where one did.
    """

    series: Series
    slots: tuple[WeeklySlot, ...]
    last: ClassSession
    starts: frozenset[datetime]
    standing: Sequence[ClassSession]
    learners: tuple[int, ...]
    helpers: tuple[CarriedHelper, ...]
    later: Series | None

    @property
    def last_day(self) -> date:
        """The day in Huế of the last meeting, or that on which the rule puts it where that is later."""
        return local_day(max(self.last.starts_at, self.last.rule_start or self.last.starts_at))

    @property
    def template(self) -> SessionTemplate:
        """What further meetings have in common with the last one."""
        return template_of(self.last)


def template_of(session: ClassSession) -> SessionTemplate:
    """What a further session has in common with this one."""
    return SessionTemplate(
        kind=session.kind,
        title=session.title,
        course_id=session.course_id,
        place=SessionPlace(session.room_id, session.market_id, session.place),
        capacity=session.capacity,
        need_trainers=session.need_trainers,
        need_helpers=session.need_helpers,
        note=session.note,
    )


async def series_model(db: AsyncSession, ward_id: str, series_id: int) -> SeriesModel:
    """A series as the model of further meetings; six statements.

    Raises:
        NotFound: there is none, or it has no meeting that was not cancelled.
    """
    found = await series_with_slots(db, ward_id, series_id)
    sessions = await sessions_of_series(db, ward_id, series_id)
    standing = [each for each in sessions if each.cancelled_at is None]
    if found is None or not standing:
        raise NotFound(_("Không tìm thấy chuỗi buổi học này."))
    series, slots = found
    last = standing[-1]
    later = await split_off(db, ward_id, series_id)
    return SeriesModel(
        series,
        tuple(sorted(WeeklySlot(each.weekday, each.starts_at, each.duration_minutes) for each in slots)),
        last,
        frozenset(each.original_start for each in sessions),
        standing,
        await _learners(db, last),
        await _helpers(db, last),
        later[0] if later else None,
    )


async def _learners(db: AsyncSession, session: ClassSession) -> tuple[int, ...]:
    found = await db.scalars(
        select(Enrolment.learner_id)
        .join(Learner, Learner.id == Enrolment.learner_id)
        .where(
            Enrolment.session_id == session.id,
            Enrolment.state != "cancelled",
            Learner.archived_at.is_(None),
        )
        .order_by(Enrolment.queued_at, Enrolment.id)
    )
    return tuple(found)


async def _helpers(db: AsyncSession, session: ClassSession) -> tuple[CarriedHelper, ...]:
    rows = await db.execute(
        select(Trainer, Assignment.role)
        .join(Assignment, Assignment.trainer_id == Trainer.id)
        .where(
            Assignment.session_id == session.id,
            Assignment.state == "accepted",
            Trainer.left_at.is_(None),
        )
        .order_by(Trainer.sort_key, Trainer.id)
    )
    return tuple(
        CarriedHelper(trainer, "trainer" if role == "trainer" else "helper") for trainer, role in rows
    )
