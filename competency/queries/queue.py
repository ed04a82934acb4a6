"""The assessor's queue: learners waiting for sign-offs, with the demonstrations."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.models import AwaitingSignOff, Demonstration
from competency.queries.waiting_skills import WaitingSkill, waiting_skills
from learners.models import Learner
from lopso.kernel.i18n import language
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.text import fold
from scheduling.models import ClassSession
from skills.models import Skill
from venues.models import Neighbourhood


@dataclass(frozen=True, slots=True)
class WaitingLearner:
    """A learner with the skills that wait."""

    id: int
    name: str
    title: str
    birth_year: int | None
    neighbourhood: str | None
    skills: Sequence[WaitingSkill]

    @property
    def signable(self) -> Sequence[WaitingSkill]:
        """The skills that the reader may sign."""
        return [each for each in self.skills if not each.mine]


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What an assessor chose to see; None and "" mean everything."""

    name: str = ""
    course_id: int | None = None
    series_id: int | None = None
    session_id: int | None = None


@dataclass(frozen=True, slots=True)
class SkillTotal:
    """A skill on a page of the queue: `pairs` are the values of its boxes that the reader may tick."""

    skill_id: int
    code: str
    name: str
    pairs: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class PairNames:
    """A learner and a skill as they are spoken of."""

    learner: str
    skill: str


async def names_of(
    db: AsyncSession, pairs: Collection[tuple[int, int]]
) -> Mapping[tuple[int, int], PairNames]:
    """The names of these (learner, skill). Two statements, none without a pair."""
    if not pairs:
        return {}
    learners = await db.execute(
        select(Learner.id, Learner.title, Learner.full_name).where(Learner.id.in_({a for a, _b in pairs}))
    )
    name = Skill.name_en if language() == "en" else Skill.name_vi
    skills = await db.execute(select(Skill.id, name).where(Skill.id.in_({b for _a, b in pairs})))
    people = {row.id: f"{row.title} {row.full_name}".strip() for row in learners}
    names = {row[0]: row[1] for row in skills}
    return {pair: PairNames(people.get(pair[0], ""), names.get(pair[1], "")) for pair in pairs}


async def queue(
    db: AsyncSession, ward_id: str, chosen: QueueFilter, *, number: int, reader_id: int | None
) -> Page[WaitingLearner]:
    """One page of the queue of a ward, by given name. Four statements.

    Of a course, series or session chosen, only the skills shown there.
    """
    shown_where = _shown_where(chosen)
    learner_ids = select(AwaitingSignOff.learner_id).where(AwaitingSignOff.ward_id == ward_id)
    if shown_where is not None:
        learner_ids = learner_ids.where(shown_where)
    people = (
        select(Learner.id, Learner.full_name, Learner.title, Learner.birth_year, Neighbourhood.name)
        .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
        .where(Learner.ward_id == ward_id, Learner.archived_at.is_(None))
        .where(Learner.id.in_(learner_ids))
    )
    if chosen.name.strip():
        people = people.where(Learner.name_key.contains(fold(chosen.name), autoescape=True))
    total = await db.scalar(select(func.count()).select_from(people.subquery())) or 0
    rows = (
        await db.execute(
            people.order_by(Learner.sort_key, Learner.id).limit(PAGE_SIZE).offset(offset(number))
        )
    ).all()
    ids = [row.id for row in rows]
    skills = await waiting_skills(db, ids, shown_where, reader_id=reader_id)
    items = [WaitingLearner(*row, skills=skills.get(row.id, ())) for row in rows]
    return Page(items, max(1, number), total)


def _shown_where(chosen: QueueFilter) -> ColumnElement[Any] | None:
    """Whether a waiting skill was shown in the course, series or session; None where none is chosen."""
    where: list[ColumnElement[Any]] = []
    if chosen.session_id is not None:
        where.append(Demonstration.session_id == chosen.session_id)
    if chosen.series_id is not None:
        where.append(ClassSession.series_id == chosen.series_id)
    if chosen.course_id is not None:
        where.append(ClassSession.course_id == chosen.course_id)
    if not where:
        return None
    return (
        exists()
        .where(Demonstration.learner_id == AwaitingSignOff.learner_id)
        .where(Demonstration.skill_id == AwaitingSignOff.skill_id)
        .where(Demonstration.voided_at.is_(None))
        .where(ClassSession.id == Demonstration.session_id, *where)
    )


def skill_totals(people: Sequence[WaitingLearner]) -> Sequence[SkillTotal]:
    """The skills of these people in the framework's order, with who of them may be signed."""
    pairs: dict[int, list[tuple[int, int]]] = {}
    known: dict[int, WaitingSkill] = {}
    for person in people:
        for skill in person.signable:
            known.setdefault(skill.skill_id, skill)
            pairs.setdefault(skill.skill_id, []).append((person.id, skill.skill_id))
    return [
        SkillTotal(skill_id, known[skill_id].code, known[skill_id].name, found)
        for skill_id, found in sorted(pairs.items())
    ]


def observed_by_reader(people: Sequence[WaitingLearner]) -> int:
    """How many waiting skills of these people the reader may not sign."""
    return sum(skill.mine for person in people for skill in person.skills)


def in_groups(totals: Sequence[SkillTotal], people: Sequence[WaitingLearner]) -> Mapping[str, set[str]]:
    """Values of boxes by what ticks them together: "tat-ca", a skill ("ky-nang-3"), a person ("nguoi-7")."""
    every = {f"{learner}:{skill}" for total in totals for learner, skill in total.pairs}
    skills = {f"ky-nang-{each.skill_id}": {f"{a}:{b}" for a, b in each.pairs} for each in totals}
    persons = {
        f"nguoi-{each.id}": {f"{each.id}:{skill.skill_id}" for skill in each.signable} for each in people
    }
    return {"tat-ca": every, **skills, **persons}
