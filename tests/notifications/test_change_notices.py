"""Moved and cancelled sessions plan texts, in the same transaction."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.events import publish
from scheduling.events import SessionsCancelled
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
)
from tests.notifications.session_changes import CALL, EVE, move, sent

TWO_HOURS_BEFORE = THURSDAY - timedelta(hours=2)


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
