"""Asking helpers into sessions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock, formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, SessionAlreadyCancelled, SessionAlreadyEnded
from scheduling.events import AssignmentsOffered
from scheduling.models import Assignment, ClassSession
from scheduling.queries.commitments import commitments_at
from scheduling.rules.commitments import AssignmentRole
from scheduling.service.assignment_states import new_assignment
from scheduling.service.bookings import (
    commitment_sentence,
    note,
    publish_assignments,
    refusing_double_booking,
    trainers_by_session,
)
from scheduling.service.locking import lock_helpers, lock_sessions
from staffing.labels.helpers import absence_days
from staffing.queries.assignments import sessions_missing_replacement
from staffing.queries.helper_facts import absences_between, teams_of
from staffing.rules.suitability import period_outside
from trainers.models import Trainer


@dataclass(frozen=True, slots=True)
class OfferResult:
    """What became of asking one helper into one session.

    Attributes:
        refusal: why not, as a sentence naming the obstacle; None when the helper is asked.
    """

    trainer_id: int
    name: str
    session_id: int
    starts_at: datetime
    refusal: str | None


async def offer_assignments(
    db: AsyncSession,
    session_ids: Collection[int],
    trainer_ids: Collection[int],
    *,
    role: AssignmentRole,
    agreed: bool,
    by: Actor,
    now: datetime,
) -> list[OfferResult]:
    """Ask every helper into every session; what is impossible is left out and reported.

    All sessions are of one ward. In a session that has begun the assignment counts as accepted.

    Args:
        agreed: the helper has already said yes, on the phone for instance.

    Returns:
        One entry a helper and session, by session time, then by given name.

    Raises:
        NotPossibleNow: a helper has left, or is not one `by` may see.
    """
    sessions = sorted(await lock_sessions(db, session_ids), key=lambda each: each.starts_at)
    trainers = await lock_helpers(db, trainer_ids)
    _check_known(trainers, trainer_ids, sessions, by)
    trainers = sorted(trainers, key=lambda trainer: (trainer.sort_key, trainer.id))
    obstacles = await refusals_for(db, sessions, trainers, by=by, now=now)
    added = [
        new_assignment(session, trainer, role=role, agreed=agreed, by=by, now=now)
        for session in sessions
        for trainer in trainers
        if (trainer.id, session.id) not in obstacles
    ]
    await add_offers(db, added, by=by, now=now)
    return _outcomes(sessions, trainers, obstacles)


async def preview_offers(
    db: AsyncSession, session_ids: Collection[int], trainer_ids: Collection[int], *, by: Actor, now: datetime
) -> list[OfferResult]:
    """What `offer_assignments` would answer now; nothing is changed or locked. Same order, same refusals."""
    sessions = (
        await db.scalars(
            select(ClassSession).where(ClassSession.id.in_(session_ids)).order_by(ClassSession.starts_at)
        )
    ).all()
    trainers = (
        await db.scalars(
            select(Trainer).where(Trainer.id.in_(trainer_ids)).order_by(Trainer.sort_key, Trainer.id)
        )
    ).all()
    _check_known(trainers, trainer_ids, sessions, by)
    obstacles = await refusals_for(db, sessions, trainers, by=by, now=now)
    return _outcomes(sessions, trainers, obstacles)


async def refusals_for(
    db: AsyncSession,
    sessions: Sequence[ClassSession],
    trainers: Sequence[Trainer],
    *,
    by: Actor,
    now: datetime,
) -> dict[tuple[int, int], str]:
    """Why a helper cannot be asked into a session, by (trainer id, session id); absent when nothing is.

    Three statements.
    """
    if not sessions:
        return {}
    ids = [trainer.id for trainer in trainers]
    held = await commitments_at(db, ids, [session.id for session in sessions])
    teams = await teams_of(db, ids)
    days = {clock.local_day(session.starts_at) for session in sessions}
    absences = await absences_between(db, ids, min(days), max(days))
    found: dict[tuple[int, int], str] = {}
    for session in sessions:
        day = clock.local_day(session.starts_at)
        closed = _closed(session, now)
        for trainer in trainers:
            key = (trainer.id, session.id)
            period = period_outside(day, [team.period for team in teams[trainer.id]])
            away = next((each for each in absences[trainer.id] if each.holds(day)), None)
            if closed is not None:
                found[key] = closed
            elif key in held:
                found[key] = commitment_sentence(trainer, held[key], session.id, by)
            elif period is not None:
                found[key] = _(
                    "%(name)s chỉ tham gia trong đợt tình nguyện %(days)s.",
                    name=trainer.full_name,
                    days=formatting.days(period.first, period.last),
                )
            elif away is not None:
                found[key] = _(
                    "%(name)s đã báo nghỉ %(days)s.", name=trainer.full_name, days=absence_days(away)
                )
    return found


async def add_offers(db: AsyncSession, rows: Sequence[Assignment], *, by: Actor, now: datetime) -> None:
    """Add new assignments of one act: audited, and published once.

    Raises:
        HelperBusy: somebody was booked elsewhere meanwhile, in a way that locks do not see.
    """
    async with refusing_double_booking(db, [(each.trainer_id, each.session_id) for each in rows], by=by):
        db.add_all(rows)
    for each in rows:
        note(db, each, "assignment.offered", by=by, now=now, role=each.role, state=each.state)
    await publish_assignments(db, rows, by=by, now=now)
    await _publish_offers(db, [each for each in rows if each.state == "offered"], by=by, now=now)


async def _publish_offers(db: AsyncSession, asked: Sequence[Assignment], *, by: Actor, now: datetime) -> None:
    """Publish once that helpers were asked by one act, in one role or both."""
    if asked:
        replacing = await _replacing(db, asked)
        await publish(db, AssignmentsOffered(trainers_by_session(asked), tuple(sorted(replacing)), by, now))


async def _replacing(db: AsyncSession, asked: Sequence[Assignment]) -> set[int]:
    """Sessions in which all who are asked fill the place of somebody who dropped out; a statement a role."""
    found = {row.session_id for row in asked}
    but = [row.id for row in asked]
    roles: Sequence[AssignmentRole] = ("trainer", "helper")
    for role in roles:
        theirs = {row.session_id for row in asked if row.role == role}
        if theirs:
            found -= theirs - await sessions_missing_replacement(db, theirs, role, but=but)
    return found


def _outcomes(
    sessions: Sequence[ClassSession], trainers: Sequence[Trainer], obstacles: Mapping[tuple[int, int], str]
) -> list[OfferResult]:
    return [
        OfferResult(
            trainer.id,
            trainer.full_name,
            session.id,
            session.starts_at,
            obstacles.get((trainer.id, session.id)),
        )
        for session in sessions
        for trainer in trainers
    ]


def _check_known(
    trainers: Sequence[Trainer], wanted: Collection[int], sessions: Sequence[ClassSession], by: Actor
) -> None:
    """Refuse when somebody has left, or belongs to a ward that `by` does not see."""
    wards = {session.ward_id for session in sessions}
    known = {
        trainer.id
        for trainer in trainers
        if trainer.left_at is None
        and (wards == {trainer.ward_id} or by.may(Permission.SEE_PEOPLE, trainer.ward_id))
    }
    if known != set(wanted):
        raise NotPossibleNow(_("Có người không còn trong danh sách. Xin tải lại trang rồi chọn lại."))


def _closed(session: ClassSession, now: datetime) -> str | None:
    if session.cancelled_at is not None:
        return SessionAlreadyCancelled(session.id).sentence
    return SessionAlreadyEnded(session.id).sentence if session.ends_at <= now else None
