"""Changes of the calendar plan texts, in the same transaction."""

from datetime import datetime, timedelta

from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel import audit
from lopso.kernel.events import publish
from lopso.kernel.text import sms_parts
from notifications.models import Message, MessageRecipient
from scheduling.events import (
    AssignmentsChanged,
    AssignmentsOffered,
    EnrolmentsChanged,
    SessionsCancelled,
    SessionsMoved,
)
from scheduling.models import Assignment, ClassSession, Enrolment
from tests.classroom import enrol
from tests.factories import NOON, TEST
from tests.notifications.scenario import (
    LAN,
    MINH,
    THURSDAY,
    Planned,
    add_city,
    add_class,
    add_helper,
    add_learner,
    announce,
    ledger,
    withdraw_consent,
)

EVE = THURSDAY - timedelta(hours=20)  # Wednesday 18h00
TWO_HOURS_BEFORE = THURSDAY - timedelta(hours=2)
CALL = "Hỏi thêm: 0234 3823 456."


async def move(
    db: AsyncSession,
    session: ClassSession,
    *,
    to: datetime | None = None,
    place: str = "",
    now: datetime = NOON,
) -> None:
    """Move a session as scheduling does: the row, its version, then the fact."""
    old_start = session.starts_at
    if to is not None:
        session.starts_at, session.ends_at = to, to + timedelta(hours=2)
    session.place = place or session.place
    session.version += 1
    await db.flush()
    await publish(db, SessionsMoved(((session.id, old_start),), TEST, now))


async def sent(db: AsyncSession, *purposes: str, at: datetime) -> None:
    """These texts have gone."""
    for state in ("claimed", "sending", "sent"):
        lease = None if state == "sent" else at + timedelta(minutes=1)
        await db.execute(
            update(Message)
            .where(Message.purpose.in_(purposes))
            .values(state=state, lease_until=lease, sent_at=at)
            .execution_options(synchronize_session=False)
        )


