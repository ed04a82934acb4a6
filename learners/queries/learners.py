"""Reading learners."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from learners.models import Learner
from learners.queries.consents import answer_missing
from lopso.kernel.errors import NotFound
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.search import people_query
from lopso.kernel.text import fold
from lopso.kernel.workbook.matching import MatchResult
from people.errors import Namesake
from people.identity import IdentityKeys, compare_people


@dataclass(frozen=True, slots=True)
class LearnerFilters:
    """Filters of a list of learners; None and False do not filter."""

    neighbourhood_id: int | None = None
    audience: str | None = None
    archived: bool = False
    without_consent: bool = False
    """Only those of whom an answer is missing: to being in class, or to texts."""


async def learners_page(
    db: AsyncSession, ward_id: str, filters: LearnerFilters, *, number: int
) -> Page[Learner]:
    """A ward's learners by given name, neighbourhoods loaded; three statements."""
    chosen: list[ColumnElement[bool]] = [Learner.ward_id == ward_id]
    chosen.append(Learner.archived_at.is_not(None) if filters.archived else Learner.archived_at.is_(None))
    if filters.neighbourhood_id is not None:
        chosen.append(Learner.neighbourhood_id == filters.neighbourhood_id)
    if filters.audience is not None:
        chosen.append(Learner.audiences.contains([filters.audience]))
    if filters.without_consent:
        chosen.append(answer_missing())
    return await _page(db, chosen, number)


async def search_page(db: AsyncSession, ward_id: str, typed: str, *, number: int) -> Page[Learner]:
    """Learners of a ward whose name or phone begins with what was typed; three statements."""
    query = people_query(typed, wards={ward_id})
    if query is None:
        return Page([], 1, 0)
    chosen: list[ColumnElement[bool]] = [
        Learner.search.op("@@")(func.to_tsquery("simple", query)),
        Learner.ward_id == ward_id,
        Learner.archived_at.is_(None),
    ]
    return await _page(db, chosen, number)


async def _page(db: AsyncSession, chosen: Sequence[ColumnElement[bool]], number: int) -> Page[Learner]:
    total = await db.scalar(select(func.count()).select_from(Learner).where(*chosen)) or 0
    rows = await db.scalars(
        select(Learner)
        .where(*chosen)
        .options(selectinload(Learner.neighbourhood))
        .order_by(Learner.sort_key, Learner.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    return Page(rows.all(), number, total)


async def learner_in(db: AsyncSession, ward_id: str, learner_id: int) -> Learner:
    """A learner of this ward.

    Raises:
        NotFound: none, or of another ward.
    """
    learner = await db.scalar(select(Learner).where(Learner.ward_id == ward_id, Learner.id == learner_id))
    if learner is None:
        raise NotFound
    return learner


async def perhaps_the_same(
    db: AsyncSession, ward_id: str, full_name: str, identity: IdentityKeys, *, but: int | None = None
) -> Sequence[Namesake]:
    """Learners of this ward and name who may be the same person; two statements.

    Args:
        identity: its group is the id of a neighbourhood. but: a learner left out, the one being edited.
    """
    found = await db.scalars(
        select(Learner)
        .where(Learner.ward_id == ward_id, Learner.name_key == fold(full_name))
        .options(selectinload(Learner.neighbourhood))
        .order_by(Learner.id)
        .limit(20)
    )
    return [
        Namesake(
            id=learner.id,
            name=f"{learner.title} {learner.full_name}".strip(),
            facts=_facts(learner),
            phone=learner.phone,
            removed=learner.archived_at is not None,
        )
        for learner in found
        if learner.id != but
        and compare_people(_identity_of(learner), identity).result is not MatchResult.DIFFERENT
    ]


def _facts(learner: Learner) -> tuple[str, ...]:
    year = str(learner.birth_year or "")
    place = learner.neighbourhood.name if learner.neighbourhood else ""
    return tuple(fact for fact in (year, place) if fact)


def _identity_of(learner: Learner) -> IdentityKeys:
    return IdentityKeys(learner.phone, learner.phone_kind, learner.birth_year, learner.neighbourhood_id)
