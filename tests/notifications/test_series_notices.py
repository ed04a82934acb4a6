"""One action on many sessions sends one notice to each phone: moved, cancelled, removed."""

from datetime import date, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel import clock
from lopso.kernel.access import Actor
from notifications.models import Message, MessageSession
from notifications.queries.call_list import learners_to_call
from notifications.queries.message_rows import session_page
from notifications.service.contact_changes import RecipientRef, apply_phone_change
from notifications.service.opt_outs import opt_in, opt_out
from scheduling.models import ClassSession
from scheduling.rules.plan import SessionChange, SessionPlace
from scheduling.service.changes import change_session
from scheduling.service.enrolments import cancel_enrolments
from scheduling.service.enrolments import enrol as give_seats
from scheduling.service.series_changes import cancel_series, change_series
from scheduling.service.sessions import cancel_session
from staffing.service.answers import answer
from staffing.service.assignments import change_role, withdraw, withdraw_from_series
from staffing.service.offers import offer_assignments
from tests.classroom import WARD, add_learner
from tests.factories import NOON
from tests.notifications.scenario import LAN, MINH, add_city
from tests.notifications.series_texts import (
    add_series,
    add_trainer,
    assignment,
    coordinator,
    gone,
    said,
    texts,
)
from trainers.models import Trainer

NIGHT = clock.at(date(2026, 11, 23), time(22))
LATER = NOON + timedelta(hours=1)
CALL = "0234 3823 456"
THREE = SessionChange(starts_at=time(15))
MOVED = ("session_moved", "helper_moved")


async def a_series(db: AsyncSession, *, weeks: int) -> tuple[list[ClassSession], Trainer, Actor]:
    """Thursdays at 14h00 with one learner and one helper, both notified."""
    sessions = await add_series(db, await add_city(db), weeks=weeks)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    by, ids = await coordinator(db), [each.id for each in sessions]
    await give_seats(db, ids, [lan.id], by=by, now=NOON)
    await offer_assignments(db, ids, [minh.id], role="helper", agreed=True, by=by, now=NOON)
    await gone(db, at=NOON)
    return sessions, minh, by


async def told(db: AsyncSession, *purposes: str) -> list[str]:
    """The planned texts of these purposes."""
    return [words for _purpose, state, words in await said(db, *purposes) if state == "planned"]


async def test_moved_series_makes_one_notice_per_phone(db: AsyncSession) -> None:
    sessions, _minh, by = await a_series(db, weeks=12)

    await change_series(db, sessions[0].id, THREE, scope="following", by=by, now=LATER)

    assert await said(db, *MOVED) == [
        (
            "session_moved",
            "planned",
            "15h00 thứ Năm hằng tuần từ 26/11, 12 buổi, Nhà văn hóa TDP 5: lớp kỹ năng số, đổi từ 14h00."
            f" Kính báo bà Lê Thị Lan. Hỏi thêm: {CALL}.",
        ),
        (
            "helper_moved",
            "planned",
            "15h00 thứ Năm hằng tuần từ 26/11, 12 buổi, Nhà văn hóa TDP 5: buổi Thanh toán QR, buổi 3,"
            f" đổi từ 14h00. Kính báo anh Minh. Nếu bận xin gọi {CALL}.",
        ),
    ]
    assert [(each.session_id, each.due_at, each.segments) for each in await texts(db, *MOVED)] == [
        (sessions[0].id, LATER, 1)
    ] * 2
    reminders = await texts(db, "reminder_day_before")
    assert len(reminders) == 12
    assert all("15h00" in each.body for each in reminders)


async def test_notice_names_only_the_picked_dates(db: AsyncSession) -> None:
    sessions, _minh, by = await a_series(db, weeks=4)
    picked = [sessions[1].id, sessions[3].id]

    await change_series(db, sessions[0].id, THREE, scope="all", picked=picked, by=by, now=LATER)

    [text] = await told(db, "session_moved")
    assert text.startswith("15h00 thứ Năm 03/12 và 17/12, Nhà văn hóa TDP 5: lớp kỹ năng số, đổi từ 14h00.")


async def test_relocated_series_uses_the_relocation_wording(db: AsyncSession) -> None:
    sessions, _minh, by = await a_series(db, weeks=4)

    await change_series(
        db, sessions[0].id, SessionChange(place=SessionPlace(words="Sân đình")), scope="all", by=by, now=LATER
    )

    assert await told(db, "session_moved") == [
        "14h00 thứ Năm 26/11, 03/12, 10/12 và 17/12: lớp kỹ năng số chuyển đến Sân đình."
        f" Kính báo bà Lê Thị Lan. Hỏi thêm: {CALL}."
    ]


