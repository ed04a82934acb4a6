"""Closures: what one cancels, how far it is, which there are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import start_of_day
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Closure, ClosureWard, Enrolment
from scheduling.queries.places import with_place
from scheduling.rules.closures import ClosurePlan
from venues.models import Ward

RECENT = 20


@dataclass(frozen=True, slots=True)
class ClosureAudience:
    """How many learners have a seat or wait in the sessions that a closure cancels, and how many helpers."""

    learners: int
    helpers: int


@dataclass(frozen=True, slots=True)
class WardProgress:
    """A ward of a closure: when it was done (None: not yet), how many sessions were cancelled.

    `open`: how many of these are cancelled still; `made_up`: for how many of them another session stands.
    """

    ward: Ward
    done_at: datetime | None
    cancelled: int | None
    open: int
    made_up: int


@dataclass(frozen=True, slots=True)
class ClosureProgress:
    """A closure and those of its wards that the reader may plan, by name; `others`: how many more it has."""

    closure: Closure
    wards: Sequence[WardProgress]
    others: int

    @property
    def done(self) -> int:
        """How many of these wards are done."""
        return sum(each.done_at is not None for each in self.wards)

    @property
    def cancelled(self) -> int:
        """How many sessions were cancelled so far."""
        return sum(each.cancelled or 0 for each in self.wards)

    @property
    def finished(self) -> bool:
        """Whether all of these wards are done."""
        return self.done == len(self.wards)


def closed_sessions(plan: ClosurePlan, *, now: datetime) -> Select[ClassSession]:
    """The sessions that a closure cancels: on its days, of its kinds, neither cancelled nor ended."""
    return select(ClassSession).where(
        ClassSession.ward_id.in_(plan.ward_ids),
        ClassSession.starts_at >= start_of_day(plan.first_day),
        ClassSession.starts_at < start_of_day(plan.last_day + timedelta(days=1)),
        ClassSession.kind.in_(plan.kinds),
        ClassSession.cancelled_at.is_(None),
        ClassSession.ends_at > now,
    )


async def sessions_to_close(
    db: AsyncSession, plan: ClosurePlan, *, now: datetime
) -> Sequence[tuple[Ward, Sequence[ClassSession]]]:
    """The sessions that a closure would cancel, by ward, with place, earliest first; one statement."""
    rows = await db.execute(
        closed_sessions(plan, now=now)
        .add_columns(Ward)
        .join(Ward, Ward.id == ClassSession.ward_id)
        .options(*with_place())
        .order_by(Ward.slug, ClassSession.starts_at, ClassSession.id)
    )
    found: dict[str, tuple[Ward, list[ClassSession]]] = {}
    for session, ward in rows:
        found.setdefault(ward.id, (ward, []))[1].append(session)
    return list(found.values())


async def closure_audience(db: AsyncSession, session_ids: Collection[int]) -> ClosureAudience:
    """How many people take part in these sessions; two statements."""
    learners = await db.scalar(
        select(func.count(Enrolment.learner_id.distinct())).where(
            Enrolment.session_id.in_(session_ids), Enrolment.state != "cancelled"
        )
    )
    helpers = await db.scalar(
        select(func.count(Assignment.trainer_id.distinct())).where(
            Assignment.session_id.in_(session_ids), Assignment.state.in_(ASSIGNMENT_ACTIVE)
        )
    )
    return ClosureAudience(learners or 0, helpers or 0)


async def closure_progress(db: AsyncSession, closure_id: int, *, by: Actor) -> ClosureProgress:
    """How far a closure is in the wards that `by` may plan; three statements.

    Raises:
        NotFound: none is, or there is no such closure.
    """
    rows = (
        await db.execute(
            select(Closure, ClosureWard, Ward)
            .join(ClosureWard, ClosureWard.closure_id == Closure.id)
            .join(Ward, Ward.id == ClosureWard.ward_id)
            .where(Closure.id == closure_id)
            .order_by(Ward.slug)
        )
    ).all()
    mine = [row for row in rows if by.may(Permission.PLAN, row[1].ward_id)]
    if not mine:
        raise NotFound(_("Không tìm thấy đợt nghỉ này."))
    numbers = await _made_up(db, closure_id)
    wards = [
        WardProgress(ward, each.done_at, each.cancelled, *numbers.get(each.ward_id, (0, 0)))
        for _closure, each, ward in mine
    ]
    return ClosureProgress(mine[0][0], wards, len(rows) - len(mine))


async def _made_up(db: AsyncSession, closure_id: int) -> dict[str, tuple[int, int]]:
    """By ward how many sessions are cancelled still, and for how many of them another stands."""
    instead = (
        select(ClassSession.makes_up_for_id)
        .where(ClassSession.makes_up_for_id.is_not(None), ClassSession.cancelled_at.is_(None))
        .subquery()
    )
    rows = await db.execute(
        select(ClassSession.ward_id, func.count(), func.count(instead.c.makes_up_for_id))
        .outerjoin(instead, instead.c.makes_up_for_id == ClassSession.id)
        .where(ClassSession.closure_id == closure_id)
        .group_by(ClassSession.ward_id)
    )
    return {ward_id: (number, made_up) for ward_id, number, made_up in rows}


async def recent_closures(db: AsyncSession, *, by: Actor) -> Sequence[Closure]:
    """The latest closures of wards that `by` may plan, newest first; one statement."""
    wards = select(ClosureWard.closure_id)
    if not by.everywhere(Permission.PLAN):
        wards = wards.where(ClosureWard.ward_id.in_(by.wards(Permission.PLAN)))
    found = await db.scalars(
        select(Closure).where(Closure.id.in_(wards)).order_by(Closure.id.desc()).limit(RECENT)
    )
    return found.all()


async def plannable_wards(db: AsyncSession, *, by: Actor) -> Sequence[Ward]:
    """The wards that `by` may plan, by name; one statement."""
    wards = select(Ward).order_by(Ward.slug)
    if not by.everywhere(Permission.PLAN):
        wards = wards.where(Ward.id.in_(by.wards(Permission.PLAN)))
    return (await db.scalars(wards)).all()
