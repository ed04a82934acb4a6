"""Seats given up by mistake: what the learner reads once they are restored."""

from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from lopso.kernel.access import Actor
from scheduling.models import ClassSession
from scheduling.service.enrolment_moves import move_enrolments
from scheduling.service.enrolments import cancel_enrolments
from scheduling.service.enrolments import enrol as give_seats
from scheduling.service.restored_enrolments import restore_enrolments
from scheduling.service.undone_moves import undo_move
from tests.classroom import add_learner
from tests.factories import NOON
from tests.notifications.scenario import LAN, THURSDAY, add_city, add_class
from tests.notifications.series_texts import add_series, coordinator, gone, said

NIGHT = clock.at(date(2026, 11, 23), time(22))
MORNING = clock.at(date(2026, 11, 24), time(8))
LATER = NIGHT + timedelta(minutes=5)


async def leave_and_return(
    db: AsyncSession, ids: list[int], learner_id: int, *, by: Actor, at: datetime
) -> None:
    await cancel_enrolments(db, ids, learner_id, by=by, now=at)
    await restore_enrolments(db, learner_id, cancelled_at=at, by=by, now=at + timedelta(minutes=1))


async def seats(db: AsyncSession) -> list[tuple[str, str]]:
    return [(state, text[:30]) for _purpose, state, text in await said(db, "enrolled", "waitlist_place")]


async def test_unread_seat_that_is_restored_is_announced(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    await give_seats(db, [session.id], [lan.id], by=by, now=NIGHT)
    before = await said(db, "enrolled")

    await leave_and_return(db, [session.id], lan.id, by=by, at=LATER)

    assert [state for _purpose, state, _text in await said(db, "enrolled")] == ["withdrawn", "planned"]
    assert (await said(db, "enrolled"))[-1] == before[0]


async def test_seat_that_was_read_of_is_not_announced_again(db: AsyncSession) -> None:
    sessions = await add_series(db, await add_city(db))
    by, ids = await coordinator(db), [each.id for each in sessions]
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    await give_seats(db, ids, [lan.id], by=by, now=NOON)
    await gone(db, at=NOON)

    await leave_and_return(db, ids[2:3], lan.id, by=by, at=LATER)
    await leave_and_return(db, ids, lan.id, by=by, at=LATER + timedelta(minutes=5))

    assert [state for state, _text in await seats(db)] == ["sent"]


async def test_unread_seats_of_a_series_are_one_message_again(db: AsyncSession) -> None:
    sessions = await add_series(db, await add_city(db))
    by, ids = await coordinator(db), [each.id for each in sessions]
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    await give_seats(db, ids, [lan.id], by=by, now=NIGHT)
    [before] = await said(db, "enrolled")

    await leave_and_return(db, ids[1:2], lan.id, by=by, at=LATER)

    assert await said(db, "enrolled") == [before]


async def moved(db: AsyncSession) -> tuple[ClassSession, ClassSession, int, Actor]:
    """Lan has read of her seat on Thursday, and is moved to Friday in the night."""
    course = await add_city(db)
    old = await add_class(db, course)
    new = await add_class(db, course, starts_at=THURSDAY + timedelta(days=1))
    by = await coordinator(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    await give_seats(db, [old.id], [lan.id], by=by, now=NOON)
    await gone(db, at=NOON)
    await move_enrolments(db, lan.id, leave=[old.id], join=[new.id], by=by, now=NIGHT)
    return old, new, lan.id, by


async def test_undone_move_that_nobody_read_of_sends_nothing(db: AsyncSession) -> None:
    old, _new, learner_id, by = await moved(db)
    assert [state for state, _text in await seats(db)] == ["sent", "planned"]

    done = await undo_move(db, learner_id, instant=NIGHT, by=by, now=LATER)

    assert [each.session_id for each in done.restored] == [old.id]
    assert [state for state, _text in await seats(db)] == ["sent", "withdrawn"]
    reminders = await said(db, "reminder_day_before", "reminder_same_day")
    due = [text for _purpose, state, text in reminders if state == "planned"]
    assert [("thứ Năm 26/11" in text, "thứ Sáu" in text) for text in due] == [(True, False)] * 2


async def test_undone_move_that_was_read_of_says_the_old_seat_again(db: AsyncSession) -> None:
    _old, _new, learner_id, by = await moved(db)
    await gone(db, at=MORNING)

    await undo_move(db, learner_id, instant=NIGHT, by=by, now=MORNING + timedelta(minutes=1))

    assert await seats(db) == [
        ("sent", "14h00 thứ Năm 26/11, Nhà văn h"),
        ("sent", "14h00 thứ Sáu 27/11, Nhà văn h"),
        ("planned", "14h00 thứ Năm 26/11, Nhà văn h"),
    ]


async def test_seat_is_told_to_one_of_a_family_again(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    gai = await add_learner(db, "Trần Thị Gái", phone=LAN)
    await give_seats(db, [session.id], [lan.id, gai.id], by=by, now=NIGHT)
    [before] = await said(db, "enrolled")

    await leave_and_return(db, [session.id], gai.id, by=by, at=LATER)

    assert await said(db, "enrolled") == [before]
