"""Queries of the roll call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, func, or_, select, union
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from attendance import rules
from attendance.models import AttendanceMark
from learners.models import Learner
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.search import people_query
from lopso.kernel.text import fold
from scheduling.models import ASSIGNMENT_ACTIVE, Assignment, ClassSession, Enrolment
from scheduling.rules.places import place_name
from trainers.models import Trainer
from venues.models import Market, Neighbourhood, Room, Venue, Ward

Part = Literal["coordinator", "helper", "asked"]
"""The reader's part in a session: plans in its ward, accepted to help, or was asked and has not answered."""


@dataclass(frozen=True, slots=True)
class RollSession:
    """A session as its roll call needs it, with the reader's part. Instants in UTC."""

    id: int
    ward_id: str
    ward_name: str
    title: str
    kind: str
    course_id: int | None
    place: str
    starts_at: datetime
    ends_at: datetime
    cancelled_at: datetime | None
    cancel_reason: str | None
    part: Part


@dataclass(frozen=True, slots=True)
class RollRow:
    """One person on the roll with the standing mark; None: unmarked.

    `walk_in` is True for somebody without a seat; `ward_id` is the learner's own, perhaps not that of the
    session. Only whether there is a phone, never the number.
    """

    learner_id: int
    name: str
    title: str
    birth_year: int | None
    neighbourhood: str | None
    has_phone: bool
    walk_in: bool
    mark: str | None
    ward_id: str

    @property
    def present(self) -> bool:
        """Whether the standing mark says that the person was in the room."""
        return rules.is_present(self.mark)


# Built once: at every tap on every phone, putting a statement together would cost more than running it.
_SESSION = (
    select(
        ClassSession,
        Ward.full_name,
        Room.name.label("room"),
        Venue.name.label("venue"),
        Market.name.label("market"),
        select(Assignment.state)
        .join(Trainer, Trainer.id == Assignment.trainer_id)
        .where(Assignment.session_id == ClassSession.id)
        .where(Trainer.user_id == bindparam("user_id"))
        .where(Assignment.state.in_(ASSIGNMENT_ACTIVE))
        .order_by(Assignment.state)
        .limit(1)
        .scalar_subquery()
        .label("assignment"),
    )
    .join(Ward, Ward.id == ClassSession.ward_id)
    .outerjoin(Room, Room.id == ClassSession.room_id)
    .outerjoin(Venue, Venue.id == Room.venue_id)
    .outerjoin(Market, Market.id == ClassSession.market_id)
    .where(ClassSession.id == bindparam("session_id"))
)


async def session_for(db: AsyncSession, session_id: int, *, actor: Actor) -> RollSession:
    """The session, for somebody who may see its roll. One statement.

    Raises:
        NotFound: no such session, or neither the coordinator's ward nor an active assignment.
    """
    values = {"session_id": session_id, "user_id": actor.user_id}
    row = (await db.execute(_SESSION, values)).one_or_none()
    if row is None:
        raise NotFound
    session, ward_name, room, venue, market, assignment = row
    part = _part(actor, session.ward_id, assignment)
    if part is None:
        raise NotFound
    return RollSession(
        id=session.id,
        ward_id=session.ward_id,
        ward_name=ward_name,
        title=session.title,
        kind=session.kind,
        course_id=session.course_id,
        place=place_name(words=session.place, room=room, venue=venue, market=market),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        cancelled_at=session.cancelled_at,
        cancel_reason=session.cancel_reason,
        part=part,
    )


def _part(actor: Actor, ward_id: str, assignment: str | None) -> Part | None:
    if actor.may(Permission.PLAN, ward_id):
        return "coordinator"
    if assignment is None or not actor.may_somewhere(Permission.TEACH):
        return None
    return "helper" if assignment == "accepted" else "asked"


def latest_marks(
    session_id: int | ColumnElement[int] | InstrumentedAttribute[int],
) -> Select[AttendanceMark]:
    """The mark that stands for each learner of one session; "cleared" ones included."""
    return (
        select(AttendanceMark)
        .ext(distinct_on(AttendanceMark.learner_id))
        .where(AttendanceMark.session_id == session_id)
        .order_by(AttendanceMark.learner_id, AttendanceMark.happened_at.desc(), AttendanceMark.id.desc())
    )


