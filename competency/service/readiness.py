"""Maintenance of `awaiting_sign_off`: the skills that wait for an assessor."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import BigInteger, Text, and_, any_, bindparam, column, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.events import RollChanged
from competency.models import Demonstration, SignOff
from competency.queries.evidence import counts, stands_for
from competency.rules import is_higher, level_reached
from learners.models import Learner
from lopso.kernel.db import UtcDateTime
from skills.models import Framework, Skill

Pair = tuple[int, int]
"""(learner id, skill id)."""

_PAIRS = (
    func.unnest(
        bindparam("learner_ids", type_=ARRAY(BigInteger())), bindparam("skill_ids", type_=ARRAY(BigInteger()))
    )
    .table_valued(column("learner_id", BigInteger), column("skill_id", BigInteger))
    .render_derived("pair")
)
_COUNTING = (
    select(
        Demonstration.learner_id,
        Demonstration.skill_id,
        Demonstration.level,
        Demonstration.observed_at,
        Learner.ward_id,
        Framework.required_demonstrations.label("required"),
        SignOff.level.label("signed_level"),
    )
    .join(
        _PAIRS,
        and_(Demonstration.learner_id == _PAIRS.c.learner_id, Demonstration.skill_id == _PAIRS.c.skill_id),
    )
    .join(Learner, Learner.id == Demonstration.learner_id)
    .join(Skill, Skill.id == Demonstration.skill_id)
    .join(Framework, Framework.id == Skill.framework_id)
    .outerjoin(SignOff, stands_for(Demonstration.learner_id, Demonstration.skill_id))
    .where(*counts())
    .order_by(Demonstration.learner_id, Demonstration.skill_id)
)
_STORE = text(
    """
    WITH waiting AS (
        SELECT * FROM unnest(:learner_ids, :skill_ids, :ward_ids, :levels, :shown_ats)
            AS each (learner_id, skill_id, ward_id, level, shown_at)
    ), settled AS (
        DELETE FROM awaiting_sign_off AS awaiting
        USING unnest(:settled_learner_ids, :settled_skill_ids) AS pair (learner_id, skill_id)
        WHERE awaiting.learner_id = pair.learner_id AND awaiting.skill_id = pair.skill_id
    )
    INSERT INTO awaiting_sign_off (learner_id, skill_id, ward_id, level, shown_at)
    SELECT learner_id, skill_id, ward_id, level, shown_at FROM waiting
    ON CONFLICT (learner_id, skill_id) DO UPDATE SET level = excluded.level, shown_at = excluded.shown_at
    """
).bindparams(
    *(
        bindparam(name, type_=ARRAY(kind))
        for name, kind in {
            "learner_ids": BigInteger(),
            "skill_ids": BigInteger(),
            "ward_ids": Text(),
            "levels": Text(),
            "shown_ats": UtcDateTime(),
            "settled_learner_ids": BigInteger(),
            "settled_skill_ids": BigInteger(),
        }.items()
    )
)


async def lock_learners(db: AsyncSession, learner_ids: Iterable[int]) -> None:
    """Lock learners, so that one transaction at a time judges their skills.

    In id order: two requests at once would otherwise lock the rows crosswise.
    """
    await db.execute(
        select(Learner.id)
        .where(Learner.id.in_(sorted(set(learner_ids))))
        .order_by(Learner.id)
        .with_for_update(key_share=True)
    )


async def refresh(db: AsyncSession, pairs: Iterable[Pair]) -> None:
    """Recompute `awaiting_sign_off` for these learners and skills. Two statements."""
    wanted = sorted(set(pairs))
    if not wanted:
        return
    await db.flush()
    waiting = await _waiting(db, wanted)
    settled = [pair for pair in wanted if pair not in waiting]
    await db.execute(
        _STORE,
        {
            "learner_ids": [learner_id for learner_id, _skill in waiting],
            "skill_ids": [skill_id for _learner, skill_id in waiting],
            "ward_ids": [each.ward_id for each in waiting.values()],
            "levels": [each.level for each in waiting.values()],
            "shown_ats": [each.shown_at for each in waiting.values()],
            "settled_learner_ids": [learner_id for learner_id, _skill in settled],
            "settled_skill_ids": [skill_id for _learner, skill_id in settled],
        },
    )


class _WaitingPair(NamedTuple):
    ward_id: str
    level: str
    shown_at: datetime


async def _waiting(db: AsyncSession, pairs: Sequence[Pair]) -> dict[Pair, _WaitingPair]:
    """Those pairs whose demonstrations reach a level above the one signed off; one statement."""
    rows = await db.execute(
        _COUNTING, {"learner_ids": [pair[0] for pair in pairs], "skill_ids": [pair[1] for pair in pairs]}
    )
    found: dict[Pair, _WaitingPair] = {}
    for pair, group in groupby(rows, key=lambda row: (row.learner_id, row.skill_id)):
        shown = list(group)
        first = shown[0]
        level = level_reached((each.level for each in shown), first.required)
        if level is not None and is_higher(level, first.signed_level):
            found[pair] = _WaitingPair(first.ward_id, level, max(each.observed_at for each in shown))
    return found


_SHOWN_IN_SESSION = (
    select(Demonstration.learner_id, Demonstration.skill_id)
    .where(Demonstration.session_id == bindparam("session_id"))
    .where(Demonstration.learner_id == any_(bindparam("learner_ids", type_=ARRAY(BigInteger()))))
    .where(Demonstration.voided_at.is_(None))
)


async def refresh_after_roll_change(db: AsyncSession, fact: RollChanged) -> None:
    """After a corrected mark: demonstrations of that session may count again, or no longer."""
    values = {"session_id": fact.session_id, "learner_ids": list(fact.learner_ids)}
    pairs = [(*row,) for row in await db.execute(_SHOWN_IN_SESSION, values)]
    if pairs:
        await lock_learners(db, (learner_id for learner_id, _skill in pairs))
        await refresh(db, pairs)