async def test_publishing_plans_two_reminders_per_phone(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    by_herself = await add_learner(db, "Trần Thị Gái")  # no phone: the call list is for her
    session = await add_class(db, course, lan, by_herself)

    await announce(db, session)

    assert await ledger(db) == [
        Planned(
            "reminder_day_before",
            LAN,
            EVE,
            "planned",
            f"14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: lớp kỹ năng số. Kính mời bà Lê Thị Lan đến dự. {CALL}",
        ),
        Planned(
            "reminder_same_day",
            LAN,
            TWO_HOURS_BEFORE,
            "planned",
            "14h00 hôm nay thứ Năm 26/11, Nhà văn hóa TDP 5: lớp kỹ năng số."
            f" Kính mời bà Lê Thị Lan đến đúng giờ. {CALL}",
        ),
    ]
    [entry] = (await db.scalars(select(audit.AuditEntry).filter_by(action="messages.planned"))).all()
    assert entry.facts == {"sessions": [session.id], "planned": 3, "changed": 0, "withdrawn": 0}


async def test_draft_session_plans_no_messages(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    session.published_at = None
    await db.flush()

    await publish(db, EnrolmentsChanged(session.id, (1,), (), TEST, NOON))

    assert await ledger(db) == []


async def test_shared_phone_gets_one_message_naming_everybody(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    gai = await add_learner(db, "Trần Thị Gái", phone=LAN)
    refused = await add_learner(db, "Trần Văn Tèo", phone=LAN)
    await withdraw_consent(db, refused)
    session = await add_class(db, course, lan, gai, refused)

    await announce(db, session)

    eve, _same_day = await ledger(db)
    assert "Kính mời bà Lê Thị Lan và bà Trần Thị Gái đến dự." in eve.says
    named = await db.scalars(
        select(MessageRecipient.learner_id)
        .join(Message, Message.id == MessageRecipient.message_id)
        .where(Message.purpose == "reminder_day_before")
        .order_by(MessageRecipient.learner_id)
    )
    assert named.all() == [lan.id, gai.id]


async def test_reminders_follow_later_enrolments_and_leaving(db: AsyncSession) -> None:
    course = await add_city(db)
    lan, gai = [await add_learner(db, name, phone=LAN) for name in ("Lê Thị Lan", "Trần Thị Gái")]
    minh = await add_learner(db, "Ngô Văn Minh", phone=MINH)
    session = await add_class(db, course, lan)
    await announce(db, session)

    await enrol(db, session, gai)
    await enrol(db, session, minh)
    await publish(db, EnrolmentsChanged(session.id, (gai.id, minh.id), (), TEST, NOON))
    await db.execute(
        update(Enrolment)
        .where(Enrolment.learner_id.in_([lan.id, minh.id]))
        .values(state="cancelled", cancelled_at=NOON)
    )
    await publish(db, EnrolmentsChanged(session.id, (), (lan.id, minh.id), TEST, NOON))

    eve = [text for text in await ledger(db) if text.purpose == "reminder_day_before"]
    assert [(text.phone, text.state) for text in eve] == [(LAN, "planned"), (MINH, "withdrawn")]
    assert "Kính mời bà Trần Thị Gái đến dự." in eve[0].says

    await db.execute(
        update(Enrolment).where(Enrolment.learner_id == minh.id).values(state="enrolled", cancelled_at=None)
    )
    await publish(db, EnrolmentsChanged(session.id, (minh.id,), (), TEST, NOON))

    eve = [text for text in await ledger(db, "planned") if text.purpose == "reminder_day_before"]
    assert [text.phone for text in eve] == [LAN, MINH]


async def test_late_publishing_sends_useful_reminders_at_once(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    session = await add_class(db, course, lan, starts_at=NOON + timedelta(hours=1))

    await announce(db, session)

    assert [(text.purpose, text.due_at) for text in await ledger(db)] == [("reminder_same_day", NOON)]


async def test_distant_move_is_announced_before_the_old_day(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    await announce(db, session, now=NOON - timedelta(days=5))

    await move(db, session, to=THURSDAY + timedelta(days=4), now=NOON - timedelta(days=5))

    assert await ledger(db) == [
        Planned(
            "reminder_day_before",
            LAN,
            EVE + timedelta(days=4),
            "planned",
            f"14h00 thứ Hai 30/11, Nhà văn hóa TDP 5: lớp kỹ năng số. Kính mời bà Lê Thị Lan đến dự. {CALL}",
        ),
        Planned(
            "reminder_same_day",
            LAN,
            TWO_HOURS_BEFORE + timedelta(days=4),
            "planned",
            "14h00 hôm nay thứ Hai 30/11, Nhà văn hóa TDP 5: lớp kỹ năng số."
            f" Kính mời bà Lê Thị Lan đến đúng giờ. {CALL}",
        ),
        Planned(
            "session_moved",
            LAN,
            EVE,
            "planned",
            "14h00 thứ Hai 30/11, Nhà văn hóa TDP 5: lớp kỹ năng số, đổi từ 14h00 thứ Năm 26/11."
            f" Kính báo bà Lê Thị Lan. {CALL}",
        ),
    ]


async def test_move_after_a_reminder_is_announced_at_once(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    await announce(db, session)
    told_at = EVE + timedelta(minutes=1)
    await sent(db, "reminder_day_before", at=told_at)
    now = EVE + timedelta(hours=1)

    await move(db, session, to=THURSDAY + timedelta(hours=1), now=now)

    texts = [(text.purpose, text.due_at, text.state) for text in await ledger(db)]
    assert texts == [
        ("reminder_day_before", EVE, "sent"),
        ("reminder_day_before", now, "planned"),
        ("reminder_same_day", TWO_HOURS_BEFORE + timedelta(hours=1), "planned"),
        ("session_moved", now, "planned"),
    ]


async def test_second_move_of_an_unsent_notice_keeps_the_first_start(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    night = EVE + timedelta(hours=4)
    await announce(db, session, now=night)

    await move(db, session, to=THURSDAY + timedelta(hours=1), now=night)
    await move(db, session, to=THURSDAY + timedelta(hours=2), now=night + timedelta(minutes=5))

    [news] = [text for text in await ledger(db, "planned") if text.purpose == "session_moved"]
    assert news.says == (
        "16h00 thứ Năm 26/11, Nhà văn hóa TDP 5: lớp kỹ năng số, đổi từ 14h00 thứ Năm 26/11."
        f" Kính báo bà Lê Thị Lan. {CALL}"
    )


async def test_new_place_alone_uses_the_relocation_wording(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    await announce(db, session, now=EVE)

    await move(db, session, place="Trường TH số 1", now=EVE)

    [news] = [text for text in await ledger(db) if text.purpose == "session_moved"]
    assert news.says == (
        f"14h00 thứ Năm 26/11: lớp kỹ năng số chuyển đến Trường TH số 1. Kính báo bà Lê Thị Lan. {CALL}"
    )


async def test_cancellation_withdraws_reminders_and_gives_the_reason(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    await add_helper(db, session, "Ngô Văn Minh", MINH, state="accepted")
    await announce(db, session)
    session.cancelled_at, session.cancel_reason = NOON, "Mưa lớn, ngập đường"
    session.version += 1
    await db.flush()

    await publish(db, SessionsCancelled((session.id,), "Mưa lớn, ngập đường", TEST, NOON))

    assert [(text.purpose, text.state) for text in await ledger(db)] == [
        ("helper_cancelled", "planned"),
        ("reminder_day_before", "withdrawn"),
        ("reminder_same_day", "withdrawn"),
        ("session_cancelled", "planned"),
    ]
    assert [text.says for text in await ledger(db, "planned")] == [
        "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: buổi Thanh toán QR, buổi 3 tạm nghỉ,"
        f" vì mưa lớn, ngập đường. Kính báo anh Ngô Văn Minh. {CALL}",
        "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: lớp kỹ năng số tạm nghỉ, không học, vì mưa lớn, ngập đường."
        f" Kính báo bà Lê Thị Lan. {CALL}",
    ]


async def test_unsuitable_place_is_replaced_by_the_ward(db: AsyncSession) -> None:
    """New ones are refused where they are typed; this one was planned before that."""
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    session.place = "Nhà bà Lan, nhận quà 50k tại bit.ly/abc"
    await db.flush()

    await announce(db, session)

    says = {text.says for text in await ledger(db)}
    assert all("bit.ly" not in each and "quà" not in each for each in says)
    assert (
        f"14h00 thứ Năm 26/11, Phường Phú Xuân: lớp kỹ năng số. Kính mời bà Lê Thị Lan đến dự. {CALL}" in says
    )


async def test_market_round_reminder_says_helpers_come_to_the_stall(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    session.kind, session.place = "market_round", "Đường số 9, Chợ Đông Ba"
    await db.flush()

    await announce(db, session)

    assert [text.says for text in await ledger(db) if text.purpose == "reminder_day_before"] == [
        "14h00 thứ Năm 26/11, Đường số 9, Chợ Đông Ba: tổ công nghệ số đến tận quầy hướng dẫn."
        f" Kính báo bà Lê Thị Lan. {CALL}"
    ]


async def test_reason_mentioning_money_is_not_quoted(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    session.cancelled_at, session.cancel_reason = NOON, "Hết tiền thuê máy, xem lopso.vn"
    await db.flush()

    await publish(db, SessionsCancelled((session.id,), "Hết tiền thuê máy, xem lopso.vn", TEST, NOON))

    [text] = await ledger(db)
    assert "vì có việc đột xuất." in text.says


async def test_cancellation_at_night_waits_for_morning_or_a_call(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    afternoon = await add_class(db, course, lan)
    dawn = await add_class(db, course, lan, starts_at=THURSDAY - timedelta(hours=8))  # 06h00
    night = EVE + timedelta(hours=5)
    for session in (afternoon, dawn):
        session.cancelled_at, session.cancel_reason = night, "Bão"
    await db.flush()

    for session in (afternoon, dawn):
        await publish(db, SessionsCancelled((session.id,), "Bão", TEST, night))

    [text] = await ledger(db)
    assert (text.due_at, text.says[:18]) == (THURSDAY - timedelta(hours=7), "14h00 thứ Năm 26/1")


async def test_only_offered_helpers_are_sent_offers(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course)
    minh = await add_helper(db, session, "Ngô Văn Minh", MINH)
    landline = await add_helper(db, session, "Lê Bàn", "+842343823456")

    await publish(db, AssignmentsOffered(((session.id, (minh.id, landline.id)),), (), TEST, NOON))

    [text] = await ledger(db)
    assert text == Planned(
        "assignment_offered",
        MINH,
        NOON,
        "planned",
        "14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: mời anh Ngô Văn Minh làm người hỗ trợ"
        " buổi Thanh toán QR, buổi 3. Xin trả lời ở Việc của tôi hoặc gọi 0234 3823 456.",
    )
    await db.execute(
        update(Assignment)
        .where(Assignment.trainer_id == minh.id)
        .values(state="declined", reason="Bận", answered_at=NOON)
    )
    await publish(db, AssignmentsChanged(session.id, (), (), (minh.id,), TEST, NOON))
    assert [text.state for text in await ledger(db)] == ["withdrawn"]


async def test_claimed_message_is_withdrawn_too(db: AsyncSession) -> None:
    course = await add_city(db)
    session = await add_class(db, course, await add_learner(db, "Lê Thị Lan", phone=LAN))
    await announce(db, session)
    await db.execute(update(Message).values(state="claimed", lease_until=EVE))

    await move(db, session, to=THURSDAY + timedelta(hours=1))

    assert [text.state for text in await ledger(db) if text.purpose != "session_moved"] == [
        "planned",
        "planned",
    ]


async def test_large_series_is_planned_in_few_statements(
    db: AsyncSession, shared_engine: AsyncEngine
) -> None:
    course = await add_city(db)
    learners = [await add_learner(db, f"Lê Thị {n}", phone=f"+8491200{n:04}") for n in range(25)]
    sessions = [
        await add_class(db, course, *learners, starts_at=THURSDAY + timedelta(weeks=week))
        for week in range(12)
    ]
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(shared_engine.sync_engine, "before_cursor_execute", count)
    await announce(db, *sessions)
    await db.flush()
    event.remove(shared_engine.sync_engine, "before_cursor_execute", count)

    texts = await ledger(db)
    assert len(texts) == 2 * 12 * 25
    # Three of them look whether anybody reads mail.
    assert len(statements) <= 20, statements
    assert all(sms_parts(row.body).segments == 1 for row in await db.scalars(select(Message)))
