"""One level of a skill for everybody present who has none yet, and its undo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.queries import RollSession, standing_marks
from attendance.rules import is_present
from attendance.service.marks import check_open
from competency.models import Demonstration
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from competency.service.readiness import lock_learners
from lopso.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class ClassLevels:
    """What became of one skill of a whole class; learner ids.

    Attributes:
        changed: whose level was recorded or undone.
        left: on undo, those recorded anew since by somebody; their level stays.
        refused: learner → the sentence that says why nothing changed.
    """

    changed: Sequence[int] = ()
    left: Sequence[int] = ()
    refused: Mapping[int, str] = field(default_factory=dict[int, str])


async def record_the_rest(
    db: AsyncSession,
    session: RollSession,
    skill_id: int,
    level: str,
    *,
    form_id: UUID,
    by: Actor,
    now: datetime,
) -> ClassLevels:
    """Give everybody present without a level of this skill the same one. Does not commit.

    What somebody else records meanwhile stays: who has none is asked after the learners are locked.
    `form_id` makes a repeated request harmless. Eleven statements, whatever the number of people.

    Raises:
        OfferNotAnswered, RollNotOpen, RollOfCancelledSession, RollClosedToHelpers: see `check_open`.
    """
    check_open(session, now=now, happened_at=now, offline=False)
    marks = await standing_marks(db, session.id)
    present = sorted(learner_id for learner_id, mark in marks.items() if is_present(mark))
    await lock_learners(db, present)
    standing = await _standing(db, session.id, skill_id)
    shown = [
        ObservedSkill(learner_id, skill_id, level, _tap_id(form_id, skill_id, learner_id))
        for learner_id in present
        if learner_id not in standing
    ]
    return await _record(db, session, shown, by=by, now=now)


async def undo_the_rest(
    db: AsyncSession, session: RollSession, skill_id: int, *, form_id: UUID, by: Actor, now: datetime
) -> ClassLevels:
    """Void what `record_the_rest` recorded with this `form_id`, where it still stands. Does not commit.

    Twelve statements, whatever the number of people.

    Raises:
        OfferNotAnswered, RollNotOpen, RollOfCancelledSession, RollClosedToHelpers: see `check_open`.
    """
    learner_ids = sorted(await standing_marks(db, session.id))
    await lock_learners(db, learner_ids)
    standing = await _standing(db, session.id, skill_id)
    given = await _given(db, session.id, skill_id, form_id, learner_ids)
    undone = [each for each in given if standing.get(each) == _tap_id(form_id, skill_id, each)]
    taken = [ObservedSkill(learner_id, skill_id, None, uuid4()) for learner_id in undone]
    done = await _record(db, session, taken, by=by, now=now)
    return ClassLevels(done.changed, [each for each in given if each not in undone], done.refused)


def _tap_id(form_id: UUID, skill_id: int, learner_id: int) -> UUID:
    return uuid5(form_id, f"{skill_id}:{learner_id}")


async def _record(
    db: AsyncSession, session: RollSession, shown: Sequence[ObservedSkill], *, by: Actor, now: datetime
) -> ClassLevels:
    saved = await record_demonstrations(db, session, shown, by=by, now=now)
    whose = {each.client_id: each.learner_id for each in shown}
    refused = {whose[client_id]: sentence for client_id, sentence in saved.refused.items()}
    return ClassLevels([whose[client_id] for client_id in saved.saved], (), refused)


async def _standing(db: AsyncSession, session_id: int, skill_id: int) -> dict[int, UUID]:
    """Learner → the tap that recorded what stands of this skill in this session."""
    rows = await db.execute(
        select(Demonstration.learner_id, Demonstration.client_id)
        .where(Demonstration.session_id == session_id, Demonstration.skill_id == skill_id)
        .where(Demonstration.voided_at.is_(None))
    )
    return {row.learner_id: row.client_id for row in rows}


async def _given(
    db: AsyncSession, session_id: int, skill_id: int, form_id: UUID, learner_ids: Sequence[int]
) -> Sequence[int]:
    """Whom `record_the_rest` gave a level with this `form_id`, whatever became of it."""
    taps = [_tap_id(form_id, skill_id, each) for each in learner_ids]
    rows = await db.scalars(
        select(Demonstration.learner_id)
        .where(Demonstration.session_id == session_id, Demonstration.client_id.in_(taps))
        .order_by(Demonstration.learner_id)
    )
    return rows.all()
