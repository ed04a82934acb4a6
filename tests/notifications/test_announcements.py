"""Announcements of seats, offers and results: one text for one action on any number of sessions."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from competency.service.certificates import issue_certificate, revoke_certificate
from competency.service.sign_offs import revoke_sign_off, sign_off
from lopso.kernel import clock
from lopso.kernel.access import Actor, Role
from notifications.models import Message
from notifications.service.policy import load_policy
from scheduling.models import Assignment, ClassSession, Course, Series
from scheduling.rules.plan import SessionChange
from scheduling.service.answers import answer, undo_answer
from scheduling.service.assignments import replace, withdraw
from scheduling.service.changes import change_session
from scheduling.service.enrolments import cancel_enrolments
from scheduling.service.enrolments import enrol as give_seats
from scheduling.service.offers import offer_assignments
from scheduling.service.sessions import cancel_session, publish_sessions
from tests.classroom import WARD, add_classroom, add_learner
from tests.competency.evidence import came_and_showed
from tests.factories import NOON, TEST, actor_for, add_user
from tests.notifications.scenario import LAN, MINH, THURSDAY, add_city, add_class
from trainers.models import Trainer
from wordings.service.shipped import load_wordings

NIGHT = clock.at(date(2026, 11, 23), time(22))
CALL = "Hỏi thêm: 0234 3823 456."
SERIES = "14h00 thứ Năm hằng tuần từ 26/11, 4 buổi"
ASKED = ("assignment_offered", "cover_wanted")
LATER = NOON + timedelta(hours=1)
CERTIFICATE = (
    "UBND Phường Phú Xuân, thứ Hai 23/11: giấy chứng nhận kỹ năng số của bà Trần Thị Ngọc Ánh đã làm"
    f" xong, mời đến nhận. {CALL}"
)


async def add_series(db: AsyncSession, course: Course, *, weeks: int = 4) -> list[ClassSession]:
    """Published sessions on Thursdays at 14h00."""
    series = Series(
        ward_id=WARD,
        course_id=course.id,
        starts_on=date(2026, 11, 26),
        meetings=weeks,
        skips_holidays=True,
        created_at=NOON,
    )
    db.add(series)
    await db.flush()
    sessions = [
        await add_class(db, course, starts_at=THURSDAY + timedelta(weeks=week)) for week in range(weeks)
    ]
    for session in sessions:
        session.series_id = series.id
    await db.flush()
    return sessions


async def coordinator(db: AsyncSession) -> Actor:
    user = await add_user(db, (Role.COORDINATOR, WARD))
    return actor_for(user, (Role.COORDINATOR, WARD))


async def add_trainer(db: AsyncSession, name: str, phone: str) -> Trainer:
    """A helper of the ward without offers."""
    trainer = Trainer(
        ward_id=WARD,
        kind="digital_ambassador",
        full_name=name,
        sex="male",
        name_key=name.lower(),
        sort_key=name.lower(),
        phone=phone,
        enlisted_at=NOON,
    )
    db.add(trainer)
    await db.flush()
    return trainer


async def assignment(db: AsyncSession, session: ClassSession, trainer: Trainer) -> Assignment:
    """The latest assignment of this helper in this session."""
    found = await db.scalars(
        select(Assignment)
        .where(Assignment.session_id == session.id, Assignment.trainer_id == trainer.id)
        .order_by(Assignment.id.desc())
        .limit(1)
    )
    return found.one()


async def texts(db: AsyncSession, *purposes: str) -> Sequence[Message]:
    """The texts of these purposes, oldest first."""
    rows = await db.scalars(
        select(Message)
        .where(Message.purpose.in_(purposes))
        .order_by(Message.id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def said(db: AsyncSession, *purposes: str) -> Sequence[tuple[str, str, str]]:
    """Purpose, state and words of the texts of these purposes, oldest first."""
    return [(row.purpose, row.state, row.body_accented) for row in await texts(db, *purposes)]


async def gone(db: AsyncSession, *, at: datetime) -> None:
    """Mark all texts that are due as sent."""
    due = Message.due_at <= at
    for state in ("claimed", "sending", "sent"):
        lease = None if state == "sent" else at + timedelta(minutes=1)
        await db.execute(
            update(Message)
            .where(due, Message.state.not_in(("withdrawn", "sent")))
            .values(state=state, lease_until=lease, sent_at=at)
            .execution_options(synchronize_session=False)
        )


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


async def test_new_offer_is_sent_again_undone_answer_sends_none(
    db: AsyncSession,
) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NOON)
    await gone(db, at=NOON)
    row = await assignment(db, session, minh)
    await answer(db, row.id, accept=True, by=by, now=NOON)
    await undo_answer(db, row.id, by=by, now=NOON)
    assert [state for _purpose, state, _text in await said(db, "assignment_offered")] == ["sent"]

    await withdraw(db, row.id, reason="Nhầm người", by=by, now=NOON)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NOON)

    assert [(purpose, state) for purpose, state, _text in await said(db, *ASKED, "assignment_withdrawn")] == [
        ("assignment_offered", "sent"),
        ("assignment_withdrawn", "withdrawn"),  # not read yet, and no longer true
        ("assignment_offered", "planned"),
    ]


async def test_replacement_notifies_removed_helper_and_asks_the_new_one(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh, binh = await add_trainer(db, "Ngô Văn Minh", MINH), await add_trainer(db, "Đỗ Bình", LAN)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=True, by=by, now=NOON)
    row = await assignment(db, session, minh)

    await replace(db, row.id, binh.id, reason="Bận", agreed=False, by=by, now=NOON)

    assert await said(db, *ASKED, "assignment_withdrawn") == [
        (
            "cover_wanted",
            "planned",
            "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: mời anh Đỗ Bình thay người hỗ trợ"
            " buổi Thanh toán QR, buổi 3. Xin trả lời ở Việc của tôi hoặc gọi 0234 3823 456.",
        ),
        (
            "assignment_withdrawn",
            "planned",
            "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: buổi Thanh toán QR, buổi 3 đã sắp xếp lại,"
            f" anh Ngô Văn Minh không cần đến nữa. Xin cảm ơn. {CALL}",
        ),
    ]


async def test_first_offer_after_a_refusal_asks_for_cover(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    phones = (LAN, MINH, "+84900000003")
    lam, minh, tam = [await add_trainer(db, f"Lê {n}", phone) for n, phone in enumerate(phones)]
    await offer_assignments(db, [session.id], [lam.id], role="helper", agreed=False, by=by, now=NOON)
    await answer(db, (await assignment(db, session, lam)).id, accept=False, reason="Bận", by=by, now=NOON)

    for number, each in enumerate((minh, tam)):
        later = NOON + timedelta(hours=number + 1)
        await offer_assignments(db, [session.id], [each.id], role="helper", agreed=False, by=by, now=later)

    assert [(purpose, state) for purpose, state, _text in await said(db, *ASKED)] == [
        ("assignment_offered", "withdrawn"),  # answered before it was sent
        ("cover_wanted", "planned"),
        ("assignment_offered", "planned"),
    ]


async def test_removal_before_the_offer_is_sent_is_silent(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NIGHT)

    await withdraw(db, (await assignment(db, session, minh)).id, reason="Nhầm", by=by, now=NIGHT)

    assert [(purpose, state) for purpose, state, _text in await said(db, *ASKED, "assignment_withdrawn")] == [
        ("assignment_offered", "withdrawn")
    ]


@pytest.mark.parametrize("accept", [True, False])
async def test_undone_answer_before_sending_restores_the_offer(db: AsyncSession, *, accept: bool) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NIGHT)
    asked = await said(db, *ASKED)
    row = await assignment(db, session, minh)
    await answer(db, row.id, accept=accept, reason="Bận", by=by, now=NIGHT)

    for _twice in range(2):
        await undo_answer(db, row.id, by=by, now=NIGHT)

    [(purpose, state, says)] = asked
    assert state == "planned"
    assert await said(db, *ASKED) == [(purpose, "withdrawn", says), (purpose, "planned", says)]


@pytest.mark.parametrize("accept", [True, False])
async def test_undone_answer_after_sending_sends_no_second_offer(db: AsyncSession, *, accept: bool) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NOON)
    await gone(db, at=NOON)
    row = await assignment(db, session, minh)
    await answer(db, row.id, accept=accept, reason="Bận", by=by, now=LATER)

    await undo_answer(db, row.id, by=by, now=LATER)

    assert [state for _purpose, state, _text in await said(db, *ASKED)] == ["sent"]


async def test_offer_sent_before_a_removal_does_not_count_for_a_new_one(
    db: AsyncSession,
) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NOON)
    await gone(db, at=NOON)
    await withdraw(db, (await assignment(db, session, minh)).id, reason="Nhầm", by=by, now=NIGHT)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NIGHT)
    row = await assignment(db, session, minh)
    await answer(db, row.id, accept=True, by=by, now=NIGHT)

    await undo_answer(db, row.id, by=by, now=NIGHT)

    states = [state for _purpose, state, _text in await said(db, *ASKED)]
    assert states == ["sent", "withdrawn", "planned"]


@pytest.mark.parametrize("which", [0, 2])
async def test_undone_answer_restores_the_session_in_the_series_offer(
    db: AsyncSession, *, which: int
) -> None:
    sessions = await add_series(db, await add_city(db))
    by = await coordinator(db)
    minh = await add_trainer(db, "Ngô Văn Minh", MINH)
    ids = [each.id for each in sessions]
    await offer_assignments(db, ids, [minh.id], role="helper", agreed=False, by=by, now=NIGHT)
    [(_purpose, _state, asked)] = await said(db, *ASKED)
    row = await assignment(db, sessions[which], minh)
    await answer(db, row.id, accept=True, by=by, now=NIGHT)
    fewer = [says for _purpose, state, says in await said(db, *ASKED) if state == "planned"]

    await undo_answer(db, row.id, by=by, now=NIGHT)

    assert [says for _purpose, state, says in await said(db, *ASKED) if state == "planned"] == [asked]
    assert len(fewer) == 1
    assert fewer != [asked]


async def test_skills_of_one_day_make_one_message(db: AsyncSession) -> None:
    await load_wordings(db, by=TEST, now=NOON)
    await load_policy(db, by=TEST, now=NOON)
    room = await add_classroom(db)
    anh = room.learners[0]
    anh.phone, anh.phone_kind = LAN, "mobile"
    await came_and_showed(db, room, anh, skills=(0, 1, 2))
    now = NOON + timedelta(hours=1)
    for skill in room.skills[:2]:
        await sign_off(db, WARD, [(anh.id, skill.id)], by=room.as_assessor, now=now)

    assert await said(db, "sign_off_reached") == [
        (
            "sign_off_reached",
            "planned",
            "Phường Phú Xuân, thứ Hai 23/11: bà Trần Thị Ngọc Ánh đã được xác nhận làm được 2 kỹ năng số."
            f" Tin này chỉ để báo. {CALL}",
        )
    ]
    [text] = (await db.scalars(select(Message))).all()
    assert (text.about, text.due_at, text.session_id, text.ward_id) == (
        f"sign_off:{anh.id}:2026-11-23",
        clock.at(date(2026, 11, 23), time(17)),
        None,
        WARD,
    )

    evening = clock.at(date(2026, 11, 23), time(19))
    await gone(db, at=evening)
    signed = await sign_off(db, WARD, [(anh.id, room.skills[2].id)], by=room.as_assessor, now=evening)
    [_sent, tomorrow] = await said(db, "sign_off_reached")
    assert tomorrow[1:] == (
        "planned",
        "Phường Phú Xuân, thứ Ba 24/11: bà Trần Thị Ngọc Ánh đã được xác nhận làm được 1 kỹ năng số."
        f" Tin này chỉ để báo. {CALL}",
    )
    await revoke_sign_off(db, WARD, signed.done[0].id, reason="Nhầm", by=room.as_assessor, now=evening)
    assert [state for _purpose, state, _text in await said(db, "sign_off_reached")] == ["sent", "withdrawn"]


async def test_only_valid_certificates_are_announced(db: AsyncSession) -> None:
    await load_wordings(db, by=TEST, now=NOON)
    await load_policy(db, by=TEST, now=NOON)
    room = await add_classroom(db)
    anh = room.learners[0]
    anh.phone, anh.phone_kind = LAN, "mobile"
    await came_and_showed(db, room, anh)
    done = await sign_off(db, WARD, [(anh.id, room.skills[0].id)], by=room.as_assessor, now=LATER)
    ids = [each.id for each in done.done]

    first = await issue_certificate(db, WARD, anh.id, ids, by=room.as_coordinator, now=LATER)
    second = await issue_certificate(db, WARD, anh.id, ids, by=room.as_coordinator, now=LATER)
    await revoke_certificate(
        db, WARD, first.id, kind="mistake", reason="Sai tên", by=room.as_coordinator, now=LATER
    )

    assert [
        (text.about, text.state, text.body_accented) for text in await texts(db, "certificate_ready")
    ] == [
        (f"certificate:{first.id}", "withdrawn", CERTIFICATE),
        (f"certificate:{second.id}", "planned", CERTIFICATE),
    ]


@pytest.mark.parametrize("reached", [True, False])
async def test_results_go_only_to_mobiles(db: AsyncSession, reached: bool) -> None:
    await load_wordings(db, by=TEST, now=NOON)
    room = await add_classroom(db)
    anh = room.learners[0]
    anh.phone, anh.phone_kind = (LAN, "mobile") if reached else ("+842343823456", "landline")
    await came_and_showed(db, room, anh)

    await sign_off(db, WARD, [(anh.id, room.skills[0].id)], by=room.as_assessor, now=LATER)

    assert len(await said(db, "sign_off_reached")) == int(reached)
