"""Announcements of seats: one text for one action on any number of sessions."""

from datetime import date, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from scheduling.rules.plan import SessionChange
from scheduling.service.changes import change_session
from scheduling.service.enrolments import cancel_enrolments
from scheduling.service.enrolments import enrol as give_seats
from scheduling.service.sessions import cancel_session, publish_sessions
from staffing.service.offers import offer_assignments
from tests.classroom import add_learner
from tests.factories import NOON
from tests.notifications.scenario import LAN, MINH, THURSDAY, add_city, add_class
from tests.notifications.series_texts import SERIES, add_series, add_trainer, coordinator, gone, said

NIGHT = clock.at(date(2026, 11, 23), time(22))
CALL = "Hỏi thêm: 0234 3823 456."


async def test_seats_in_a_series_make_one_message_per_phone(db: AsyncSession) -> None:
    sessions = await add_series(db, await add_city(db))
    lan, gai = [await add_learner(db, name, phone=LAN) for name in ("Lê Thị Lan", "Trần Thị Gái")]

    by = await coordinator(db)
    await give_seats(db, [each.id for each in sessions], [lan.id, gai.id], by=by, now=NOON)

    assert await said(db, "enrolled") == [
        (
            "enrolled",
            "planned",
            "14h00 thứ Năm hằng tuần từ 26/11, 4 buổi, Nhà văn hóa TDP 5: lớp kỹ năng số."
            f" Đã ghi tên bà Lê Thị Lan và bà Trần Thị Gái. {CALL}",
        )
    ]


async def test_publishing_a_series_announces_seats_and_offers_once(db: AsyncSession) -> None:
    course = await add_city(db)
    sessions = await add_series(db, course)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    by, ids = await coordinator(db), [each.id for each in sessions]
    for each in sessions:
        each.published_at = None
    await db.flush()
    await give_seats(db, ids, [lan.id], by=by, now=NOON)
    await offer_assignments(db, ids, [minh.id], role="helper", agreed=False, by=by, now=NOON)
    assert await said(db, "enrolled", "assignment_offered") == []

    await publish_sessions(db, ids, by=by, now=NOON)

    assert await said(db, "enrolled", "assignment_offered") == [
        (
            "enrolled",
            "planned",
            f"{SERIES}, Nhà văn hóa TDP 5: lớp kỹ năng số. Đã ghi tên bà Lê Thị Lan. {CALL}",
        ),
        (
            "assignment_offered",
            "planned",
            f"{SERIES}, NVH TDP 5: mời anh Minh làm người hỗ trợ lớp kỹ năng số."
            " Xin trả lời ở Việc của tôi hoặc gọi 0234 3823 456.",
        ),
    ]


async def test_seat_on_the_eve_needs_only_the_reminder(db: AsyncSession) -> None:
    course = await add_city(db)
    single, by = await add_class(db, course), await coordinator(db)
    series = await add_series(db, course)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)

    await give_seats(db, [single.id], [lan.id], by=by, now=THURSDAY - timedelta(hours=22))
    assert await said(db, "enrolled") == []

    # A reminder does not say that one is expected every week.
    await give_seats(db, [each.id for each in series], [lan.id], by=by, now=THURSDAY - timedelta(hours=22))
    assert len(await said(db, "enrolled")) == 1


async def test_open_announcement_follows_its_series(db: AsyncSession) -> None:
    sessions = await add_series(db, await add_city(db))
    by = await coordinator(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    ids = [each.id for each in sessions]
    await give_seats(db, ids, [lan.id], by=by, now=NIGHT)
    await offer_assignments(db, ids, [minh.id], role="helper", agreed=False, by=by, now=NIGHT)

    await cancel_session(db, ids[0], reason="Mưa lớn", by=by, now=NIGHT)
    assert [text[:45] for _purpose, state, text in await said(db, "enrolled") if state == "planned"] == [
        "14h00 thứ Năm hằng tuần từ 03/12, 3 buổi, Nhà"
    ]
    await cancel_enrolments(db, [ids[1]], lan.id, by=by, now=NIGHT)
    assert [text[:45] for _purpose, state, text in await said(db, "enrolled") if state == "planned"] == [
        "14h00 thứ Năm hằng tuần từ 10/12, 2 buổi, Nhà"
    ]
    await change_session(db, ids[2], SessionChange(starts_at=time(15)), by=by, now=NIGHT)
    [(_purpose, _state, text)] = [each for each in await said(db, "enrolled") if each[1] == "planned"]
    assert text.startswith("15h00 thứ Năm 10/12 và 1 buổi sau, ")
    # Who reads of his seat only now, with the new time, need not hear that there was another.
    assert await said(db, "session_moved") == []
    for each in ids[2:]:
        await cancel_enrolments(db, [each], lan.id, by=by, now=NIGHT)
    assert {state for _purpose, state, _text in await said(db, "enrolled")} == {"withdrawn"}

    asked = [text for _purpose, state, text in await said(db, "assignment_offered") if state == "planned"]
    assert [text[:35] for text in asked] == ["14h00 thứ Năm 03/12 và 2 buổi sau, "]


async def test_enrolling_again_is_announced_again(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    for _time in range(2):
        await give_seats(db, [session.id], [lan.id], by=by, now=NOON)
        await gone(db, at=NOON)
        await cancel_enrolments(db, [session.id], lan.id, by=by, now=NOON)

    assert [state for _purpose, state, _text in await said(db, "enrolled")] == ["sent", "sent"]


async def test_promotion_in_a_series_is_announced_once(db: AsyncSession) -> None:
    sessions = await add_series(db, await add_city(db))
    by, ids = await coordinator(db), [each.id for each in sessions]
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    gai = await add_learner(db, "Trần Thị Gái", phone=MINH)
    for each in sessions:
        each.capacity = 1
    await db.flush()
    await give_seats(db, ids, [lan.id, gai.id], by=by, now=NOON)
    assert len(await said(db, "enrolled")) == 1

    await cancel_enrolments(db, ids, lan.id, by=by, now=NOON)

    assert await said(db, "waitlist_place") == [
        (
            "waitlist_place",
            "planned",
            f"{SERIES}, Nhà văn hóa TDP 5: lớp kỹ năng số nay đã có chỗ cho bà Trần Thị Gái."
            " Hỏi thêm hoặc báo bận: 0234 3823 456.",
        )
    ]
