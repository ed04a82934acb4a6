"""Reading answers to consents: of one learner, and who was never asked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from learners.models import Consent, Learner
from lopso.kernel.paging import PAGE_SIZE, Page, offset

NEEDED = ("class", "sms")
"""Purposes to which every learner should have given an answer."""

_MOST_BATCHES = 20


@dataclass(frozen=True, slots=True)
class UnaskedFilters:
    """Filters of the learners of whom an answer is missing; None does not filter.

    `registered_at`: all who were saved by one import have the same.
    """

    registered_at: datetime | None = None
    neighbourhood_id: int | None = None


@dataclass(frozen=True, slots=True)
class UnaskedLearner:
    """A learner, the neighbourhood loaded, and the purposes to which there is no answer."""

    learner: Learner
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegistrationBatch:
    """Learners registered at one instant of whom an answer is missing."""

    registered_at: datetime
    people: int


def answer_missing(purposes: Sequence[str] = NEEDED) -> ColumnElement[bool]:
    """Whether this learner was not asked for one of `purposes`."""
    return or_(*(~_answered(purpose) for purpose in purposes))


def _answered(purpose: str) -> ColumnElement[bool]:
    return exists().where(
        Consent.learner_id == Learner.id, Consent.purpose == purpose, Consent.voided_at.is_(None)
    )


def unasked(
    ward_id: str, filters: UnaskedFilters, purposes: Sequence[str] = NEEDED
) -> Sequence[ColumnElement[bool]]:
    """The conditions on a ward's learners of whom an answer is missing."""
    chosen = [Learner.ward_id == ward_id, Learner.archived_at.is_(None), answer_missing(purposes)]
    if filters.registered_at is not None:
        chosen.append(Learner.registered_at == filters.registered_at)
    if filters.neighbourhood_id is not None:
        chosen.append(Learner.neighbourhood_id == filters.neighbourhood_id)
    return chosen


async def unasked_page(
    db: AsyncSession, ward_id: str, filters: UnaskedFilters, *, number: int
) -> Page[UnaskedLearner]:
    """A ward's learners of whom an answer is missing, by given name; three statements."""
    chosen = unasked(ward_id, filters)
    total = await db.scalar(select(func.count()).select_from(Learner).where(*chosen)) or 0
    number = min(number, max(1, -(-total // PAGE_SIZE)))
    rows = await db.execute(
        select(Learner, *(_answered(purpose) for purpose in NEEDED))
        .where(*chosen)
        .options(selectinload(Learner.neighbourhood))
        .order_by(Learner.sort_key, Learner.id)
        .limit(PAGE_SIZE)
        .offset(offset(number))
    )
    found = [
        UnaskedLearner(
            learner, tuple(each for each, asked in zip(NEEDED, answered, strict=True) if not asked)
        )
        for learner, *answered in rows
    ]
    return Page(found, number, total)


async def unasked_batches(
    db: AsyncSession, ward_id: str, *, chosen: datetime | None
) -> Sequence[RegistrationBatch]:
    """The latest imports of a ward that left answers missing, and the `chosen` one; one statement."""
    people = func.count()
    rows = await db.execute(
        select(Learner.registered_at, people)
        .where(*unasked(ward_id, UnaskedFilters()))
        .group_by(Learner.registered_at)
        .having(or_(people > 1, Learner.registered_at == chosen))
        .order_by((Learner.registered_at == chosen).desc().nulls_last(), Learner.registered_at.desc())
        .limit(_MOST_BATCHES)
    )
    return [RegistrationBatch(at, count) for at, count in rows]


async def consents_of(db: AsyncSession, learner_id: int) -> dict[str, bool]:
    """Answers to every purpose ever asked: True is in force, False was refused or withdrawn."""
    rows = await db.execute(
        select(Consent.purpose, func.bool_or(Consent.withdrawn_at.is_(None)))
        .where(Consent.learner_id == learner_id, Consent.voided_at.is_(None))
        .group_by(Consent.purpose)
    )
    return {row[0]: row[1] for row in rows}


async def refusing_texts(db: AsyncSession, ids: Collection[int]) -> frozenset[int]:
    """Those of these learners who said no to text messages, and have not agreed since; one statement."""
    found = await db.scalars(
        select(Consent.learner_id)
        .where(Consent.learner_id.in_(ids), Consent.purpose == "sms", Consent.voided_at.is_(None))
        .group_by(Consent.learner_id)
        .having(func.bool_and(Consent.withdrawn_at.is_not(None)))
    )
    return frozenset(found)
