"""Roll call with skills: the course's skills and what each person showed of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from attendance.queries import RollRow, RollSession, roll
from attendance.rules import RollTally, tally
from competency.models import Demonstration
from competency.queries.evidence import is_signed
from lopso.kernel.i18n import language
from scheduling.models import CourseSkill
from skills.models import Framework, Skill


@dataclass(frozen=True, slots=True)
class SessionSkill:
    """A skill that can be shown in a session. `edition` is what a demonstration is judged by."""

    id: int
    code: str
    name: str
    edition: str


@dataclass(frozen=True, slots=True)
class SkillCell:
    """One skill of one person in this session; `level` None: not shown here.

    `flagged` says that the person is no longer marked present; `signed` that an assessor confirmed it.
    """

    skill: SessionSkill
    level: str | None = None
    observer: str | None = None
    signed: bool = False
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class RollPerson:
    """A row of the page."""

    row: RollRow
    cells: Sequence[SkillCell]

    @property
    def name(self) -> str:
        """How the person is spoken of: "Bà Trần Thị Ngọc Ánh"."""
        return f"{self.row.title} {self.row.name}".strip()

    @property
    def shown(self) -> int:
        """How many skills the person has shown in this session."""
        return sum(cell.level is not None for cell in self.cells)

    @property
    def flagged(self) -> bool:
        """Whether something was shown by somebody who is not marked present."""
        return any(cell.flagged for cell in self.cells)


@dataclass(frozen=True, slots=True)
class RollPage:
    """Everything the roll-call page shows."""

    session: RollSession
    skills: Sequence[SessionSkill]
    people: Sequence[RollPerson]
    tally: RollTally

    def person(self, learner_id: int) -> RollPerson | None:
        """The row of one learner, if they are on the roll."""
        return next((each for each in self.people if each.row.learner_id == learner_id), None)

    def skill(self, skill_id: int | None) -> SessionSkill | None:
        """One of the skills, if it can be shown in this session."""
        return next((each for each in self.skills if each.id == skill_id), None)

    def shown_by(self, skill_id: int) -> int:
        """How many of those present have shown a skill in this session so far."""
        return sum(
            cell.level is not None
            for person in self.people
            if person.row.present
            for cell in person.cells
            if cell.skill.id == skill_id
        )

    def after(self, skill_id: int) -> SessionSkill | None:
        """The skill that follows in teaching order."""
        ids = [each.id for each in self.skills]
        following = ids.index(skill_id) + 1 if skill_id in ids else len(ids)
        return self.skills[following] if following < len(ids) else None

    def levels(self) -> dict[tuple[int, int], str | None]:
        """What was shown in this session so far, by learner and skill."""
        return {
            (person.row.learner_id, cell.skill.id): cell.level
            for person in self.people
            for cell in person.cells
        }

    def level(self, learner_id: int, skill_id: int) -> str | None:
        """What a learner has shown of a skill in this session so far."""
        person = self.person(learner_id)
        cells = person.cells if person else ()
        return next((cell.level for cell in cells if cell.skill.id == skill_id), None)


async def skills_of(db: AsyncSession, session: RollSession) -> Sequence[SessionSkill]:
    """The course's skills in teaching order, then those already shown in this session. One statement."""
    shown = exists().where(
        Demonstration.session_id == session.id,
        Demonstration.skill_id == Skill.id,
        Demonstration.voided_at.is_(None),
    )
    statement = (
        select(Skill, Framework.code, Framework.version)
        .join(Framework, Framework.id == Skill.framework_id)
        .outerjoin(
            CourseSkill, and_(CourseSkill.course_id == session.course_id, CourseSkill.skill_id == Skill.id)
        )
        .where(or_(CourseSkill.skill_id.is_not(None), shown))
        .order_by(CourseSkill.position, Skill.position, Skill.id)
    )
    return [
        SessionSkill(
            skill.id,
            skill.code,
            skill.name_en if language() == "en" else skill.name_vi,
            f"{framework} {version}",
        )
        for skill, framework, version in await db.execute(statement)
    ]


async def roll_page(db: AsyncSession, session: RollSession) -> RollPage:
    """The page of one session. Three statements, whatever the number of people and skills."""
    rows = await roll(db, session.id)
    skills = await skills_of(db, session)
    cells = await _cells(db, session.id) if skills else {}
    people = [
        RollPerson(
            row,
            [
                SkillCell(skill, *cells[row.learner_id, skill.id], flagged=not row.present)
                if (row.learner_id, skill.id) in cells
                else SkillCell(skill)
                for skill in skills
            ],
        )
        for row in rows
    ]
    return RollPage(session, skills, people, tally(row.mark for row in rows))


async def _cells(db: AsyncSession, session_id: int) -> dict[tuple[int, int], tuple[str, str, bool]]:
    """(learner, skill) → level, observer's name, signed, of what stands in this session."""
    statement = (
        select(Demonstration.learner_id, Demonstration.skill_id, Demonstration.level, User.name, is_signed())
        .join(User, User.id == Demonstration.observed_by)
        .where(Demonstration.session_id == session_id)
        .where(Demonstration.voided_at.is_(None))
    )
    rows = await db.execute(statement)
    return {
        (learner_id, skill_id): (level, observer, is_signed)
        for learner_id, skill_id, level, observer, is_signed in rows
    }