async def test_open_notice_follows_changes_of_its_sessions(db: AsyncSession) -> None:
    """In one night all move by an hour, the second by another, the first is cancelled."""
    sessions, _minh, by = await a_series(db, weeks=4)
    await change_series(db, sessions[0].id, THREE, scope="following", by=by, now=NIGHT)

    await change_session(db, sessions[1].id, SessionChange(starts_at=time(16)), by=by, now=NIGHT)
    await cancel_session(db, sessions[0].id, reason="Mưa lớn", by=by, now=NIGHT)

    news = await told(db, "session_moved", "session_cancelled")
    assert sorted(text.partition(", Nhà")[0] for text in news) == [
        "15h00 thứ Năm 10/12 và 17/12",
        "15h00 thứ Năm 26/11",
        "16h00 thứ Năm 03/12",
    ]
    moved = [text for text in await told(db, "session_moved") if text.startswith("16h00")]
    assert "đổi từ 14h00 thứ Năm 03/12." in moved[0]  # what its reader still believes
    assert len(await told(db, "helper_moved")) == 2


async def test_two_moves_at_night_make_one_notice_from_the_known_start(db: AsyncSession) -> None:
    sessions, _minh, by = await a_series(db, weeks=4)

    for hour in (15, 16):
        change = SessionChange(starts_at=time(hour))
        await change_series(db, sessions[0].id, change, scope="all", by=by, now=NIGHT)

    [text] = await told(db, "session_moved")
    assert text.startswith("16h00 thứ Năm 26/11, 03/12, 10/12 và 17/12")
    assert "đổi từ 14h00." in text


async def test_leaving_one_session_keeps_the_notice_of_the_others(db: AsyncSession) -> None:
    sessions, minh, by = await a_series(db, weeks=4)
    await change_series(db, sessions[0].id, THREE, scope="following", by=by, now=NIGHT)
    lan = (await db.scalars(select(Learner).where(Learner.phone == LAN))).one()
    await cancel_enrolments(db, [sessions[1].id], lan.id, by=by, now=NIGHT)
    await withdraw(db, (await assignment(db, sessions[0], minh)).id, reason="Bận", by=by, now=NIGHT)

    [learner] = await told(db, "session_moved")
    assert learner.startswith("15h00 thứ Năm 26/11, 10/12 và 17/12")
    [helper] = await told(db, "helper_moved")
    assert helper.startswith("15h00 thứ Năm 03/12, 10/12 và 17/12")


async def test_several_cancelled_sessions_make_one_notice(db: AsyncSession) -> None:
    sessions, _minh, by = await a_series(db, weeks=6)
    picked = [each.id for each in sessions[1:4]]

    done = await cancel_series(
        db, sessions[0].id, reason="Bão số 5", scope="following", picked=picked, by=by, now=LATER
    )

    assert done == tuple(picked)
    assert await said(db, "session_cancelled", "helper_cancelled") == [
        (
            "session_cancelled",
            "planned",
            "14h00 thứ Năm 03/12, 10/12 và 17/12, Nhà văn hóa TDP 5: lớp kỹ năng số tạm nghỉ, vì"
            f" bão số 5. Kính báo bà Lê Thị Lan. Hỏi thêm: {CALL}.",
        ),
        (
            "helper_cancelled",
            "planned",
            "14h00 thứ Năm 03/12, 10/12 và 17/12, Nhà văn hóa TDP 5: buổi Thanh toán QR, buổi 3 tạm nghỉ,"
            f" vì bão số 5. Kính báo anh Ngô Văn Minh. Hỏi thêm: {CALL}.",
        ),
    ]
    standing = [each for each in await texts(db, "reminder_day_before") if each.state == "planned"]
    assert len(standing) == 3


async def test_notice_is_listed_with_each_of_its_sessions(db: AsyncSession) -> None:
    """A text that failed puts its reader on the call list of each session of which it spoke."""
    sessions, _minh, by = await a_series(db, weeks=3)
    await cancel_series(db, sessions[0].id, reason="Bão", scope="all", by=by, now=LATER)
    last = sessions[-1]
    assert await learners_to_call(db, last, now=LATER) == []  # the text is on its way
    shown = {row.message.purpose for row in (await session_page(db, last.id)).items}
    assert {"session_cancelled", "helper_cancelled"} <= shown

    [text] = await texts(db, "session_cancelled")
    for state in ("claimed", "sending", "failed"):
        text.state = state
        text.lease_until = None if state == "failed" else LATER + timedelta(minutes=1)
        await db.flush()

    assert [each.why for each in await learners_to_call(db, last, now=LATER)] == ["failed"]