def standing_mark(what: InstrumentedAttribute[Any], *, session_id: Any, learner_id: Any) -> Select[Any]:
    """`what` of the mark that stands for a learner in a session; to be used as a scalar subquery."""
    return (
        select(what)
        .where(AttendanceMark.session_id == session_id)
        .where(AttendanceMark.learner_id == learner_id)
        .order_by(AttendanceMark.happened_at.desc(), AttendanceMark.id.desc())
        .limit(1)
    )


_THIS_SESSION = bindparam("session_id", type_=BigInteger())
_LATEST = latest_marks(_THIS_SESSION).cte("latest")
_PEOPLE = union(
    select(Enrolment.learner_id)
    .where(Enrolment.session_id == _THIS_SESSION)
    .where(Enrolment.state == "enrolled"),
    select(_LATEST.c.learner_id).where(_LATEST.c.mark != "cleared"),
).subquery("people")
_ROLL = (
    select(
        Learner.id,
        Learner.full_name,
        Learner.title,
        Learner.birth_year,
        Neighbourhood.name,
        Learner.phone_kind != "none",
        func.coalesce(Enrolment.state, "") != "enrolled",
        _LATEST.c.mark,
        Learner.ward_id,
    )
    .join(_PEOPLE, _PEOPLE.c.learner_id == Learner.id)
    .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
    .outerjoin(Enrolment, and_(Enrolment.session_id == _THIS_SESSION, Enrolment.learner_id == Learner.id))
    .outerjoin(_LATEST, _LATEST.c.learner_id == Learner.id)
    .order_by(Learner.sort_key, Learner.id)
)
_MARKS = select(_PEOPLE.c.learner_id, _LATEST.c.mark).select_from(
    _PEOPLE.outerjoin(_LATEST, _LATEST.c.learner_id == _PEOPLE.c.learner_id)
)


async def roll(db: AsyncSession, session_id: int) -> Sequence[RollRow]:
    """Everybody on the roll by given name: enrolled or marked. One statement."""
    return [_row(*row) for row in await db.execute(_ROLL, {"session_id": session_id})]


async def standing_marks(db: AsyncSession, session_id: int) -> dict[int, str | None]:
    """The mark that stands of everybody on the roll, by learner; None: unmarked. One statement."""
    rows = await db.execute(_MARKS, {"session_id": session_id})
    return {row.learner_id: None if row.mark == "cleared" else row.mark for row in rows}


def _row(*values: Any) -> RollRow:
    row = RollRow(*values)
    return replace(row, mark=None) if row.mark == "cleared" else row


SHOWN_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class WalkInCandidate:
    """A learner of the ward who may be the walk-in; no phone, only whether there is one.

    `seat` is the state of their enrolment in this session; `mark` what stands on the roll.
    """

    learner_id: int
    name: str
    title: str
    birth_year: int | None
    neighbourhood: str | None
    has_phone: bool
    seat: str | None
    mark: str | None


async def candidates(
    db: AsyncSession, session: RollSession, *, name: str, phone: str | None
) -> Sequence[WalkInCandidate]:
    """Who of the ward has a name that begins so, or exactly this phone; those of this session first.

    One statement, at most `SHOWN_CANDIDATES` people. Nothing is looked up before there are two letters.

    Args:
        name: as typed, without a form of address.
        phone: E.164.
    """
    looked_for: list[ColumnElement[bool]] = []
    query = people_query(name, wards={session.ward_id}) if len(fold(name)) > 1 else None
    if query is not None:
        looked_for.append(Learner.search.op("@@")(func.to_tsquery("simple", query)))
    if phone is not None:
        looked_for.append(Learner.phone == phone)
    if not looked_for:
        return []
    mark = standing_mark(AttendanceMark.mark, session_id=session.id, learner_id=Learner.id).scalar_subquery()
    rows = await db.execute(
        select(
            Learner.id,
            Learner.full_name,
            Learner.title,
            Learner.birth_year,
            Neighbourhood.name,
            Learner.phone_kind != "none",
            Enrolment.state,
            mark,
        )
        .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
        .outerjoin(Enrolment, and_(Enrolment.session_id == session.id, Enrolment.learner_id == Learner.id))
        .where(Learner.ward_id == session.ward_id, Learner.archived_at.is_(None), or_(*looked_for))
        .order_by(Enrolment.state.is_(None), Learner.sort_key, Learner.id)
        .limit(SHOWN_CANDIDATES)
    )
    return [WalkInCandidate(*row) for row in rows]
