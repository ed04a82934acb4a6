"""Learners to enrol in a session."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.elements import SQLCoreOperations

from learners.models import Learner
from learners.queries.consents import refusing_texts
from lopso.kernel.access import Actor, Permission
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.search import people_query
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.enrolments import OverlappingSeat, overlapping_seats


@dataclass(frozen=True, slots=True)
class LearnerSearch:
    """Whom to look for; what is empty or None does not filter.

    Attributes:
        typed: a part of a name or of a phone number.
        series_id, session_id: only people of this earlier class, with a seat or waiting for one.
    """

    typed: str = ""
    neighbourhood_id: int | None = None
    audience: str | None = None
    series_id: int | None = None
    session_id: int | None = None

    @property
    def filtered(self) -> bool:
        """Whether something beside the name was chosen."""
        chosen = (self.neighbourhood_id, self.audience, self.series_id, self.session_id)
        return any(each is not None for each in chosen)


@dataclass(frozen=True, slots=True)
class FoundLearner:
    """A learner one could enrol.

    Attributes:
        state: of the enrolment in this session, None when there was never one.
        overlap: a seat at the same time in another session.
        later_in: how many of the later sessions they are in already.
        later_overlaps: at how many of the later sessions they have a seat elsewhere.
        refuses_texts: they said no to text messages.
    """

    learner: Learner
    state: str | None
    overlap: OverlappingSeat | None
    later_in: int = 0
    later_overlaps: int = 0
    refuses_texts: bool = False


@dataclass(frozen=True, slots=True)
class FoundLearners:
    """One page of the learners found, and those picked before this search who are not on it."""

    page: Page[FoundLearner]
    picked: Sequence[FoundLearner]

    @property
    def items(self) -> Sequence[FoundLearner]:
        """The learners of the page."""
        return self.page.items

    @property
    def total(self) -> int:
        """How many were found in all."""
        return self.page.total


async def find_learners(
    db: AsyncSession,
    session: ClassSession,
    *,
    wanted: LearnerSearch,
    picked: Collection[int],
    by: Actor,
    later: Sequence[ClassSession] = (),
    number: int = 1,
) -> FoundLearners:
    """A page of learners to enrol; six statements whatever the number.

    Without a search and without filters: those of the session's ward not yet in it, by given name. With
    one: everybody `by` may see who matches, those in it too, those of the ward first.

    Args:
        picked: learner ids ticked before this search, if `by` may see them.
        later: later sessions of the series, into which one could enrol too.
        number: a page beyond the last gives the last.
    """
    matching = _matching(session, wanted, by)
    total = await db.scalar(select(func.count()).select_from(matching.subquery())) or 0
    number = min(max(1, number), Page((), 1, total).pages)
    statement = (
        matching.order_by(*_order(session, wanted, by))
        .limit(PAGE_SIZE)
        .offset(offset(number))
        .options(joinedload(Learner.neighbourhood))
    )
    found = (await db.scalars(statement)).all()
    shown = {learner.id for learner in found}
    kept = await _learners(db, [each for each in picked if each not in shown], session=session, by=by)
    rows = await _described(db, session, later, [*found, *kept])
    return FoundLearners(
        Page([rows[learner.id] for learner in found], number, total), [rows[learner.id] for learner in kept]
    )


def visible_learners(by: Actor, *, ward_id: str) -> Select[Learner]:
    """Learners, not archived, whom `by` may see; those of `ward_id` included."""
    statement = select(Learner).where(Learner.archived_at.is_(None))
    if by.everywhere(Permission.SEE_PEOPLE):
        return statement
    return statement.where(
        or_(Learner.ward_id == ward_id, Learner.ward_id.in_(by.wards(Permission.SEE_PEOPLE)))
    )


def _matching(session: ClassSession, wanted: LearnerSearch, by: Actor) -> Select[Learner]:
    query = _query(wanted, by)
    chosen = list(_chosen(session, wanted))
    if query is not None:
        chosen.append(Learner.search.op("@@")(func.to_tsquery("simple", query)))
    if _across_wards(wanted, by):
        return visible_learners(by, ward_id=session.ward_id).where(*chosen)
    if not chosen:
        inside = select(Enrolment.learner_id).where(
            Enrolment.session_id == session.id, Enrolment.state != "cancelled"
        )
        chosen.append(Learner.id.not_in(inside))
    return select(Learner).where(Learner.archived_at.is_(None), Learner.ward_id == session.ward_id, *chosen)


def _query(wanted: LearnerSearch, by: Actor) -> str | None:
    wards = None if by.everywhere(Permission.SEE_PEOPLE) else by.wards(Permission.SEE_PEOPLE)
    return people_query(wanted.typed, wards=wards)


def _chosen(session: ClassSession, wanted: LearnerSearch) -> Sequence[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if wanted.neighbourhood_id is not None:
        chosen.append(Learner.neighbourhood_id == wanted.neighbourhood_id)
    if wanted.audience is not None:
        chosen.append(Learner.audiences.contains([wanted.audience]))
    if wanted.series_id is not None:
        chosen.append(_people_of(session.ward_id, ClassSession.series_id == wanted.series_id))
    if wanted.session_id is not None:
        chosen.append(_people_of(session.ward_id, ClassSession.id == wanted.session_id))
    return chosen


def _people_of(ward_id: str, sessions: ColumnElement[bool]) -> ColumnElement[bool]:
    return Learner.id.in_(
        select(Enrolment.learner_id)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(ClassSession.ward_id == ward_id, sessions, Enrolment.state != "cancelled")
    )


def _across_wards(wanted: LearnerSearch, by: Actor) -> bool:
    """Whether people of other wards are looked for too: by name, or of a class they came to."""
    of_class = wanted.series_id is not None or wanted.session_id is not None
    return of_class or _query(wanted, by) is not None


def _order(session: ClassSession, wanted: LearnerSearch, by: Actor) -> Sequence[SQLCoreOperations[Any]]:
    # Within one ward the index on (ward_id, sort_key, id) gives the order.
    own_first = [Learner.ward_id != session.ward_id] if _across_wards(wanted, by) else []
    return [*own_first, Learner.sort_key, Learner.id]


async def _learners(
    db: AsyncSession, ids: Collection[int], *, session: ClassSession, by: Actor
) -> Sequence[Learner]:
    statement = (
        visible_learners(by, ward_id=session.ward_id)
        .where(Learner.id.in_(ids))
        .order_by(Learner.sort_key, Learner.id)
        .options(joinedload(Learner.neighbourhood))
    )
    return (await db.scalars(statement)).all()


async def _described(
    db: AsyncSession, session: ClassSession, later: Sequence[ClassSession], learners: Sequence[Learner]
) -> Mapping[int, FoundLearner]:
    """What is known of these learners in these sessions, by id; three statements."""
    ids = [learner.id for learner in learners]
    later_ids = [each.id for each in later if each.id != session.id]
    states = await _states(db, [session.id, *later_ids], ids)
    busy = await overlapping_seats(db, [session.id, *later_ids], ids)
    refusing = await refusing_texts(db, ids)
    inside = Counter(
        learner_id
        for (session_id, learner_id), state in states.items()
        if session_id != session.id and state != "cancelled"
    )
    elsewhere = Counter(learner_id for learner_id, session_id in busy if session_id != session.id)
    return {
        learner.id: FoundLearner(
            learner,
            states.get((session.id, learner.id)),
            busy.get((learner.id, session.id)),
            later_in=inside[learner.id],
            later_overlaps=elsewhere[learner.id],
            refuses_texts=learner.id in refusing,
        )
        for learner in learners
    }


async def _states(
    db: AsyncSession, session_ids: Collection[int], ids: Collection[int]
) -> Mapping[tuple[int, int], str]:
    rows = await db.execute(
        select(Enrolment.session_id, Enrolment.learner_id, Enrolment.state).where(
            Enrolment.session_id.in_(session_ids), Enrolment.learner_id.in_(ids)
        )
    )
    return {(row.session_id, row.learner_id): row.state for row in rows}
