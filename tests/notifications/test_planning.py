"""Publishing sessions and offers plans texts, in the same transaction."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel import audit
from lopso.kernel.events import publish
from lopso.kernel.text import sms_parts
from notifications.models import Message, MessageRecipient
from scheduling.events import AssignmentsChanged, AssignmentsOffered, EnrolmentsChanged
from scheduling.models import Assignment, Enrolment
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
from tests.notifications.session_changes import CALL, EVE, move
from tests.statements import statements_of

TWO_HOURS_BEFORE = THURSDAY - timedelta(hours=2)


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

    await publish(db, EnrolmentsChanged(((session.id, (1,)),), (), TEST, NOON))

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
    await publish(db, EnrolmentsChanged(((session.id, (gai.id, minh.id)),), (), TEST, NOON))
    await db.execute(
        update(Enrolment)
        .where(Enrolment.learner_id.in_([lan.id, minh.id]))
        .values(state="cancelled", cancelled_at=NOON)
    )
    await publish(db, EnrolmentsChanged((), ((session.id, (lan.id, minh.id)),), TEST, NOON))

    eve = [text for text in await ledger(db) if text.purpose == "reminder_day_before"]
    assert [(text.phone, text.state) for text in eve] == [(LAN, "planned"), (MINH, "withdrawn")]
    assert "Kính mời bà Trần Thị Gái đến dự." in eve[0].says

    await db.execute(
        update(Enrolment).where(Enrolment.learner_id == minh.id).values(state="enrolled", cancelled_at=None)
    )
    await publish(db, EnrolmentsChanged(((session.id, (minh.id,)),), (), TEST, NOON))

    eve = [text for text in await ledger(db, "planned") if text.purpose == "reminder_day_before"]
    assert [text.phone for text in eve] == [LAN, MINH]


async def test_late_publishing_sends_useful_reminders_at_once(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    session = await add_class(db, course, lan, starts_at=NOON + timedelta(hours=1))

    await announce(db, session)

    assert [(text.purpose, text.due_at) for text in await ledger(db)] == [("reminder_same_day", NOON)]


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
    await publish(db, AssignmentsChanged(declined=((session.id, (minh.id,)),), by=TEST, at=NOON))
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

    with statements_of(shared_engine) as statements:
        await announce(db, *sessions)
        await db.flush()

    texts = await ledger(db)
    assert len(texts) == 2 * 12 * 25
    # Three of them look whether anybody reads mail.
    assert len(statements) <= 20, statements
    assert all(sms_parts(row.body).segments == 1 for row in await db.scalars(select(Message)))
