"""A learner's sessions still to come, for the learner's own eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.models import ClassSession, Enrolment
from scheduling.queries.place_words import Place, place_of, with_place

BUSY = "báo bận"
"""Why a seat was given up when the learner said so; the words staff read among those who gave up."""


@dataclass(frozen=True, slots=True)
class OwnSession:
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
    place: Place
    state: str
    called_off: str | None
    version: int


async def own_sessions(
    db: AsyncSession, learner_id: int, *, now: datetime, limit: int
) -> tuple[Sequence[OwnSession], int]:
    """The first `limit` published sessions that have not ended, by time, and how many there are.

    Sessions with a seat, a place in the queue, or a seat the learner gave up as busy; two statements.
    """
    mine = (
        Enrolment.learner_id == learner_id,
        or_(
            Enrolment.state != "cancelled",
            and_(Enrolment.cancel_reason == BUSY, ClassSession.cancelled_at.is_(None)),
        ),
        ClassSession.published_at.is_not(None),
        ClassSession.ends_at > now,
    )
    joined = Enrolment.session_id == ClassSession.id
    total = await db.scalar(
        select(func.count()).select_from(ClassSession).join(Enrolment, joined).where(*mine)
    )
    rows = await db.execute(
        select(ClassSession, Enrolment.state)
        .join(Enrolment, joined)
        .where(*mine)
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(limit)
        .options(*with_place())
    )
    return [_own(session, state) for session, state in rows], total or 0


async def own_session(db: AsyncSession, learner_id: int, session_id: int) -> OwnSession | None:
    """One published session in which this learner stands, over or not; one statement."""
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


def _own(session: ClassSession, state: str) -> OwnSession:
    return OwnSession(
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
