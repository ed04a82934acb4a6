"""Helpers of a session."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession
from scheduling.rules.commitments import AssignmentRole
from trainers.models import Trainer


@dataclass(frozen=True, slots=True)
class Need:
    """How many of a role a session needs, and how many are asked or have accepted."""

    role: AssignmentRole
    wanted: int
    asked: int
    accepted: int

    @property
    def missing(self) -> int:
        """How many more to ask."""
        return max(0, self.wanted - self.asked)


@dataclass(frozen=True, slots=True)
class SessionStaff:
    """The people of a session.

    Attributes:
        active: asked or accepted, those who teach first, by given name.
        ended: declined, withdrawn, replaced or absent; newest first.
    """

    active: Sequence[Assignment]
    ended: Sequence[Assignment]
    needs: Sequence[Need]

    @property
    def unfilled(self) -> Sequence[Assignment]:
        """Those who declined and in whose role people are missing, each person once, newest first."""
        short = {need.role for need in self.needs if need.missing}
        there = {row.trainer_id for row in self.active}
        latest: dict[int, Assignment] = {}
        for row in self.ended:
            if row.state == "declined" and row.role in short and row.trainer_id not in there:
                latest.setdefault(row.trainer_id, row)
        return list(latest.values())


async def staff_of(db: AsyncSession, session: ClassSession) -> SessionStaff:
    """Everybody ever asked into `session`, helpers loaded; one statement."""
    statement = (
        select(Assignment)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(Assignment.session_id == session.id)
        .options(joinedload(Assignment.trainer))
        .order_by(Assignment.role.desc(), Trainer.sort_key, Assignment.id)
        .execution_options(populate_existing=True)
    )
    rows = (await db.scalars(statement)).all()
    active = [row for row in rows if row.state in ASSIGNMENT_ACTIVE]
    ended = [row for row in rows if row.state not in ASSIGNMENT_ACTIVE]
    ended.sort(key=lambda row: row.answered_at or row.offered_at, reverse=True)
    return SessionStaff(active, ended, needs_of(session, active))


def needs_of(session: ClassSession, active: Sequence[Assignment]) -> list[Need]:
    """Need against what is filled: who teaches first, then who helps."""

    def need(role: AssignmentRole, wanted: int) -> Need:
        states = [row.state for row in active if row.role == role]
        return Need(role, wanted, len(states), states.count("accepted"))

    return [need("trainer", session.need_trainers), need("helper", session.need_helpers)]


async def assignment_in(db: AsyncSession, session_id: int, assignment_id: int) -> Assignment | None:
    """One assignment of a session, helper loaded; one statement."""
    return await db.scalar(
        select(Assignment)
        .where(Assignment.id == assignment_id, Assignment.session_id == session_id)
        .options(joinedload(Assignment.trainer))
    )


async def active_from_here(db: AsyncSession, row: Assignment) -> list[Assignment]:
    """The helper's active assignments in this session and the later ones of its series, earliest first.

    One statement.
    """
    session, other = aliased(ClassSession), ClassSession
    here = other.id == row.session_id
    statement = (
        select(Assignment)
        .join(other, other.id == Assignment.session_id)
        .join(session, session.id == row.session_id)
        .where(
            Assignment.trainer_id == row.trainer_id,
            Assignment.state.in_(ASSIGNMENT_ACTIVE),
            or_(here, and_(other.series_id == session.series_id, other.starts_at > session.starts_at)),
            or_(here, other.cancelled_at.is_(None)),
        )
        .order_by(Assignment.starts_at, Assignment.id)
        .execution_options(populate_existing=True)
    )
    return list(await db.scalars(statement))


async def sessions_missing_replacement(
    db: AsyncSession, session_ids: Collection[int], role: AssignmentRole, *, but: Collection[int]
) -> set[int]:
    """Sessions in which somebody of this role dropped out and nobody was asked instead; one statement.

    Args:
        but: ids of assignments that do not count as filling the place: those being made now.
    """
    rows = await db.execute(
        select(
            Assignment.session_id,
            Assignment.trainer_id,
            Assignment.state,
            Assignment.offered_at,
            Assignment.answered_at,
        ).where(Assignment.session_id.in_(session_ids), Assignment.role == role, Assignment.id.not_in(but))
    )
    everybody = rows.all()
    found: set[int] = set()
    for session_id in session_ids:
        known = [row for row in everybody if row.session_id == session_id]
        active = {row.trainer_id for row in known if row.state in ASSIGNMENT_ACTIVE}
        dropped = {
            row.trainer_id: row.answered_at
            for row in known
            if row.state in ("declined", "replaced") and row.trainer_id not in active
        }
        since = min((at for at in dropped.values() if at is not None), default=None)
        filled = [
            row for row in known if row.state in ASSIGNMENT_ACTIVE and since and row.offered_at >= since
        ]
        if len(dropped) > len(filled):
            found.add(session_id)
    return found
