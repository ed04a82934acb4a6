"""One sign-off, for the page that revokes it; and those a certificate may be made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from competency.models import SignOff
from learners.models import Learner
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import language
from skills.models import Framework, Skill


@dataclass(frozen=True, slots=True)
class SignedSkill:
    """A sign-off as people read it."""

    id: int
    ward_id: str
    learner_id: int
    learner: str
    code: str
    skill: str
    level: str
    signer: str
    signed_at: datetime
    revoked_at: datetime | None
    draft: bool


def _signed():
    return (
        select(
            SignOff.id,
            SignOff.ward_id,
            SignOff.learner_id,
            Learner.full_name,
            Skill.code,
            Skill.name_en if language() == "en" else Skill.name_vi,
            SignOff.level,
            User.name,
            SignOff.signed_at,
            SignOff.revoked_at,
            ~Framework.complete,
        )
        .join(Learner, Learner.id == SignOff.learner_id)
        .join(Skill, Skill.id == SignOff.skill_id)
        .join(Framework, Framework.id == Skill.framework_id)
        .join(User, User.id == SignOff.signed_by)
    )


async def sign_off_in(db: AsyncSession, ward_id: str, sign_off_id: int) -> SignedSkill:
    """One sign-off of a ward, standing or not.

    Raises:
        NotFound: no such sign-off in this ward.
    """
    statement = _signed().where(SignOff.id == sign_off_id, SignOff.ward_id == ward_id)
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return SignedSkill(*row)


async def standing_sign_offs(db: AsyncSession, learner_id: int) -> Sequence[SignedSkill]:
    """What stands for one learner, in the framework's order."""
    rows = await db.execute(
        _signed()
        .where(SignOff.learner_id == learner_id, SignOff.revoked_at.is_(None))
        .order_by(Framework.id.desc(), Skill.position, Skill.id)
    )
    return [SignedSkill(*row) for row in rows]