async def test_removal_from_several_sessions_is_one_notice_without_renewed_offers(
    db: AsyncSession,
) -> None:
    sessions, minh, by = await a_series(db, weeks=5)
    row = await assignment(db, sessions[1], minh)

    number = await withdraw_from_series(db, row.id, reason="Đổi nhóm", by=by, now=NIGHT)

    assert number == 4
    assert await told(db, "assignment_withdrawn") == [
        "14h00 thứ Năm 03/12, 10/12, 17/12 và 24/12, NVH TDP 5: lớp kỹ năng số đã sắp xếp lại,"
        f" anh Minh không cần đến nữa. Xin cảm ơn. Hỏi thêm: {CALL}."
    ]
    assert (await assignment(db, sessions[0], minh)).state == "accepted"

    await offer_assignments(db, [sessions[1].id], [minh.id], role="helper", agreed=False, by=by, now=NIGHT)

    [text] = await told(db, "assignment_withdrawn")
    assert text.startswith("14h00 thứ Năm 10/12, 17/12 và 24/12")


async def test_role_change_is_told_once_and_not_when_undone_unread(
    db: AsyncSession,
) -> None:
    [session, *_rest], minh, by = await a_series(db, weeks=2)
    row = await assignment(db, session, minh)

    await change_role(db, row.id, "trainer", by=by, now=NIGHT)
    await change_role(db, row.id, "trainer", by=by, now=NIGHT)

    assert (row.role, row.state) == ("trainer", "accepted")
    assert await told(db, "assignment_changed") == [
        "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: anh Ngô Văn Minh nay là người dạy của buổi Thanh toán QR,"
        f" buổi 3. Nếu bận xin gọi {CALL}."
    ]

    await change_role(db, row.id, "helper", by=by, now=NIGHT)
    assert await told(db, "assignment_changed") == []  # he never read that it was otherwise

    await change_role(db, row.id, "trainer", by=by, now=NIGHT)
    morning = clock.at(date(2026, 11, 24), time(7))
    await gone(db, at=morning)
    await change_role(db, row.id, "helper", by=by, now=morning)

    [text] = await told(db, "assignment_changed")
    assert "nay là người hỗ trợ" in text


async def test_role_change_before_the_offer_is_sent_is_silent(db: AsyncSession) -> None:
    [session, *_rest], _minh, by = await a_series(db, weeks=2)
    binh = await add_trainer(db, "Đỗ Bình", "+84905111222")
    await offer_assignments(db, [session.id], [binh.id], role="helper", agreed=False, by=by, now=NIGHT)

    row = await assignment(db, session, binh)
    await change_role(db, row.id, "trainer", by=by, now=NIGHT)
    assert await told(db, "assignment_changed") == []

    await answer(db, row.id, accept=True, by=by, now=NIGHT)
    assert await db.scalar(select(MessageSession.message_id)) is None
    assert (await db.scalars(select(Message.state).where(Message.purpose == "assignment_offered"))).all() == [
        "withdrawn"
    ]


async def test_resend_keeps_all_sessions_of_the_message(db: AsyncSession) -> None:
    """To a corrected number, and to somebody who wants texts after all."""
    sessions, _minh, by = await a_series(db, weeks=3)
    await change_series(db, sessions[0].id, THREE, scope="following", by=by, now=NIGHT)
    spoken_of = [each.id for each in sessions[1:]]

    await opt_out(db, MINH, None, how="staff", ward_id=WARD, by=by, now=NIGHT)
    await opt_in(db, MINH, None, by=by, now=NIGHT)
    reader = (await db.scalars(select(Learner).where(Learner.phone == LAN))).one()
    reader.phone = "+84905111222"
    await db.flush()
    whose = RecipientRef(learner_id=reader.id)
    await apply_phone_change(db, whose, old=LAN, new="+84905111222", by=by, now=NIGHT)

    standing = [each for each in await texts(db, *MOVED) if each.state == "planned"]
    assert sorted(each.to_phone for each in standing) == ["+84905111222", MINH]
    for each in standing:
        others = await db.scalars(
            select(MessageSession.session_id)
            .where(MessageSession.message_id == each.id)
            .order_by(MessageSession.session_id)
        )
        assert others.all() == spoken_of
