"""A learner's sessions still to come, for the learner's own eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, and_, case, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession, Enrolment
from scheduling.queries.places import PlaceText, place_of, with_place

BUSY = "báo bận"
"""Why a seat was given up when the learner said so; the words staff read among those who gave up."""


@dataclass(frozen=True, slots=True)
class LearnerSession:
    """One session as its learner sees it. No other person, and no note: notes may name people.

    Attributes:
        state: "enrolled", "waitlisted", or "busy" when the learner said so.
        called_off: why the whole session was cancelled, else None.
        version: grows with every change that people must hear of.
    """

    session_id: int
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: PlaceText
    state: str
    called_off: str | None
    version: int


async def learner_sessions(
    db: AsyncSession, learner_id: int, *, now: datetime, going: int, off: int
) -> tuple[Sequence[LearnerSession], int]:
    """Published sessions that have not ended, by time, and how many more take place; one statement.

    Args:
        going: at most so many that take place, with a seat or a place in the queue.
        off: at most so many called off or given up as busy, the nearest; the one last given up comes on top,
            for it can be taken back.
    """
    ranked = _ranked_sessions(learner_id, now)
    rows = await db.execute(
        select(ClassSession, ranked.c.state, ranked.c.all_going)
        .join(ranked, ranked.c.id == ClassSession.id)
        .where(
            or_(
                and_(ranked.c.going, ranked.c.nearest <= going),
                and_(~ranked.c.going, or_(ranked.c.nearest <= off, ranked.c.newest == 1)),
            )
        )
        .order_by(ClassSession.starts_at, ClassSession.id)
        .options(*with_place())
    )
    found = rows.all()
    more = max(0, found[0].all_going - going) if found else 0
    return [_own(session, state) for session, state, _all in found], more


def _ranked_sessions(learner_id: int, now: datetime) -> Subquery:
    """Sessions still to come, those that take place and the others each ranked by nearness and by news."""
    # A case, for a window would take the two halves of an "and" for two things to divide by.
    comes = and_(Enrolment.state != "cancelled", ClassSession.cancelled_at.is_(None))
    takes_place = case((comes, true()), else_=false())
    said_last = case((Enrolment.state == "cancelled", Enrolment.cancelled_at))
    return (
        select(
            ClassSession.id,
            Enrolment.state,
            takes_place.label("going"),
            func.row_number()
            .over(partition_by=takes_place, order_by=(ClassSession.starts_at, ClassSession.id))
            .label("nearest"),
            func.row_number()
            .over(partition_by=takes_place, order_by=(said_last.desc().nulls_last(), ClassSession.id))
            .label("newest"),
            func.count().filter(takes_place).over().label("all_going"),
        )
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(
            Enrolment.learner_id == learner_id,
            or_(
                Enrolment.state != "cancelled",
                and_(Enrolment.cancel_reason == BUSY, ClassSession.cancelled_at.is_(None)),
            ),
            ClassSession.published_at.is_not(None),
            ClassSession.ends_at > now,
        )
        .subquery()
    )


async def learner_session(db: AsyncSession, learner_id: int, session_id: int) -> LearnerSession | None:
    """One published session in which this learner is enrolled or waits, over or not; one statement."""
    row = (
        await db.execute(
            select(ClassSession, Enrolment.state)
            .join(Enrolment, Enrolment.session_id == ClassSession.id)
            .where(
                Enrolment.learner_id == learner_id,
                Enrolment.state != "cancelled",
                ClassSession.id == session_id,
                ClassSession.published_at.is_not(None),
            )
            .options(*with_place())
        )
    ).one_or_none()
    return _own(*row) if row else None


def _own(session: ClassSession, state: str) -> LearnerSession:
    return LearnerSession(
        session_id=session.id,
        kind=session.kind,
        title=session.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=place_of(session),
        state="busy" if state == "cancelled" else state,
        called_off=session.cancel_reason,
        version=session.version,
    )
