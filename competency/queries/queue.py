"""The assessor's queue: learners waiting for sign-offs, with the demonstrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from competency.models import AwaitingSignOff, Demonstration, SignOff
from competency.queries.evidence import counts
from competency.rules import is_higher, level_reached
from learners.models import Learner
from lopso.kernel.i18n import language
from lopso.kernel.paging import PAGE_SIZE, Page, offset
from lopso.kernel.text import fold
from scheduling.models import ClassSession, Course
from skills.models import Framework, Skill
from venues.models import Neighbourhood


@dataclass(frozen=True, slots=True)
class ObservedDemonstration:
    """A demonstration as an assessor reads it."""

    level: str
    observer_id: int
    observer: str
    observed_at: datetime
    session_id: int
    session_title: str


@dataclass(frozen=True, slots=True)
class WaitingSkill:
    """A skill of one learner that may be signed.

    Attributes:
        level: the one that the demonstrations reach.
        signed_level: of the standing sign-off that a new one would replace.
        mine: the reader observed it, and what others observed is not enough.
    """

    skill_id: int
    code: str
    name: str
    level: str
    signed_level: str | None
    seen: Sequence[ObservedDemonstration]
    mine: bool


@dataclass(frozen=True, slots=True)
class WaitingLearner:
    """A learner with the skills that wait."""

    id: int
    name: str
    title: str
    birth_year: int | None
    neighbourhood: str | None
    skills: Sequence[WaitingSkill]


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What an assessor chose to see; None and "" mean everything."""

    name: str = ""
    course_id: int | None = None
    session_id: int | None = None


async def queue(
    db: AsyncSession, ward_id: str, chosen: QueueFilter, *, number: int, reader_id: int | None
) -> Page[WaitingLearner]:
    """One page of the queue of a ward, by given name. Four statements."""
    people = (
        select(Learner.id, Learner.full_name, Learner.title, Learner.birth_year, Neighbourhood.name)
        .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
        .where(Learner.ward_id == ward_id, Learner.archived_at.is_(None))
        .where(Learner.id.in_(_learner_ids(ward_id, chosen)))
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
    skills = await _waiting(db, ids, reader_id=reader_id)
    items = [WaitingLearner(*row, skills=skills.get(row.id, ())) for row in rows]
    return Page(items, max(1, number), total)


def _learner_ids(ward_id: str, chosen: QueueFilter):
    wanted = select(AwaitingSignOff.learner_id).where(AwaitingSignOff.ward_id == ward_id)
    if chosen.course_id is None and chosen.session_id is None:
        return wanted
    shown = (
        exists()
        .where(Demonstration.learner_id == AwaitingSignOff.learner_id)
        .where(Demonstration.skill_id == AwaitingSignOff.skill_id)
        .where(Demonstration.voided_at.is_(None))
    )
    if chosen.session_id is not None:
        shown = shown.where(Demonstration.session_id == chosen.session_id)
    if chosen.course_id is not None:
        shown = shown.where(
            ClassSession.id == Demonstration.session_id, ClassSession.course_id == chosen.course_id
        )
    return wanted.where(shown)


async def _waiting(
    db: AsyncSession, learner_ids: Sequence[int], *, reader_id: int | None
) -> dict[int, list[WaitingSkill]]:
    rows = await db.execute(
        select(AwaitingSignOff, Skill, SignOff.level, Framework.required_demonstrations)
        .join(Skill, Skill.id == AwaitingSignOff.skill_id)
        .join(Framework, Framework.id == Skill.framework_id)
        .outerjoin(
            SignOff,
            and_(
                SignOff.learner_id == AwaitingSignOff.learner_id,
                SignOff.skill_id == AwaitingSignOff.skill_id,
                SignOff.revoked_at.is_(None),
            ),
        )
        .where(AwaitingSignOff.learner_id.in_(learner_ids))
        .order_by(Skill.framework_id, Skill.position, Skill.id)
    )
    waiting = [(*row,) for row in rows]
    seen = await _seen(db, [(each.learner_id, each.skill_id) for each, *_rest in waiting])
    found: dict[int, list[WaitingSkill]] = {}
    for each, skill, signed_level, required in waiting:
        shown = seen.get((each.learner_id, each.skill_id), [])
        by_others = level_reached((one.level for one in shown if one.observer_id != reader_id), required)
        found.setdefault(each.learner_id, []).append(
            WaitingSkill(
                skill_id=skill.id,
                code=skill.code,
                name=skill.name_en if language() == "en" else skill.name_vi,
                level=each.level,
                signed_level=signed_level,
                seen=shown,
                mine=by_others is None or not is_higher(by_others, signed_level),
            )
        )
    return found


async def _seen(
    db: AsyncSession, pairs: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], list[ObservedDemonstration]]:
    rows = await db.execute(
        select(Demonstration, User.name, ClassSession.title)
        .join(User, User.id == Demonstration.observed_by)
        .join(ClassSession, ClassSession.id == Demonstration.session_id)
        .where(Demonstration.learner_id.in_({learner_id for learner_id, _skill in pairs}))  # by the index
        .where(tuple_(Demonstration.learner_id, Demonstration.skill_id).in_(pairs))
        .where(*counts())
        .order_by(Demonstration.observed_at.desc(), Demonstration.id.desc())
    )
    found: dict[tuple[int, int], list[ObservedDemonstration]] = {}
    for shown, observer, title in rows:
        found.setdefault((shown.learner_id, shown.skill_id), []).append(
            ObservedDemonstration(
                shown.level, shown.observed_by, observer, shown.observed_at, shown.session_id, title
            )
        )
    return found


async def courses_waiting(db: AsyncSession, ward_id: str) -> Sequence[tuple[int, str]]:
    """Courses (id, title) in whose sessions something was shown that now waits in this ward."""
    shown = (
        select(ClassSession.course_id)
        .join(Demonstration, Demonstration.session_id == ClassSession.id)
        .join(
            AwaitingSignOff,
            and_(
                AwaitingSignOff.learner_id == Demonstration.learner_id,
                AwaitingSignOff.skill_id == Demonstration.skill_id,
            ),
        )
        .where(AwaitingSignOff.ward_id == ward_id, Demonstration.voided_at.is_(None))
    )
    rows = await db.execute(
        select(Course.id, Course.title).where(Course.id.in_(shown)).order_by(Course.title_key, Course.id)
    )
    return [(*row,) for row in rows]
