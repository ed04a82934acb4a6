"""Opening cancelled sessions again: whom it concerns, and what they read."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from invitations.models import Invite
from learners.models import Consent
from notifications.models import Message
from notifications.queries.cancellation_texts import cancellation_texts
from scheduling.errors import NotPossibleNow, RoomTaken
from scheduling.models import Assignment, ClassSession, Enrolment
from scheduling.service.enrolments import cancel_enrolments
from scheduling.service.series_changes import cancel_series
from scheduling.service.sessions import cancel_session
from staffing.service.reopening import Reopening, reopen_sessions, try_reopening
from tests.classroom import WARD, add_learner
from tests.factories import (
    NOON,
    add_assignment,
    add_enrolment,
    add_helper,
    add_room,
    add_session,
)
from tests.notifications.scenario import LAN, MINH
from tests.notifications.series_texts import gone, said, texts
from tests.notifications.test_series_notices import a_series
from tests.statements import statements_of

LATER = NOON + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NOTICES = ("session_cancelled", "helper_cancelled", "session_reopened", "helper_reopened")


async def open_ones(db: AsyncSession, *purposes: str) -> list[tuple[str, str]]:
    return [(purpose, text) for purpose, state, text in await said(db, *purposes) if state == "planned"]


async def states(db: AsyncSession, session_id: int) -> list[str]:
    found = await db.scalars(
        select(Assignment.state).where(Assignment.session_id == session_id).order_by(Assignment.id)
    )
    return list(found)


async def test_cancellation_goes_five_minutes_later(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)

    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)

    assert {each.due_at for each in await texts(db, "session_cancelled")} == {LATER + 5 * MINUTE}
    found = await cancellation_texts(db, [session.id])
    assert (found.first_gone_at, found.next_due_at) == (None, LATER + 5 * MINUTE)


async def test_cancellation_of_a_near_session_goes_at_once(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    near = session.starts_at - timedelta(hours=1)

    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=near)

    assert {each.due_at for each in await texts(db, "session_cancelled")} == {near}


async def test_undone_cancellation_tells_nobody(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)

    done = await reopen_sessions(db, [session.id], by=by, now=LATER + MINUTE)

    assert (done.session_ids, done.left_out) == ((session.id,), ())
    assert await open_ones(db, *NOTICES) == []
    planned = await open_ones(db, "reminder_day_before", "reminder_same_day")
    assert [purpose for purpose, _text in planned] == ["reminder_day_before", "reminder_same_day"]
    assert (session.cancelled_at, session.cancel_reason, session.version) == (None, None, 3)
    assert await states(db, session.id) == ["accepted"]


async def test_who_read_of_the_cancelling_reads_of_the_reopening(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)
    await gone(db, at=LATER + 5 * MINUTE)
    assert (await cancellation_texts(db, [session.id])).first_gone_at == LATER + 5 * MINUTE

    await reopen_sessions(db, [session.id], by=by, now=LATER + 10 * MINUTE)

    found = await open_ones(db, "session_reopened", "helper_reopened")
    assert [(purpose, text.partition(" Hỏi")[0].partition(" Nếu")[0]) for purpose, text in found] == [
        (
            "session_reopened",
            "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: lớp kỹ năng số nay vẫn học như cũ."
            " Kính báo bà Lê Thị Lan.",
        ),
        (
            "helper_reopened",
            "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: buổi Thanh toán QR, buổi 3 nay vẫn diễn ra."
            " Kính báo anh Ngô Văn Minh.",
        ),
    ]


async def test_texts_of_an_earlier_cancelling_do_not_count(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)
    await gone(db, at=LATER + 5 * MINUTE)
    await reopen_sessions(db, [session.id], by=by, now=LATER + 10 * MINUTE)
    await gone(db, at=LATER + 11 * MINUTE)

    await cancel_session(db, session.id, reason="Bão", by=by, now=LATER + 20 * MINUTE)
    await reopen_sessions(db, [session.id], by=by, now=LATER + 21 * MINUTE)

    assert await open_ones(db, *NOTICES) == []


async def test_reopening_one_of_several_keeps_the_notice_of_the_others(db: AsyncSession) -> None:
    sessions, _minh, by = await a_series(db, weeks=3)
    await cancel_series(db, sessions[0].id, reason="Bão", scope="all", by=by, now=LATER)

    await reopen_sessions(db, [sessions[0].id], by=by, now=LATER + MINUTE)

    found = await open_ones(db, *NOTICES)
    assert [(purpose, text.partition(",")[0]) for purpose, text in found] == [
        ("session_cancelled", "14h00 thứ Năm 03/12 và 10/12"),
        ("helper_cancelled", "14h00 thứ Năm 03/12 và 10/12"),
    ]
    assert len(await open_ones(db, "reminder_day_before")) == 1


async def test_series_reopened_after_the_texts_makes_one_notice(db: AsyncSession) -> None:
    sessions, _minh, by = await a_series(db, weeks=3)
    await cancel_series(db, sessions[0].id, reason="Bão", scope="all", by=by, now=LATER)
    await gone(db, at=LATER + 5 * MINUTE)

    await reopen_sessions(db, [each.id for each in sessions], by=by, now=LATER + 10 * MINUTE)
    first = await open_ones(db, "session_reopened")
    await cancel_session(db, sessions[1].id, reason="Mất điện", by=by, now=LATER + 11 * MINUTE)
    rest = await open_ones(db, "session_reopened")

    assert [text.partition(",")[0] for _purpose, text in first] == ["14h00 thứ Năm 26/11"]
    assert first[0][1].startswith("14h00 thứ Năm 26/11, 03/12 và 10/12")
    assert rest[0][1].startswith("14h00 thứ Năm 26/11 và 10/12")


async def test_helper_asked_before_is_asked_again(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    hue = await add_helper(db, "Trần Thị Huệ", phone="+84905111333")
    await add_assignment(db, session, hue, state="offered")
    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)

    await reopen_sessions(db, [session.id], by=by, now=LATER + MINUTE)

    assert await states(db, session.id) == ["accepted", "offered"]
    assert [purpose for purpose, _text in await open_ones(db, "assignment_offered")] == ["assignment_offered"]


async def test_helper_who_is_elsewhere_by_now_is_named(db: AsyncSession) -> None:
    (session,), minh, by = await a_series(db, weeks=1)
    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)
    other = await add_session(db, title="Chợ số", starts_at=session.starts_at)
    await add_assignment(db, other, minh)

    done = await reopen_sessions(db, [session.id], by=by, now=LATER + MINUTE)

    assert await states(db, session.id) == ["withdrawn"]
    [sentence] = done.left_out
    assert sentence.startswith("Ngô Văn Minh đã có")
    assert "Chợ số" in sentence


async def test_room_taken_meanwhile_refuses_and_names_what_is_there(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    room = await add_room(db)
    session.room_id, session.place = room.id, ""
    await db.flush()
    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)
    await add_session(db, title="Họp tổ", starts_at=session.starts_at, room=room)

    with pytest.raises(RoomTaken, match="Họp tổ"):
        await reopen_sessions(db, [session.id], by=by, now=LATER + MINUTE)

    await db.refresh(session)
    assert session.cancelled_at is not None


async def test_session_that_is_over_or_open_is_not_reopened(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    with pytest.raises(NotPossibleNow):
        await reopen_sessions(db, [session.id], by=by, now=LATER)
    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)
    with pytest.raises(NotPossibleNow):
        await reopen_sessions(db, [session.id], by=by, now=session.ends_at)


async def test_reopening_takes_a_fixed_number_of_statements(
    db: AsyncSession, shared_engine: AsyncEngine
) -> None:
    sessions, _minh, by = await a_series(db, weeks=8)
    ids = [each.id for each in sessions]
    room = await add_room(db)
    for session in sessions:
        session.room_id = room.id
        await add_enrolment(db, session, await add_learner(db, "Hồ Thị Chờ"), state="waitlisted")
    await db.flush()
    await cancel_series(db, ids[0], reason="Bão", scope="all", by=by, now=LATER)
    counts: list[int] = []

    for part in (ids[:2], ids[:6]):
        with statements_of(shared_engine) as statements:
            assert isinstance(await try_reopening(db, part, by=by, now=LATER + MINUTE), Reopening)
        counts.append(len(statements))

    assert counts[0] == counts[1]


async def test_seat_given_up_meanwhile_goes_to_the_first_who_waits(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    lan = await db.scalar(select(Enrolment.learner_id).where(Enrolment.session_id == session.id))
    assert lan is not None
    session.capacity = 1
    waiting = await add_learner(db, "Hồ Thị Chờ")
    await add_enrolment(db, session, waiting, state="waitlisted")
    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)
    await cancel_enrolments(db, [session.id], lan, by=by, now=LATER + MINUTE)

    await reopen_sessions(db, [session.id], by=by, now=LATER + 2 * MINUTE)

    seat = select(Enrolment.state).where(Enrolment.learner_id == waiting.id)
    assert await db.scalar(seat.execution_options(populate_existing=True)) == "enrolled"


async def test_invite_keeps_its_uid_and_its_sequence_grows(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    learner = await add_learner(db, "Phan Thị Thư")
    learner.email = "thu@example.org"
    db.add(
        Consent(
            ward_id=WARD,
            learner_id=learner.id,
            purpose="invitation",
            text_version="1",
            legal_basis="consent",
            how="spoken",
            granted_at=NOON,
        )
    )
    await add_enrolment(db, session, learner)

    seen: list[tuple[str, str, int]] = []
    for number in range(4):
        act = cancel_session if number % 2 == 0 else None
        at = LATER + number * MINUTE
        if act is not None:
            await act(db, session.id, reason="Mưa", by=by, now=at)
        else:
            await reopen_sessions(db, [session.id], by=by, now=at)
        rows = await db.scalars(select(Invite).execution_options(populate_existing=True))
        seen += [(each.uid, each.state, each.sequence) for each in rows if each.learner_id == learner.id]

    assert len({uid for uid, _state, _sequence in seen}) == 1
    assert [state for _uid, state, _sequence in seen][-1] == "invited"
    sequences = [sequence for _uid, _state, sequence in seen]
    assert sequences == sorted(set(sequences))


async def test_running_class_is_called_off_without_a_text(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)

    await cancel_session(db, session.id, reason="Mất điện", by=by, now=session.starts_at + MINUTE)
    assert await open_ones(db, *NOTICES) == []
    await reopen_sessions(db, [session.id], by=by, now=session.starts_at + 2 * MINUTE)

    assert session.cancelled_at is None
    with pytest.raises(NotPossibleNow):
        await cancel_session(db, session.id, reason="Mất điện", by=by, now=session.ends_at)


async def test_phones_of_the_scenario_are_those_told(db: AsyncSession) -> None:
    (session,), _minh, by = await a_series(db, weeks=1)
    await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=LATER)
    await gone(db, at=LATER + 5 * MINUTE)
    await reopen_sessions(db, [session.id], by=by, now=LATER + 10 * MINUTE)

    told = await db.scalars(
        select(Message.to_phone).where(Message.purpose.in_(("session_reopened", "helper_reopened")))
    )
    assert set(told) == {LAN, MINH}
    assert isinstance(session, ClassSession)
