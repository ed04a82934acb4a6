"""Sign-offs: a second person, enough evidence, revocable, and a queue that is always true."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.models import AttendanceMark
from attendance.queries import session_for
from attendance.service.marks import Mark, record_marks
from competency.errors import NotEnoughShown, SamePerson, SignedBefore
from competency.models import AwaitingSignOff, Demonstration, SignOff, SignOffEvidence
from competency.queries.queue import QueueFilter, queue
from competency.queries.queue_classes import courses_waiting
from competency.rules import LEVELS, level_reached
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from competency.service.sign_off_revocations import revoke_sign_off
from competency.service.sign_offs import sign_off
from learners.models import Learner
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import InvalidInput, NotFound
from tests.classroom import WARD, Classroom, add_classroom, add_learner, add_session, enrol
from tests.factories import NOON, actor_for, add_ward

MINUTE = timedelta(minutes=1)


async def show(
    db: AsyncSession, room: Classroom, learner: Learner, level: str = "alone", skill: int = 0
) -> None:
    """The helper saw it in the class, a minute after the last thing."""
    session = await room.roll_session(db)
    tap = ObservedSkill(learner.id, room.skills[skill].id, level, uuid4())
    saved = await record_demonstrations(db, session, [tap], by=room.as_helper, now=NOON + MINUTE)
    assert saved.saved


async def show_elsewhere(db: AsyncSession, room: Classroom, learner: Learner, level: str) -> None:
    """The coordinator saw the first skill in another session of the course."""
    other = await add_session(db, None, starts_at=NOON - timedelta(days=7), title="Thanh toán QR, buổi 2")
    other.course_id = room.session.course_id
    await db.flush()
    session = await session_for(db, other.id, actor=room.as_coordinator)
    await record_marks(db, session, [Mark(learner.id, "present", uuid4())], by=room.as_coordinator, now=NOON)
    tap = ObservedSkill(learner.id, room.skills[0].id, level, uuid4())
    assert (await record_demonstrations(db, session, [tap], by=room.as_coordinator, now=NOON)).saved


async def test_several_sign_offs_leave_the_queue(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, gai = room.learners
    for learner in room.learners:
        await room.mark(db, learner)
        await show(db, room, learner)
    pairs = [(each.id, room.skills[0].id) for each in (anh, binh)]

    signed = await sign_off(db, WARD, pairs, by=room.as_assessor, now=NOON + MINUTE)

    assert [(each.learner_id, each.level, each.signed_by) for each in signed.done] == [
        (anh.id, "alone", room.assessor.id),
        (binh.id, "alone", room.assessor.id),
    ]
    rests_on = select(SignOffEvidence.sign_off_id, SignOffEvidence.observed_by).order_by("sign_off_id")
    assert [(row[0], row[1]) for row in await db.execute(rests_on)] == [
        (each.id, room.helper.id) for each in signed.done
    ]
    audited = select(AuditEntry.subject_id).where(AuditEntry.action == "skill.signed_off")
    assert set(await db.scalars(audited)) == {str(each.id) for each in signed.done}
    left = await queue(db, WARD, QueueFilter(), number=1, reader_id=room.assessor.id)
    assert [learner.id for learner in left.items] == [gai.id]


async def test_observer_cannot_sign(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await room.mark(db, anh)
    await show(db, room, anh)
    pair = (anh.id, room.skills[0].id)
    both = actor_for(room.helper, (Role.TRAINER, WARD), (Role.ASSESSOR, WARD))

    signed = await sign_off(db, WARD, [pair], by=both, now=NOON + MINUTE)

    assert (list(signed.done), signed.refused) == ([], {pair: SamePerson().sentence})
    seen = await queue(db, WARD, QueueFilter(), number=1, reader_id=room.helper.id)
    assert [skill.mine for learner in seen.items for skill in learner.skills] == [True]


async def test_refused_sign_offs_have_their_sentences(db: AsyncSession) -> None:
    room = await add_classroom(db, required=2)
    anh, binh, _gai = room.learners
    await room.mark(db, anh)
    await show(db, room, anh)
    await show_elsewhere(db, room, anh, "can_teach")
    skill = room.skills[0].id

    first = await sign_off(db, WARD, [(anh.id, skill), (binh.id, skill)], by=room.as_assessor, now=NOON)
    again = await sign_off(db, WARD, [(anh.id, skill)], by=room.as_assessor, now=NOON)

    assert [(each.learner_id, each.level, each.required) for each in first.done] == [(anh.id, "alone", 2)]
    assert first.refused == {(binh.id, skill): NotEnoughShown(2).sentence}
    assert again.refused == {(anh.id, skill): SignedBefore("Hoàng Thị Lành", NOON).sentence}


async def test_better_demonstration_replaces_the_former_sign_off(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await room.mark(db, anh)
    await show(db, room, anh, "with_help")
    pair = (anh.id, room.skills[0].id)
    await sign_off(db, WARD, [pair], by=room.as_assessor, now=NOON)
    await show_elsewhere(db, room, anh, "can_teach")

    waiting = await queue(db, WARD, QueueFilter(), number=1, reader_id=room.assessor.id)
    await sign_off(db, WARD, [pair], by=room.as_assessor, now=NOON + MINUTE)

    assert [(each.signed_level, each.level) for each in waiting.items[0].skills] == [
        ("with_help", "can_teach")
    ]
    history = await db.execute(select(SignOff.level, SignOff.revoke_reason).order_by(SignOff.id))
    assert [(level, reason) for level, reason in history] == [
        ("with_help", "Thay bằng xác nhận ở mức cao hơn"),
        ("can_teach", None),
    ]


async def test_demonstration_on_a_corrected_mark_is_not_signed(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await room.mark(db, anh)
    await show(db, room, anh)
    await room.mark(db, anh, "absent", at=NOON + 2 * MINUTE)
    pair = (anh.id, room.skills[0].id)

    signed = await sign_off(db, WARD, [pair], by=room.as_assessor, now=NOON + 3 * MINUTE)

    assert signed.refused == {pair: NotEnoughShown(1).sentence}


async def test_sign_off_of_a_learner_of_another_ward_is_refused(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await add_ward(db, ward_id="20233", name="Nam Đông")
    guest = await add_learner(db, "Hồ Thị Khách", ward_id="20233")
    await enrol(db, room.session, guest)
    await room.mark(db, guest)
    await show(db, room, guest)
    pair = (guest.id, room.skills[0].id)

    with pytest.raises(NotFound):
        await sign_off(db, WARD, [pair], by=room.as_assessor, now=NOON)
    assert (await queue(db, WARD, QueueFilter(), number=1, reader_id=None)).total == 0
    theirs = await queue(db, "20233", QueueFilter(), number=1, reader_id=None)
    assert [learner.id for learner in theirs.items] == [guest.id]


async def test_revoked_sign_off_needs_a_reason_and_returns_to_the_queue(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await room.mark(db, anh)
    await show(db, room, anh)
    (signed,) = (await sign_off(db, WARD, [(anh.id, room.skills[0].id)], by=room.as_assessor, now=NOON)).done

    with pytest.raises(InvalidInput):
        await revoke_sign_off(db, WARD, signed.id, reason=" ", by=room.as_assessor, now=NOON)
    with pytest.raises(NotFound):
        await revoke_sign_off(db, "20233", signed.id, reason="x", by=room.as_assessor, now=NOON)
    for _twice in range(2):
        await revoke_sign_off(db, WARD, signed.id, reason="Ký nhầm người", by=room.as_assessor, now=NOON)

    assert (signed.revoke_reason, signed.revoked_by) == ("Ký nhầm người", room.assessor.id)
    assert (await queue(db, WARD, QueueFilter(), number=1, reader_id=None)).total == 1


async def test_queue_is_filtered_by_name_course_and_session(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, gai = room.learners
    for learner in (anh, binh):
        await room.mark(db, learner)
        await show(db, room, learner)
    await show_elsewhere(db, room, gai, "alone")

    async def names(chosen: QueueFilter) -> list[str]:
        page = await queue(db, WARD, chosen, number=1, reader_id=None)
        assert page.total == len(page.items)
        return [learner.name for learner in page.items]

    course_id = room.session.course_id
    assert course_id is not None
    assert await names(QueueFilter()) == ["Trần Thị Ngọc Ánh", "Nguyễn Văn Bình", "Lê Thị Gái"]
    assert await names(QueueFilter(name="gai")) == ["Lê Thị Gái"]
    assert await names(QueueFilter(name="100%")) == []
    assert await names(QueueFilter(session_id=room.session.id)) == ["Trần Thị Ngọc Ánh", "Nguyễn Văn Bình"]
    assert len(await names(QueueFilter(course_id=course_id))) == 3
    assert await names(QueueFilter(course_id=course_id + 1)) == []
    assert await courses_waiting(db, WARD) == [(course_id, "Thanh toán QR")]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("required", [1, 2])
async def test_queue_equals_the_rows_after_any_history(db: AsyncSession, seed: int, required: int) -> None:
    """The kept table against its definition, recomputed in Python from the rows."""
    rng = random.Random(seed)
    room = await add_classroom(db, required=required)
    others = [
        await add_session(db, None, starts_at=NOON - timedelta(days=each + 1), title=f"Buổi {each}")
        for each in range(2)
    ]
    for each in others:
        each.course_id = room.session.course_id
    await db.flush()
    sessions = [await session_for(db, each.id, actor=room.as_coordinator) for each in (room.session, *others)]
    now = NOON
    for _step in range(60):
        now += MINUTE
        session, learner = rng.choice(sessions), rng.choice(room.learners)
        skill = rng.choice(room.skills[:2])
        match rng.randrange(5):
            case 0 | 1:
                mark = rng.choice(("present", "late", "present", "absent", "cleared"))
                await record_marks(
                    db, session, [Mark(learner.id, mark, uuid4())], by=room.as_coordinator, now=now
                )
            case 2 | 3:
                level = rng.choice((*LEVELS, None))
                tap = ObservedSkill(learner.id, skill.id, level, uuid4())
                await record_demonstrations(db, session, [tap], by=room.as_coordinator, now=now)
            case _:
                standing = (await db.scalars(select(SignOff).where(SignOff.revoked_at.is_(None)))).all()
                if standing and rng.random() < 0.5:
                    gone = rng.choice(standing)
                    await revoke_sign_off(db, WARD, gone.id, reason="x", by=room.as_assessor, now=now)
                else:
                    await sign_off(db, WARD, [(learner.id, skill.id)], by=room.as_assessor, now=now)

    kept = await db.execute(
        select(AwaitingSignOff.learner_id, AwaitingSignOff.skill_id, AwaitingSignOff.level)
    )
    assert {(a, b): level for a, b, level in kept} == await expected_queue(db, required)


async def expected_queue(db: AsyncSession, required: int) -> dict[tuple[int, int], str]:
    """Which skills wait, by the definition: standing, unflagged, enough, above what is signed."""
    latest: dict[tuple[int, int], bool] = {}
    for mark in await db.scalars(
        select(AttendanceMark).order_by(AttendanceMark.happened_at, AttendanceMark.id)
    ):
        latest[mark.session_id, mark.learner_id] = mark.is_present
    levels: dict[tuple[int, int], list[str]] = {}
    for each in await db.scalars(select(Demonstration).where(Demonstration.voided_at.is_(None))):
        if latest[each.session_id, each.learner_id]:
            levels.setdefault((each.learner_id, each.skill_id), []).append(each.level)
    signed = {
        (each.learner_id, each.skill_id): LEVELS.index(each.level)
        for each in await db.scalars(select(SignOff).where(SignOff.revoked_at.is_(None)))
    }
    return {
        pair: level
        for pair, shown in levels.items()
        if (level := level_reached(shown, required)) and LEVELS.index(level) > signed.get(pair, -1)
    }


@pytest.mark.parametrize(
    ("levels", "required", "level"),
    [
        ([], 1, None),
        (["alone"], 1, "alone"),
        (["with_help", "can_teach", "alone"], 1, "can_teach"),
        (["with_help", "can_teach", "alone"], 2, "alone"),
        (["with_help", "can_teach", "alone"], 3, "with_help"),
        (["can_teach", "can_teach"], 3, None),
    ],
)
def test_highest_level_with_enough_demonstrations_is_reached(
    levels: list[str], required: int, level: str | None
) -> None:
    assert level_reached(levels, required) == level
