"""Demonstrations: added and voided, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.models import AttendanceMark
from attendance.queries import RollSession, latest_marks
from attendance.rules import happened
from attendance.service.marks import SaveResult, check_open
from competency.errors import AlreadySigned, LearnerNotPresent, SkillNotTaught
from competency.models import Demonstration
from competency.queries.evidence import is_signed
from competency.queries.roll import SessionSkill, skills_of
from competency.service.readiness import Pair, lock_learners, refresh
from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import Forbidden, InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import one_line
from scheduling.models import ClassSession


@dataclass(frozen=True, slots=True)
class ObservedSkill:
    """A skill that an observer saw; `level` None voids the standing demonstration.

    Attributes:
        client_id: made where the tap happened; a second one with the same id changes nothing.
        happened_at: what the phone says, UTC; None means just now.
    """

    learner_id: int
    skill_id: int
    level: str | None
    client_id: UUID
    happened_at: datetime | None = None
    offline: bool = False


@dataclass(slots=True)
class _SessionState:
    """Rows of one session while entries are applied.

    Attributes:
        standing: demonstrations not voided, by (learner, skill); `signed`: ids that a standing sign-off uses.
        voided: when the last one of a pair was voided.
    """

    skills: Mapping[int, SessionSkill]
    marks: Mapping[int, AttendanceMark]
    standing: dict[Pair, Demonstration]
    signed: set[int]
    known_ids: set[UUID]
    voided: dict[Pair, datetime]
    new: list[Demonstration] = field(default_factory=list[Demonstration])


async def record_demonstrations(
    db: AsyncSession, session: RollSession, shown: Sequence[ObservedSkill], *, by: Actor, now: datetime
) -> SaveResult:
    """Save observed skills: one tap, or a whole class. Does not commit.

    A new level for the same skill voids the former one. Of two for one skill the later one stands, in any
    order of arrival; the other is saved as voided. What cannot be saved is refused with a sentence, the
    rest goes through. Nine statements, whatever the number.

    Raises:
        OfferNotAnswered, RollNotOpen, RollOfCancelledSession, RollClosedToHelpers: see `check_open`.
        Forbidden: the actor is no person; an observer must be one.
    """
    if by.user_id is None:
        raise Forbidden
    for each in shown:
        check_open(session, now=now, happened_at=happened(each.happened_at, now), offline=each.offline)
    if not shown:
        return SaveResult()
    learner_ids = sorted({each.learner_id for each in shown})
    await lock_learners(db, learner_ids)
    state = await _load_state(db, session, learner_ids, [each.client_id for each in shown])

    saved, known, refused = _apply_in_order(state, session, shown, by_id=by.user_id, now=now)
    if saved:
        # The voids first: at most one demonstration stands per session, learner and skill.
        await db.flush()
        db.add_all(state.new)
        audit.note(
            db,
            audit.Subject("class_session", session.id, session.ward_id),
            "skills.shown",
            by=by,
            now=now,
            shown=[[each.learner_id, each.skill_id, each.level or "taken back"] for each in saved],
        )
        await refresh(db, {(each.learner_id, each.skill_id) for each in saved})
    return SaveResult(tuple(each.client_id for each in saved), tuple(known), refused)


def _apply_in_order(
    state: _SessionState, session: RollSession, shown: Sequence[ObservedSkill], *, by_id: int, now: datetime
) -> tuple[list[ObservedSkill], list[UUID], dict[UUID, str]]:
    """Apply the entries in the order in which they happened: what changed something, what not, refusals."""
    saved: list[ObservedSkill] = []
    known: list[UUID] = []
    refused: dict[UUID, str] = {}
    for each in sorted(shown, key=lambda one: happened(one.happened_at, now)):
        try:
            changed = _apply(state, session, each, by_id=by_id, now=now)
        except (LearnerNotPresent, SkillNotTaught, AlreadySigned) as refusal:
            refused[each.client_id] = refusal.sentence
            continue
        if changed:
            saved.append(each)
        else:
            known.append(each.client_id)
    return saved, known, refused


async def _load_state(
    db: AsyncSession, session: RollSession, learner_ids: Sequence[int], client_ids: Sequence[UUID]
) -> _SessionState:
    skills = await skills_of(db, session)
    marks = await db.scalars(latest_marks(session.id).where(AttendanceMark.learner_id.in_(learner_ids)))
    rows = await db.execute(
        select(Demonstration, is_signed())
        .where(
            or_(
                and_(Demonstration.session_id == session.id, Demonstration.learner_id.in_(learner_ids)),
                Demonstration.client_id.in_(client_ids),
            )
        )
        .order_by(Demonstration.voided_at)
    )
    state = _SessionState({each.id: each for each in skills}, {}, {}, set(), set(), {})
    state.marks = {mark.learner_id: mark for mark in marks}
    for demonstration, signed in rows:
        pair = (demonstration.learner_id, demonstration.skill_id)
        state.known_ids.add(demonstration.client_id)
        if demonstration.session_id != session.id:
            continue
        if demonstration.voided_at is None:
            state.standing[pair] = demonstration
            if signed:
                state.signed.add(demonstration.id)
        else:
            state.voided[pair] = demonstration.voided_at
    return state


def _apply(
    state: _SessionState, session: RollSession, shown: ObservedSkill, *, by_id: int, now: datetime
) -> bool:
    """Apply one entry; True when something changed."""
    if shown.client_id in state.known_ids:
        return False
    at = happened(shown.happened_at, now)
    pair = (shown.learner_id, shown.skill_id)
    current = state.standing.get(pair)
    if shown.level is None:
        if current is None or current.observed_at > at:
            return False
        _void(state, current, by_id=by_id, at=at, reason=_("Người ghi bỏ đánh dấu"))
        return True

    if current is not None and current.level == shown.level:
        return False
    skill, mark = _taught_and_present(state, shown)
    late = (current is not None and current.observed_at > at) or (
        current is None and state.voided.get(pair, at) > at
    )
    if current is not None and not late:
        _void(state, current, by_id=by_id, at=at, reason=_("Ghi lại ở mức khác"))
    demonstration = Demonstration(
        ward_id=session.ward_id,
        session_id=session.id,
        learner_id=shown.learner_id,
        skill_id=shown.skill_id,
        mark_id=mark.id,
        level=shown.level,
        observed_by=by_id,
        observed_at=at,
        recorded_at=now,
        rubric_version=skill.edition,
        client_id=shown.client_id,
        voided_at=now if late else None,
        voided_by=by_id if late else None,
        void_reason=_("Gửi lên muộn, đã có lần ghi sau đó") if late else None,
    )
    state.known_ids.add(shown.client_id)
    state.new.append(demonstration)
    if not late:
        state.standing[pair] = demonstration
    return True


def _taught_and_present(state: _SessionState, shown: ObservedSkill) -> tuple[SessionSkill, AttendanceMark]:
    """The skill as this session teaches it, and the learner's mark.

    Raises:
        SkillNotTaught, LearnerNotPresent
    """
    skill = state.skills.get(shown.skill_id)
    mark = state.marks.get(shown.learner_id)
    if skill is None:
        raise SkillNotTaught
    if mark is None or not mark.is_present:
        raise LearnerNotPresent
    return skill, mark


def _void(state: _SessionState, current: Demonstration, *, by_id: int, at: datetime, reason: str) -> None:
    if current.id in state.signed:
        raise AlreadySigned
    current.voided_at, current.voided_by, current.void_reason = at, by_id, reason
    pair = (current.learner_id, current.skill_id)
    del state.standing[pair]
    state.voided[pair] = at


async def void_demonstration(
    db: AsyncSession,
    ward_id: str,
    learner_id: int,
    demonstration_id: int,
    *,
    reason: str,
    by: Actor,
    now: datetime,
) -> Demonstration:
    """Void one demonstration of a learner in a ward's session, with the reason given. Twice changes nothing.

    Raises:
        NotFound: no such demonstration of this learner in a session of this ward.
        InvalidInput: no reason.
        AlreadySigned: a standing sign-off rests on it.
    """
    found = await db.scalar(
        select(Demonstration)
        .join(ClassSession, ClassSession.id == Demonstration.session_id)
        .where(
            Demonstration.id == demonstration_id,
            Demonstration.learner_id == learner_id,
            ClassSession.ward_id == ward_id,
        )
        .with_for_update(of=Demonstration)
    )
    if found is None:
        raise NotFound
    if found.voided_at is not None:
        return found
    reason = one_line(reason)
    if not reason:
        raise InvalidInput({"reason": _("Xin ghi lý do bỏ minh chứng này.")})
    await lock_learners(db, [found.learner_id])
    if await db.scalar(select(is_signed()).where(Demonstration.id == found.id)):
        raise AlreadySigned
    found.voided_at, found.voided_by, found.void_reason = now, by.user_id, reason
    audit.note(
        db,
        found,
        "demonstration.voided",
        by=by,
        now=now,
        reason=reason,
        learner_id=found.learner_id,
        skill_id=found.skill_id,
    )
    await refresh(db, [(found.learner_id, found.skill_id)])
    return found
