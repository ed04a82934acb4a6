"""Signing skills off by a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from competency.errors import NotEnoughShown, SamePerson, SignedBefore
from competency.events import SkillsSignedOff
from competency.models import Demonstration, SignOff, SignOffEvidence
from competency.queries.evidence import counts
from competency.rules import LEVELS, is_higher, level_reached
from competency.service.readiness import Pair, lock_learners, refresh
from learners.models import Learner
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import Forbidden, NotFound
from lopso.kernel.events import publish
from lopso.kernel.i18n import gettext as _
from skills.models import Framework, Skill


@dataclass(frozen=True, slots=True)
class Signed:
    """What became of the skills somebody wanted to sign off.

    Attributes:
        done: the new sign-offs.
        refused: (learner, skill) not signed, with the sentence that says why.
    """

    done: Sequence[SignOff] = ()
    refused: Mapping[Pair, str] = field(default_factory=dict[Pair, str])


async def sign_off(
    db: AsyncSession, ward_id: str, pairs: Sequence[Pair], *, by: Actor, now: datetime
) -> Signed:
    """Confirm skills of learners of one ward; each stands or is refused by itself. Does not commit.

    Rests on every standing, unflagged demonstration of that level or better that somebody else observed.
    A sign-off at a lower level is replaced. Nine statements, whatever the number.

    Raises:
        Forbidden: no person stands behind the request.
        NotFound: a learner of another ward is among them.
    """
    if by.user_id is None:
        raise Forbidden
    pairs = sorted(set(pairs))
    if not pairs:
        return Signed()
    learner_ids = sorted({learner_id for learner_id, _skill in pairs})
    await _lock(db, ward_id, learner_ids)
    required = await _required(db, {skill_id for _learner, skill_id in pairs})
    evidence = await _evidence(db, pairs)
    before = await _standing(db, pairs)

    done: list[tuple[SignOff, list[Demonstration]]] = []
    refused: dict[Pair, str] = {}
    for pair in pairs:
        try:
            signed = _judge(
                evidence.get(pair, []),
                *before.get(pair, (None, "")),
                required=required.get(pair[1], 1),
                signer=by.user_id,
            )
        except (NotEnoughShown, SamePerson, SignedBefore) as refusal:
            refused[pair] = refusal.sentence
            continue
        level, rests_on = signed
        if pair in before:
            _replace(before[pair][0], by_id=by.user_id, now=now)
        new = SignOff(
            ward_id=ward_id,
            learner_id=pair[0],
            skill_id=pair[1],
            level=level,
            required=required[pair[1]],
            signed_by=by.user_id,
            signed_at=now,
        )
        done.append((new, rests_on))
    if done:
        await _write(db, done, by=by, now=now)
    return Signed([new for new, _rests_on in done], refused)


async def _lock(db: AsyncSession, ward_id: str, learner_ids: Sequence[int]) -> None:
    await lock_learners(db, learner_ids)
    here = await db.scalar(
        select(func.count()).where(Learner.id.in_(learner_ids), Learner.ward_id == ward_id)
    )
    if here != len(learner_ids):
        raise NotFound


def _replace(former: SignOff, *, by_id: int, now: datetime) -> None:
    former.revoked_at, former.revoked_by = now, by_id
    former.revoke_reason = _("Thay bằng xác nhận ở mức cao hơn")


async def _write(
    db: AsyncSession, done: Sequence[tuple[SignOff, list[Demonstration]]], *, by: Actor, now: datetime
) -> None:
    # Replaced ones first: at most one sign-off stands per learner and skill.
    await db.flush()
    db.add_all(new for new, _rests_on in done)
    await db.flush()
    for new, rests_on in done:
        db.add_all(
            SignOffEvidence(
                sign_off_id=new.id,
                demonstration_id=each.id,
                learner_id=new.learner_id,
                skill_id=new.skill_id,
                observed_by=each.observed_by,
                signed_by=new.signed_by,
            )
            for each in rests_on
        )
        audit.note(
            db,
            new,
            "skill.signed_off",
            by=by,
            now=now,
            learner_id=new.learner_id,
            skill_id=new.skill_id,
            level=new.level,
        )
    await refresh(db, [(new.learner_id, new.skill_id) for new, _rests_on in done])
    learner_ids = sorted({new.learner_id for new, _rests_on in done})
    await publish(db, SkillsSignedOff(done[0][0].ward_id, tuple(learner_ids), by, now))


def _judge(
    seen: Sequence[Demonstration],
    former: SignOff | None,
    former_signer: str,
    *,
    required: int,
    signer: int,
) -> tuple[str, list[Demonstration]]:
    """The level to sign and what it rests on.

    Raises:
        NotEnoughShown, SamePerson, SignedBefore
    """
    held = former.level if former is not None else None
    by_anyone = level_reached((each.level for each in seen), required)
    if by_anyone is None:
        raise NotEnoughShown(required)
    if former is not None and not is_higher(by_anyone, held):
        raise SignedBefore(former_signer, former.signed_at)
    by_others = [each for each in seen if each.observed_by != signer]
    level = level_reached((each.level for each in by_others), required)
    if level is None or not is_higher(level, held):
        raise SamePerson
    return level, [each for each in by_others if LEVELS.index(each.level) >= LEVELS.index(level)]


async def _required(db: AsyncSession, skill_ids: set[int]) -> dict[int, int]:
    rows = await db.execute(
        select(Skill.id, Framework.required_demonstrations)
        .join(Framework, Framework.id == Skill.framework_id)
        .where(Skill.id.in_(skill_ids))
    )
    return {row[0]: row[1] for row in rows}


async def _evidence(db: AsyncSession, pairs: Sequence[Pair]) -> dict[Pair, list[Demonstration]]:
    """Standing demonstrations whose learner is still marked present."""
    found: dict[Pair, list[Demonstration]] = {}
    for each in await db.scalars(
        select(Demonstration)
        .where(Demonstration.learner_id.in_({learner_id for learner_id, _skill in pairs}))  # by the index
        .where(tuple_(Demonstration.learner_id, Demonstration.skill_id).in_(pairs))
        .where(*counts())
        .order_by(Demonstration.observed_at, Demonstration.id)
    ):
        found.setdefault((each.learner_id, each.skill_id), []).append(each)
    return found


async def _standing(db: AsyncSession, pairs: Sequence[Pair]) -> dict[Pair, tuple[SignOff, str]]:
    """What stands, with the name of its signer."""
    rows = await db.execute(
        select(SignOff, User.name)
        .join(User, User.id == SignOff.signed_by)
        .where(SignOff.learner_id.in_({learner_id for learner_id, _skill in pairs}))  # by the index
        .where(tuple_(SignOff.learner_id, SignOff.skill_id).in_(pairs))
        .where(SignOff.revoked_at.is_(None))
    )
    return {(each.learner_id, each.skill_id): (each, signer) for each, signer in rows}
