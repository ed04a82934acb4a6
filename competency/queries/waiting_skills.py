"""Skills that wait for a sign-off, with what was seen of them and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from competency.models import AwaitingSignOff, Demonstration, SignOff
from competency.queries.evidence import counts, stands_for
from competency.rules import is_higher, level_reached
from lopso.kernel.i18n import language
from scheduling.models import ClassSession
from skills.models import Framework, Skill


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
class EvidenceLine:
    """What one observer saw at one level in sessions of one title; `times` newest first, UTC."""

    observer: str
    level: str
    session_title: str
    times: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class WaitingSkill:
    """A skill of one learner that may be signed.

    Attributes:
        level: the one that the demonstrations reach.
        signed_level: of the standing sign-off that a new one would replace.
        seen: newest first.
        by_others: the level reached without what the reader observed; None when that is not enough.
        mine: the reader observed it, and what others observed is not enough.
    """

    skill_id: int
    code: str
    name: str
    level: str
    signed_level: str | None
    seen: Sequence[ObservedDemonstration]
    by_others: str | None
    mine: bool

    @property
    def signable(self) -> str:
        """The level that the reader would confirm, or that waits for somebody else."""
        return self.level if self.mine or self.by_others is None else self.by_others

    @property
    def evidence(self) -> Sequence[EvidenceLine]:
        """What was seen, a line for each observer, level and title of sessions; newest first."""
        lines: dict[tuple[int, str, str, str], list[datetime]] = {}
        for one in self.seen:
            same = (one.observer_id, one.observer, one.level, one.session_title)
            lines.setdefault(same, []).append(one.observed_at)
        return [EvidenceLine(name, level, title, times) for (_id, name, level, title), times in lines.items()]


async def waiting_skills(
    db: AsyncSession,
    learner_ids: Sequence[int],
    shown_where: ColumnElement[Any] | None,
    *,
    reader_id: int | None,
) -> dict[int, list[WaitingSkill]]:
    """The waiting skills of these learners, in the framework's order. Two statements.

    Args:
        shown_where: a condition on `AwaitingSignOff`; None takes all.
    """
    wanted = (
        select(AwaitingSignOff, Skill, SignOff.level, Framework.required_demonstrations)
        .join(Skill, Skill.id == AwaitingSignOff.skill_id)
        .join(Framework, Framework.id == Skill.framework_id)
        .outerjoin(SignOff, stands_for(AwaitingSignOff.learner_id, AwaitingSignOff.skill_id))
        .where(AwaitingSignOff.learner_id.in_(learner_ids))
        .order_by(Skill.framework_id, Skill.position, Skill.id)
    )
    rows = await db.execute(wanted if shown_where is None else wanted.where(shown_where))
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
                by_others=by_others,
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
