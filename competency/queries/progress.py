"""How far a learner is: what is asked of them, what was shown, what was signed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from accounts.models import User
from competency.models import AwaitingSignOff, Demonstration, SignOff
from competency.queries.evidence import stands_for
from competency.rules import framework_audiences
from lopso.kernel.i18n import language
from skills.models import Audience, Framework, Skill


@dataclass(frozen=True, slots=True)
class SkillProgress:
    """A skill and how far the learner is.

    Attributes:
        asked: the current edition asks it of this learner.
        level: of the standing sign-off; None when not signed.
        awaiting: the level that waits for an assessor.
        shown: at least one demonstration stands.
    """

    skill_id: int
    code: str
    name: str
    asked: bool
    sign_off_id: int | None
    level: str | None
    signed_at: datetime | None
    signer: str | None
    awaiting: str | None
    shown: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a learner is. `audiences` are the names of the edition's audiences they belong to."""

    audiences: Sequence[str]
    skills: Sequence[SkillProgress]


async def progress(db: AsyncSession, learner_id: int, audiences: Collection[str]) -> Progress:
    """Skills asked of this learner by the current edition, and any other shown or signed. Two statements.

    Asked is the union over the learner's audiences. In the framework's order, older editions last.
    """
    belongs_to = await _audiences(db, audiences)
    asked_codes = {code for audience in belongs_to for code in audience.skill_codes}
    rows = await db.execute(_skills(learner_id, asked_codes))
    names = [each.name_en if language() == "en" else each.name_vi for each in belongs_to]
    return Progress(names, [SkillProgress(*row) for row in rows])


def _skills(learner_id: int, asked_codes: Collection[str]) -> Any:
    """The statement for rows of `SkillProgress`."""
    signer = aliased(User)
    shown = exists().where(
        Demonstration.learner_id == learner_id,
        Demonstration.skill_id == Skill.id,
        Demonstration.voided_at.is_(None),
    )
    asked = and_(Framework.is_current, Skill.code.in_(asked_codes))
    signed = stands_for(learner_id, Skill.id)
    waits = and_(AwaitingSignOff.learner_id == learner_id, AwaitingSignOff.skill_id == Skill.id)
    return (
        select(
            Skill.id,
            Skill.code,
            Skill.name_en if language() == "en" else Skill.name_vi,
            asked,
            SignOff.id,
            SignOff.level,
            SignOff.signed_at,
            signer.name,
            AwaitingSignOff.level,
            shown,
        )
        .join(Framework, Framework.id == Skill.framework_id)
        .outerjoin(SignOff, signed)
        .outerjoin(signer, signer.id == SignOff.signed_by)
        .outerjoin(AwaitingSignOff, waits)
        .where(or_(asked, SignOff.id.is_not(None), shown))
        .order_by(Framework.is_current.desc(), Framework.id.desc(), Skill.position, Skill.id)
    )


async def _audiences(db: AsyncSession, tags: Collection[str]) -> Sequence[Audience]:
    """The current edition's audiences that a learner with these tags belongs to."""
    rows = await db.scalars(
        select(Audience)
        .join(Framework, Framework.id == Audience.framework_id)
        .where(Framework.is_current)
        .order_by(Audience.position)
    )
    known = {each.code: each for each in rows}
    return [known[code] for code in framework_audiences(tags, known)]
