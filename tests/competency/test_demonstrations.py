"""Skills shown in class: kept, taken back, put in doubt by a corrected mark, never lost."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.service.marks import SaveResult
from competency.errors import AlreadySigned, LearnerNotPresent, SkillNotTaught
from competency.models import AwaitingSignOff, Demonstration
from competency.queries.roll import roll_page
from competency.service.demonstrations import ObservedSkill, record_demonstrations, void_demonstration
from competency.service.sign_offs import sign_off
from learners.models import Learner
from lopso.kernel.access import system
from lopso.kernel.errors import Forbidden, InvalidInput, NotFound
from tests.classroom import WARD, Classroom, add_classroom, add_framework
from tests.factories import NOON

MINUTE = timedelta(minutes=1)


async def show(
    db: AsyncSession,
    room: Classroom,
    learner: Learner,
    level: str | None,
    *,
    skill: int = 0,
    at: datetime = NOON,
    now: datetime | None = None,
) -> SaveResult:
    """One tap of the helper at `at`, arriving at `now`."""
    session = await room.roll_session(db)
    tap = ObservedSkill(learner.id, room.skills[skill].id, level, uuid4(), happened_at=at)
    return await record_demonstrations(db, session, [tap], by=room.as_helper, now=now or at)


async def recorded(db: AsyncSession) -> list[tuple[str, str | None]]:
    """(level, why taken back) of everything ever shown, as it was recorded."""
    rows = await db.execute(
        select(Demonstration.level, Demonstration.void_reason)
        .order_by(Demonstration.id)
        .execution_options(populate_existing=True)
    )
    return [(level, reason) for level, reason in rows]


async def awaiting(db: AsyncSession) -> list[tuple[int, int, str]]:
    """(learner, skill, level) that wait for an assessor."""
    rows = await db.execute(
        select(AwaitingSignOff.learner_id, AwaitingSignOff.skill_id, AwaitingSignOff.level).order_by(
            AwaitingSignOff.learner_id, AwaitingSignOff.skill_id
        )
    )
    return [(learner_id, skill_id, level) for learner_id, skill_id, level in rows]


async def test_demonstration_is_on_the_roll_and_in_the_queue(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await room.mark(db, anh)

    saved = await show(db, room, anh, "alone", skill=1)

    page = await roll_page(db, await room.roll_session(db))
    person = page.person(anh.id)
    assert person is not None
    assert [(cell.skill.code, cell.level, cell.observer) for cell in person.cells] == [
        ("K1", None, None),
        ("K2", "alone", "Ngô Hữu Phước"),
        ("K3", None, None),
    ]
    assert len(saved.saved) == 1
    assert await awaiting(db) == [(anh.id, room.skills[1].id, "alone")]


async def test_repeated_upload_of_a_demonstration_changes_nothing(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await room.mark(db, room.learners[0])
    session = await room.roll_session(db)
    first = ObservedSkill(room.learners[0].id, room.skills[0].id, "alone", uuid4(), NOON)
    better = ObservedSkill(room.learners[0].id, room.skills[0].id, "can_teach", uuid4(), NOON + MINUTE)

    for taps in ([first], [better], [first, better]):
        await record_demonstrations(db, session, taps, by=room.as_helper, now=NOON + 2 * MINUTE)

    assert await recorded(db) == [("alone", "Ghi lại ở mức khác"), ("can_teach", None)]


async def test_absent_or_unmarked_learner_cannot_demonstrate(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, gai = room.learners
    await room.mark(db, anh)
    await room.mark(db, gai, "absent")
    session = await room.roll_session(db)
    taps = [ObservedSkill(each.id, room.skills[0].id, "alone", uuid4()) for each in (anh, binh, gai)]

    saved = await record_demonstrations(db, session, taps, by=room.as_helper, now=NOON)

    sentence = LearnerNotPresent().sentence
    assert saved.saved == (taps[0].client_id,)
    assert saved.refused == {taps[1].client_id: sentence, taps[2].client_id: sentence}


async def test_skill_of_another_course_is_refused(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await room.mark(db, room.learners[0])
    (other,) = await add_framework(db, skills=1, version="2.0", current=False)
    tap = ObservedSkill(room.learners[0].id, other.id, "alone", uuid4())

    session = await room.roll_session(db)
    saved = await record_demonstrations(db, session, [tap], by=room.as_helper, now=NOON)

    assert saved.refused == {tap.client_id: SkillNotTaught().sentence}


async def test_voided_demonstration_keeps_its_row_with_the_reason(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await room.mark(db, room.learners[0])
    await show(db, room, room.learners[0], "alone")

    await show(db, room, room.learners[0], None, at=NOON + MINUTE)

    assert await recorded(db) == [("alone", "Người ghi bỏ đánh dấu")]
    assert await awaiting(db) == []


async def test_late_upload_does_not_restore_a_voided_demonstration(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await room.mark(db, anh)
    await show(db, room, anh, "alone", at=NOON)
    await show(db, room, anh, None, at=NOON + 5 * MINUTE)

    await show(db, room, anh, "can_teach", at=NOON + MINUTE, now=NOON + 9 * MINUTE)

    assert await recorded(db) == [
        ("alone", "Người ghi bỏ đánh dấu"),
        ("can_teach", "Gửi lên muộn, đã có lần ghi sau đó"),
    ]
    assert await awaiting(db) == []


async def test_late_upload_does_not_replace_a_later_demonstration(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await room.mark(db, anh)
    await show(db, room, anh, "alone", at=NOON + 5 * MINUTE)

    await show(db, room, anh, "with_help", at=NOON, now=NOON + 9 * MINUTE)
    await show(db, room, anh, None, at=NOON + MINUTE, now=NOON + 9 * MINUTE)

    assert await recorded(db) == [("alone", None), ("with_help", "Gửi lên muộn, đã có lần ghi sau đó")]


async def test_correction_to_absent_flags_demonstrations(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await room.mark(db, anh)
    await show(db, room, anh, "alone")
    session = await room.roll_session(db)

    await room.mark(db, anh, "absent", at=NOON + MINUTE)
    absent = (await roll_page(db, session)).person(anh.id)
    waits_while_absent = await awaiting(db)
    await room.mark(db, anh, "late", at=NOON + 2 * MINUTE)
    corrected = (await roll_page(db, session)).person(anh.id)

    assert absent is not None
    assert corrected is not None
    assert (absent.flagged, absent.shown, waits_while_absent) == (True, 1, [])
    assert (corrected.flagged, corrected.shown) == (False, 1)
    assert await awaiting(db) == [(anh.id, room.skills[0].id, "alone")]
    assert await recorded(db) == [("alone", None)]


async def test_edition_may_require_two_demonstrations(db: AsyncSession) -> None:
    room = await add_classroom(db, required=2)
    anh = room.learners[0]
    await room.mark(db, anh)
    await show(db, room, anh, "can_teach")

    assert await awaiting(db) == []


async def test_signed_demonstration_is_not_voided_by_a_tap(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await room.mark(db, anh)
    await show(db, room, anh, "alone")
    pair = (anh.id, room.skills[0].id)
    await sign_off(db, WARD, [pair], by=room.as_assessor, now=NOON)

    saved = await show(db, room, anh, None, at=NOON + MINUTE)

    assert list(saved.refused.values()) == [AlreadySigned().sentence]
    shown_id = await db.scalar(select(Demonstration.id))
    assert shown_id is not None
    with pytest.raises(AlreadySigned):
        await void_demonstration(
            db, WARD, anh.id, shown_id, reason="Nhầm người", by=room.as_coordinator, now=NOON
        )


async def test_voiding_needs_a_reason_the_own_ward_and_the_learner_who_showed_it(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await room.mark(db, room.learners[0])
    await show(db, room, room.learners[0], "alone")
    shown_id = await db.scalar(select(Demonstration.id))
    assert shown_id is not None

    async def void(ward_id: str, reason: str, learner: Learner = room.learners[0]) -> None:
        by = room.as_coordinator
        await void_demonstration(db, ward_id, learner.id, shown_id, reason=reason, by=by, now=NOON)

    with pytest.raises(InvalidInput):
        await void(WARD, "  ")
    with pytest.raises(NotFound):
        await void("20233", "Nhầm người")
    with pytest.raises(NotFound):
        await void(WARD, "Nhầm người", room.learners[1])
    await void(WARD, "Nhầm  người")
    await void(WARD, "lần nữa")
    assert await recorded(db) == [("alone", "Nhầm người")]
    assert await awaiting(db) == []


async def test_system_actor_cannot_record_a_demonstration(db: AsyncSession) -> None:
    room = await add_classroom(db)
    session = await room.roll_session(db, by=system("nightly"))
    tap = ObservedSkill(room.learners[0].id, room.skills[0].id, "alone", uuid4())

    with pytest.raises(Forbidden):
        await record_demonstrations(db, session, [tap], by=system("nightly"), now=NOON)
    assert await db.scalar(select(func.count()).select_from(Demonstration)) == 0
