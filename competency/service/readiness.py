"""Maintenance of `awaiting_sign_off`: the skills that wait for an assessor."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.events import RollChanged
from competency.models import Demonstration
from competency.rules import LEVELS
from learners.models import Learner

Pair = tuple[int, int]
"""(learner id, skill id)."""

_LEVELS = f"ARRAY[{', '.join(repr(level) for level in LEVELS)}]"

# The level is the highest that the required number of demonstrations reach (rules.borne_out). A
# demonstration whose learner is no longer marked present is flagged and does not count.
_REFRESH = text(
    f"""
    WITH pair AS (
        SELECT DISTINCT learner_id, skill_id
        FROM unnest(:learner_ids, :skill_ids) AS given (learner_id, skill_id)
    ), seen AS (
        SELECT learner_id, skill_id, shown.observed_at, array_position({_LEVELS}, shown.level) AS rank
        FROM pair JOIN demonstration AS shown USING (learner_id, skill_id)
        WHERE shown.voided_at IS NULL AND (
            SELECT mark.is_present FROM attendance_mark AS mark
            WHERE mark.session_id = shown.session_id AND mark.learner_id = shown.learner_id
            ORDER BY mark.happened_at DESC, mark.id DESC LIMIT 1
        )
    ), borne_out AS (
        SELECT seen.learner_id, seen.skill_id, learner.ward_id, max(seen.observed_at) AS shown_at,
            (array_agg(seen.rank ORDER BY seen.rank DESC))[framework.required_demonstrations] AS rank
        FROM seen
        JOIN learner ON learner.id = seen.learner_id
        JOIN skill ON skill.id = seen.skill_id
        JOIN framework ON framework.id = skill.framework_id
        GROUP BY seen.learner_id, seen.skill_id, learner.ward_id, framework.required_demonstrations
    ), waiting AS (
        SELECT borne_out.* FROM borne_out
        LEFT JOIN sign_off AS signed ON signed.learner_id = borne_out.learner_id
            AND signed.skill_id = borne_out.skill_id AND signed.revoked_at IS NULL
        WHERE borne_out.rank > coalesce(array_position({_LEVELS}, signed.level), 0)
    ), settled AS (
        DELETE FROM awaiting_sign_off AS awaiting USING pair
        WHERE awaiting.learner_id = pair.learner_id AND awaiting.skill_id = pair.skill_id
            AND NOT EXISTS (
                SELECT FROM waiting
                WHERE waiting.learner_id = pair.learner_id AND waiting.skill_id = pair.skill_id
            )
    )
    INSERT INTO awaiting_sign_off (learner_id, skill_id, ward_id, level, shown_at)
    SELECT learner_id, skill_id, ward_id, ({_LEVELS})[rank], shown_at FROM waiting
    ON CONFLICT (learner_id, skill_id) DO UPDATE SET level = excluded.level, shown_at = excluded.shown_at
    """  # noqa: S608  (only our own constants are formatted in)
).bindparams(
    bindparam("learner_ids", type_=ARRAY(BigInteger())), bindparam("skill_ids", type_=ARRAY(BigInteger()))
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
    """Recompute `awaiting_sign_off` for these learners and skills. One statement."""
    pairs = sorted(set(pairs))
    if not pairs:
        return
    await db.flush()
    await db.execute(
        _REFRESH, {"learner_ids": [pair[0] for pair in pairs], "skill_ids": [pair[1] for pair in pairs]}
    )


_SHOWN_IN_SESSION = (
    select(Demonstration.learner_id, Demonstration.skill_id)
    .where(Demonstration.session_id == bindparam("session_id"))
    .where(Demonstration.learner_id.in_(bindparam("learner_ids", expanding=True)))
    .where(Demonstration.voided_at.is_(None))
)


async def refresh_after_roll_change(db: AsyncSession, fact: RollChanged) -> None:
    """After a corrected mark: demonstrations of that session may count again, or no longer."""
    values = {"session_id": fact.session_id, "learner_ids": fact.learner_ids}
    pairs = [(*row,) for row in await db.execute(_SHOWN_IN_SESSION, values)]
    if pairs:
        await lock_learners(db, (learner_id for learner_id, _skill in pairs))
        await refresh(db, pairs)
