"""One learner's coming classes: read, left, restored, exchanged for others."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.access import Actor, Role
from lopso.kernel.errors import NotFound
from scheduling.errors import NotPossibleNow
from scheduling.labels.learner_classes import rhythm_label
from scheduling.models import ClassSession, Course, Enrolment
from scheduling.queries.learner_moves import count_later, move_plan
from scheduling.queries.open_classes import move_targets, open_classes
from scheduling.queries.upcoming_classes import DATES_SHOWN, upcoming_classes, upcoming_of_series
from scheduling.service.enrolment_moves import move_enrolments
from scheduling.service.enrolments import cancel_enrolments
from scheduling.service.restored_enrolments import RestoredEnrolment, restore_enrolments
from tests.factories import (
    NOON,
    actor_for,
    add_assignment,
    add_course,
    add_enrolment,
    add_helper,
    add_learner,
    add_room,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from tests.statements import statements_of

WEEK = timedelta(days=7)
MINUTE = timedelta(minutes=1)


async def add_coordinator(db: AsyncSession) -> Actor:
    await add_ward(db)
    user = await add_user(db, (Role.COORDINATOR, "19753"))
    return actor_for(user, (Role.COORDINATOR, "19753"))


async def weekly(db: AsyncSession, count: int, *, capacity: int = 30, days: int = 3) -> list[ClassSession]:
    """A series of `count` meetings, the first `days` after NOON."""
    course = (await db.scalars(select(Course))).first() or await add_course(db)
    series = await add_series(db, course=course)
    return [
        await add_session(
            db,
            title="Thanh toán QR",
            course=course,
            series=series,
            starts_at=NOON + timedelta(days=days, hours=2) + WEEK * n,
            capacity=capacity,
        )
        for n in range(count)
    ]


async def states_of(db: AsyncSession, learner_id: int) -> dict[int, str]:
    rows = await db.execute(
        select(Enrolment.session_id, Enrolment.state).where(Enrolment.learner_id == learner_id)
    )
    return {row.session_id: row.state for row in rows}


async def test_upcoming_classes_are_one_group_a_series(db: AsyncSession) -> None:
    await add_coordinator(db)
    learner = await add_learner(db)
    meetings = await weekly(db, 24)
    single = await add_session(db, title="Ngày hội", starts_at=NOON + timedelta(days=1))
    past = await add_session(db, title="Đã qua", starts_at=NOON - WEEK)
    teacher = await add_helper(db, "Trần Thị Lành")
    await add_assignment(db, meetings[0], teacher, role="trainer")
    asked = await add_helper(db, "Chưa Trả Lời")
    await add_assignment(db, meetings[0], asked, role="trainer", state="offered")
    for each in (*meetings, single, past):
        await add_enrolment(db, each, learner)
    meetings[1].cancelled_at, meetings[1].cancel_reason = NOON, "Mưa lớn"
    await db.flush()

    page = await upcoming_classes(db, learner.id, now=NOON)

    assert page.total == 2
    assert [(each.next.session.title, each.total, each.taking_place) for each in page.items] == [
        ("Ngày hội", 1, 1),
        ("Thanh toán QR", 24, 23),
    ]
    group = page.items[1]
    assert (group.next.session.id, list(group.next.teachers)) == (meetings[0].id, ["Trần Thị Lành"])
    assert len(group.classes) == DATES_SHOWN
    assert group.others[0].session.cancel_reason == "Mưa lớn"
    assert rhythm_label(group.classes) == "thứ Năm 14h00 – 16h00 hằng tuần"
    assert group.next.session.room is None  # loaded: reading it asks no database


async def test_next_class_is_the_first_that_takes_place(db: AsyncSession) -> None:
    await add_coordinator(db)
    learner = await add_learner(db)
    meetings = await weekly(db, 2)
    for each in meetings:
        await add_enrolment(db, each, learner)
    meetings[0].cancelled_at, meetings[0].cancel_reason = NOON, "Mưa lớn"
    await db.flush()

    (group,) = (await upcoming_classes(db, learner.id, now=NOON)).items

    assert group.next.session.id == meetings[1].id
    assert [each.session.id for each in group.others] == [meetings[0].id]


async def test_waiting_learner_has_a_place_in_the_queue(db: AsyncSession) -> None:
    await add_coordinator(db)
    session = await add_session(db, capacity=1)
    names = ("Có Chỗ", "Chờ Một", "Chờ Hai")
    learners = [await add_learner(db, name) for name in names]
    for n, learner in enumerate(learners):
        state = "waitlisted" if n else "enrolled"
        await add_enrolment(db, session, learner, state=state, queued_at=NOON + MINUTE * n)

    found = [(await upcoming_classes(db, each.id, now=NOON)).items[0].next for each in learners]

    assert [(each.waits, each.position) for each in found] == [(False, None), (True, 1), (True, 2)]


async def test_upcoming_classes_take_one_statement(db: AsyncSession) -> None:
    await add_coordinator(db)
    learner = await add_learner(db)
    for each in [*await weekly(db, 3), *await weekly(db, 3)]:
        await add_enrolment(db, each, learner)
    connection = await db.connection()

    with statements_of(connection) as statements:
        page = await upcoming_classes(db, learner.id, now=NOON)
        series_id = page.items[0].next.session.series_id
        assert series_id is not None
        dates = await upcoming_of_series(db, learner.id, series_id, now=NOON)

    assert (page.total, dates.total, len(statements)) == (2, 3, 2)


async def test_restored_enrolment_has_its_seat_again(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    learner = await add_learner(db)
    meetings = await weekly(db, 3)
    for each in meetings:
        await add_enrolment(db, each, learner)
    at = NOON + MINUTE
    await cancel_enrolments(db, [each.id for each in meetings], learner.id, by=by, now=at)

    restored = await restore_enrolments(db, learner.id, cancelled_at=at, by=by, now=NOON + 2 * MINUTE)

    assert restored == [RestoredEnrolment(each.id, None) for each in meetings]
    assert set((await states_of(db, learner.id)).values()) == {"enrolled"}
    with pytest.raises(NotFound):
        await restore_enrolments(db, learner.id, cancelled_at=at, by=by, now=NOON + 3 * MINUTE)


async def test_restored_enrolment_waits_first_when_the_seat_was_given(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=1)
    first, second, third = [await add_learner(db, name) for name in ("Một", "Hai", "Ba")]
    await add_enrolment(db, session, first)
    await add_enrolment(db, session, second, state="waitlisted", queued_at=NOON + MINUTE)
    await add_enrolment(db, session, third, state="waitlisted", queued_at=NOON + 2 * MINUTE)
    at = NOON + 3 * MINUTE
    (left,) = await cancel_enrolments(db, [session.id], first.id, by=by, now=at)
    assert left.promoted == (second.id,)

    restored = await restore_enrolments(db, first.id, cancelled_at=at, by=by, now=NOON + 4 * MINUTE)

    assert restored == [RestoredEnrolment(session.id, 1)]
    assert (await states_of(db, second.id)) == {session.id: "enrolled"}  # keeps the seat


async def test_restored_waiting_learner_keeps_the_place_in_the_queue(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=1)
    seated, first, second = [await add_learner(db, name) for name in ("Một", "Hai", "Ba")]
    await add_enrolment(db, session, seated)
    await add_enrolment(db, session, first, state="waitlisted", queued_at=NOON + MINUTE)
    await add_enrolment(db, session, second, state="waitlisted", queued_at=NOON + 2 * MINUTE)
    at = NOON + 3 * MINUTE
    await cancel_enrolments(db, [session.id], second.id, by=by, now=at)

    restored = await restore_enrolments(db, second.id, cancelled_at=at, by=by, now=NOON + 4 * MINUTE)

    assert restored == [RestoredEnrolment(session.id, 2)]


async def test_enrolment_in_a_cancelled_session_is_not_restored(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    learner = await add_learner(db)
    session = await add_session(db)
    await add_enrolment(db, session, learner)
    at = NOON + MINUTE
    await cancel_enrolments(db, [session.id], learner.id, by=by, now=at)
    session.cancelled_at, session.cancel_reason = NOON, "Mưa"
    await db.flush()

    with pytest.raises(NotPossibleNow):
        await restore_enrolments(db, learner.id, cancelled_at=at, by=by, now=NOON + 2 * MINUTE)


async def test_move_changes_both_sessions_and_the_next_waiting_moves_up(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    learner, waiting = await add_learner(db), await add_learner(db, "Chờ Một")
    (old,), (new,) = await weekly(db, 1, capacity=1), await weekly(db, 1, days=4)
    await add_enrolment(db, old, learner)
    await add_enrolment(db, old, waiting, state="waitlisted")

    done = await move_enrolments(db, learner.id, leave=[old.id], join=[new.id], by=by, now=NOON)

    assert (await states_of(db, learner.id)) == {old.id: "cancelled", new.id: "enrolled"}
    assert ([each.promoted for each in done.left], list(done.joined)) == ([(waiting.id,)], [new.id])


async def test_move_into_a_full_session_keeps_the_old_seat(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    learner, other = await add_learner(db), await add_learner(db, "Người Khác")
    (old,), (new,) = await weekly(db, 1), await weekly(db, 1, days=4, capacity=1)
    await add_enrolment(db, old, learner)
    await add_enrolment(db, new, other)

    with pytest.raises(NotPossibleNow, match="vẫn giữ chỗ cũ"):
        await move_enrolments(db, learner.id, leave=[old.id], join=[new.id], by=by, now=NOON)

    assert (await states_of(db, learner.id)) == {old.id: "enrolled"}


async def test_free_seat_for_which_somebody_waits_is_not_taken(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    learner, other, waiting = [await add_learner(db, name) for name in ("Một", "Hai", "Ba")]
    (old,), (new,) = await weekly(db, 1), await weekly(db, 1, days=4, capacity=2)
    await add_enrolment(db, old, learner)
    await add_enrolment(db, new, other)
    await add_enrolment(db, new, waiting, state="waitlisted")

    assert await move_targets(db, old, learner.id, now=NOON) == []
    with pytest.raises(NotPossibleNow):
        await move_enrolments(db, learner.id, leave=[old.id], join=[new.id], by=by, now=NOON)


async def test_move_of_a_series_joins_the_other_from_the_chosen_session(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    learner = await add_learner(db)
    tuesdays, fridays = await weekly(db, 4), await weekly(db, 4, days=4)
    for each in tuesdays:
        await add_enrolment(db, each, learner)

    plan = await move_plan(db, tuesdays[1], fridays[2], learner.id, whole=True, now=NOON)
    leave, join = [each.id for each in plan.leave], [each.id for each in plan.join]
    await move_enrolments(db, learner.id, leave=leave, join=join, by=by, now=NOON)

    assert (leave, join) == ([each.id for each in tuesdays[1:]], [each.id for each in fridays[2:]])
    states = await states_of(db, learner.id)
    assert [states.get(each.id) for each in (*tuesdays, *fridays)] == [
        "enrolled", "cancelled", "cancelled", "cancelled", None, None, "enrolled", "enrolled",
    ]  # fmt: skip


async def test_move_within_a_series_concerns_the_one_session(db: AsyncSession) -> None:
    await add_coordinator(db)
    learner = await add_learner(db)
    first, second, third = await weekly(db, 3)
    for each in (first, third):
        await add_enrolment(db, each, learner)

    plan = await move_plan(db, first, second, learner.id, whole=True, now=NOON)
    nowhere = await move_plan(db, first, first, learner.id, whole=True, now=NOON)

    assert ([each.id for each in plan.leave], [each.id for each in plan.join]) == ([first.id], [second.id])
    assert list(nowhere.leave) == []


async def test_later_sessions_of_the_learner_are_counted(db: AsyncSession) -> None:
    await add_coordinator(db)
    learner = await add_learner(db)
    sessions = await weekly(db, 4)
    for each in (sessions[0], sessions[1], sessions[3]):
        await add_enrolment(db, each, learner)

    counts = [await count_later(db, each, learner.id, now=NOON) for each in sessions]

    assert counts == [2, 1, 1, 0]


async def test_open_classes_are_found_without_accents(db: AsyncSession) -> None:
    await add_coordinator(db)
    learner = await add_learner(db)
    meetings = await weekly(db, 3)
    elsewhere = await add_session(db, title="Ngày hội số", room=await add_room(db, name="Kim Long"))
    draft = await add_session(db, title="Nháp", published=False)
    await add_enrolment(db, meetings[0], learner)

    async def found(typed: str) -> list[tuple[int, int]]:
        page = await open_classes(db, "19753", learner.id, typed=typed, now=NOON)
        return [(each.session.id, each.remaining) for each in page.items]

    assert draft.id not in [session_id for session_id, _n in await found("")]
    assert await found("thanh toan qr") == [(meetings[1].id, 2)]
    assert await found("kim long") == [(elsewhere.id, 1)]
    assert await found("không có") == []


async def test_two_moves_into_the_last_seat_leave_one_where_it_was(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        learners = [await add_learner(db, name) for name in ("Một", "Hai")]
        (old,), (new,) = await weekly(db, 1), await weekly(db, 1, days=4, capacity=1)
        for each in learners:
            await add_enrolment(db, old, each)

    async def move(learner_id: int) -> bool:
        async with sessions() as db:
            try:
                await move_enrolments(db, learner_id, leave=[old.id], join=[new.id], by=by, now=NOON)
                await db.commit()
            except NotPossibleNow:
                return False
            return True

    assert sorted(await asyncio.gather(*(move(each.id) for each in learners))) == [False, True]
    async with sessions() as db:
        states = [(await states_of(db, each.id)) for each in learners]
    assert sorted(states, key=len) == [{old.id: "enrolled"}, {old.id: "cancelled", new.id: "enrolled"}]
