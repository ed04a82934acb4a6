"""The board of a week: who is proposed, what one submit asks, what is refused, undoing it."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.access import Actor, Grant, Role
from notifications.models import Message
from scheduling.models import Assignment, ClassSession
from staffing.models import Absence
from staffing.queries.board import RANKED, Board, board_of
from staffing.queries.short_sessions import next_short_session, short_sessions
from staffing.rules.picks import Pick, RoleInSession
from staffing.service.answers import answer
from staffing.service.board import PicksRefused, UndoneOffers, offer_picks, undo_offers
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_course,
    add_helper,
    add_session,
    add_ward,
)
from tests.staffing.scenes import add_coordinator, states
from tests.statements import statements_of
from trainers.models import Trainer
from wordings.service.shipped import load_wordings

WARD = "19753"
COORDINATOR = Actor(None, "Hà", (Grant(Role.COORDINATOR, WARD),))
WEEK = timedelta(days=7)


async def add_short(
    db: AsyncSession, *, hours: float, need: tuple[int, int] = (1, 0), **more: str
) -> ClassSession:
    """A session that begins so many hours after NOON, Monday 12h00 in Huế."""
    return await add_session(db, starts_at=NOON + timedelta(hours=hours), need=need, **more)  # pyright: ignore[reportArgumentType]  (titles only)


async def board(db: AsyncSession, **more: object) -> Board:
    found = await short_sessions(db, WARD, since=NOON, until=NOON + WEEK)
    return await board_of(db, WARD, found.items, by=COORDINATOR, **more)  # pyright: ignore[reportArgumentType]  (picks only)


def names(board: Board) -> list[tuple[str, list[str]]]:
    """Role and the proposed people of each place, in order."""
    return [
        (place.role, [board.helpers[each.facts.trainer_id].full_name for each in place.ranked])
        for place in board.places
    ]


async def test_short_sessions_are_coming_and_lack_people(db: AsyncSession) -> None:
    await add_ward(db)
    helper = await add_helper(db)
    short = await add_short(db, hours=3, need=(1, 2))
    await add_assignment(db, short, helper, state="offered")
    full = await add_short(db, hours=30, need=(0, 1))
    await add_assignment(db, full, helper)
    declined = await add_short(db, hours=50, need=(0, 1))
    await add_assignment(db, declined, helper, state="declined")
    cancelled = await add_short(db, hours=60)
    cancelled.cancelled_at, cancelled.cancel_reason = NOON, "Mưa"
    await add_short(db, hours=-1)
    next_week = await add_short(db, hours=24 * 8)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    await add_session(db, ward_id="19789", starts_at=NOON + timedelta(hours=4))
    await db.flush()

    found = await short_sessions(db, WARD, since=NOON, until=NOON + WEEK)
    upcoming = await next_short_session(db, WARD, since=NOON + WEEK)

    assert [(each.session.id, each.missing("trainer"), each.missing("helper")) for each in found.items] == [
        (short.id, 1, 1),
        (declined.id, 0, 1),
    ]
    assert found.total == 2
    assert upcoming is not None
    assert upcoming.session.id == next_week.id


async def test_first_names_of_all_places_make_a_plan(db: AsyncSession) -> None:
    await add_ward(db)
    for name in ("Lê An", "Đỗ Bình", "Hồ Chi"):
        await add_helper(db, name)
    await add_short(db, hours=3, need=(1, 1))
    await add_short(db, hours=4)
    await add_short(db, hours=30)

    assert names(await board(db)) == [
        ("trainer", ["Lê An", "Đỗ Bình", "Hồ Chi"]),
        ("helper", ["Đỗ Bình", "Hồ Chi", "Lê An"]),
        ("trainer", ["Hồ Chi", "Lê An", "Đỗ Bình"]),  # overlaps the first
        ("trainer", ["Lê An", "Đỗ Bình", "Hồ Chi"]),  # by then everybody has one
    ]


async def test_who_is_away_busy_or_in_it_is_not_proposed(db: AsyncSession) -> None:
    await add_ward(db)
    session = await add_short(db, hours=3, need=(1, 1))
    an = await add_helper(db, "Lê An")
    busy = await add_helper(db, "Đỗ Bình")
    away = await add_helper(db, "Hồ Chi")
    there = await add_helper(db, "Võ Dũng")
    other = await add_session(db, title="Chợ số", starts_at=session.starts_at, need=(0, 1))
    await add_assignment(db, other, busy)
    await add_assignment(db, session, there)
    db.add(
        Absence(
            trainer_id=away.id, first=date(2026, 11, 23), last=date(2026, 11, 24), reason="Ốm", noted_at=NOON
        )
    )
    await db.flush()

    found = await board(db)

    assert names(found) == [("trainer", [an.full_name])]
    kept = await board(db, picked=[Pick(session.id, "trainer", busy.id)])
    assert names(kept) == [("trainer", [busy.full_name, an.full_name])]
    assert not kept.places[0].ranked[0].can_be_asked


async def test_board_has_fixed_statements_and_the_best_twelve(
    db: AsyncSession, shared_engine: AsyncEngine
) -> None:
    await add_ward(db)
    course = await add_course(db, skills=["VNeID"])
    counts: list[int] = []

    async def counted() -> Board:
        with statements_of(shared_engine) as statements:
            found = await board(db)
        counts.append(len(statements))
        return found

    await add_helper(db, "Lê An")
    await add_session(db, starts_at=NOON + timedelta(hours=3), course=course)
    await counted()
    for n in range(40):
        await add_helper(db, f"Trần Thị {chr(97 + n % 26)}{n}", teaches=["VNeID"])
    for n in range(30):
        await add_session(db, starts_at=NOON + timedelta(hours=4 + 3 * n), course=course)
    full = await counted()

    assert counts == [10, 10]
    assert {place.short.session.id for place in full.places} == {
        each.session.id for each in (await short_sessions(db, WARD, since=NOON, until=NOON + WEEK)).items
    }
    assert len(full.places) == 40
    assert {len(place.ranked) for place in full.places} == {RANKED}


async def test_one_submit_asks_everybody_once(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    await load_wordings(db, by=TEST, now=NOON)
    first, second = await add_short(db, hours=3, need=(1, 1)), await add_short(db, hours=30)
    an, binh = await add_helper(db, "Lê An", phone="+84912345678"), await add_helper(db, "Đỗ Bình")

    done = await offer_picks(
        db,
        WARD,
        [
            Pick(first.id, "trainer", an.id),
            Pick(first.id, "helper", binh.id),
            Pick(second.id, "trainer", an.id),
        ],
        agreed=False,
        by=by,
        now=NOON,
    )

    assert done == 3
    assert await states(db, first) == [(binh.id, "helper", "offered"), (an.id, "trainer", "offered")]
    assert await states(db, second) == [(an.id, "trainer", "offered")]
    texts = (await db.scalars(select(Message).order_by(Message.due_at, Message.id))).all()
    assert [(each.purpose, each.to_phone) for each in texts] == [("assignment_offered", an.phone)] * 2


async def test_refused_pick_leaves_all_undone_with_its_sentence(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    first, second = await add_short(db, hours=3), await add_short(db, hours=4)
    third = await add_short(db, hours=30)
    an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
    gone = await add_helper(db, "Hồ Chi")
    gone.left_at = NOON
    other = await add_session(db, title="Chợ số", starts_at=NOON + timedelta(hours=30), need=(0, 0))
    await add_assignment(db, other, binh)
    await db.flush()
    fine = Pick(first.id, "trainer", an.id)
    clash = Pick(second.id, "trainer", an.id)
    busy = Pick(third.id, "trainer", binh.id)
    stranger = Pick(first.id, "helper", gone.id)

    with pytest.raises(PicksRefused) as refused:
        await offer_picks(db, WARD, [fine, clash, busy, stranger], agreed=False, by=by, now=NOON)

    title = "Thanh toán không tiền mặt, buổi 1"
    assert refused.value.picks == {
        fine: f"Lê An còn được chọn cho “{title}”, thứ Hai 23/11, 16h00 – 18h00: trùng giờ, xin bỏ một nơi.",
        clash: f"Lê An còn được chọn cho “{title}”, thứ Hai 23/11, 15h00 – 17h00: trùng giờ, xin bỏ một nơi.",
        busy: "Đỗ Bình đã có “Chợ số”, thứ Ba 24/11, 18h00 – 20h00.",
        stranger: "Người này không còn trong danh sách.",
    }
    assert refused.value.places == {
        RoleInSession(first.id, "helper"): "Chỗ này vừa có đủ người, không cần hỏi thêm."
    }
    assert [await states(db, each) for each in (first, second, third)] == [[], [], []]


async def test_session_of_another_ward_is_refused(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    theirs = await add_session(db, ward_id="19789")
    an = await add_helper(db)

    with pytest.raises(PicksRefused) as refused:
        await offer_picks(db, WARD, [Pick(theirs.id, "trainer", an.id)], agreed=False, by=by, now=NOON)

    assert list(refused.value.picks.values()) == ["Buổi này không còn trong lịch của phường, xã."]


async def test_absent_helper_is_refused(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_short(db, hours=3)
    an = await add_helper(db, "Lê An")
    day = date(2026, 11, 23)
    db.add(Absence(trainer_id=an.id, first=day, last=day, reason="Ốm", noted_at=NOON))
    await db.flush()

    with pytest.raises(PicksRefused) as refused:
        await offer_picks(db, WARD, [Pick(session.id, "trainer", an.id)], agreed=False, by=by, now=NOON)

    assert list(refused.value.picks.values()) == ["Lê An đã báo nghỉ 23/11/2026."]


async def test_undo_withdraws_what_nobody_answered(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    await load_wordings(db, by=TEST, now=NOON)
    session = await add_short(db, hours=30, need=(1, 1))
    an, binh = await add_helper(db, "Lê An", phone="+84912345678"), await add_helper(db, "Đỗ Bình")
    picks = [Pick(session.id, "trainer", an.id), Pick(session.id, "helper", binh.id)]
    await offer_picks(db, WARD, picks, agreed=False, by=by, now=NOON)
    theirs = await db.scalar(select(Assignment.id).where(Assignment.trainer_id == binh.id))
    assert theirs is not None
    later = NOON + timedelta(minutes=5)
    await answer(db, theirs, accept=True, by=by, now=later)

    undone = await undo_offers(db, WARD, offered_at=NOON, by=by, now=later)
    again = await undo_offers(db, WARD, offered_at=NOON, by=by, now=later)

    assert (undone, again) == (UndoneOffers(1, ["Đỗ Bình"]), UndoneOffers(0, ["Đỗ Bình"]))
    assert await states(db, session) == [(binh.id, "helper", "accepted"), (an.id, "trainer", "withdrawn")]
    texts = (await db.scalars(select(Message))).all()
    assert [(each.purpose, each.state) for each in texts] == [("assignment_offered", "withdrawn")]


async def test_undo_takes_back_nothing_of_somebody_else(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_short(db, hours=30)
    an = await add_helper(db)
    await offer_picks(db, WARD, [Pick(session.id, "trainer", an.id)], agreed=True, by=by, now=NOON)

    assert await undo_offers(db, WARD, offered_at=NOON, by=COORDINATOR, now=NOON) == UndoneOffers(0, [])
    assert await undo_offers(db, WARD, offered_at=NOON, by=by, now=NOON) == UndoneOffers(1, [])


async def test_two_coordinators_at_once_fill_a_place_once(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        one, other = await add_short(db, hours=3), await add_short(db, hours=4)
        an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")

    async def submit(*picks: Pick) -> str:
        try:
            async with sessions.begin() as db:
                await offer_picks(db, WARD, picks, agreed=False, by=by, now=NOON)
        except PicksRefused:
            return "refused"
        return "asked"

    outcome = await asyncio.gather(
        submit(Pick(one.id, "trainer", an.id), Pick(other.id, "trainer", binh.id)),
        submit(Pick(other.id, "trainer", an.id), Pick(one.id, "trainer", binh.id)),
        submit(Pick(one.id, "trainer", an.id)),
    )

    assert sorted(outcome) == ["asked", "refused", "refused"]
    async with sessions() as db:
        rows = (await db.scalars(select(Assignment))).all()
        booked = [(row.session_id, row.role) for row in rows]
        helpers = [row.trainer_id for row in rows]
    assert len(booked) == len(set(booked))
    assert len(helpers) == len(set(helpers))


async def test_helper_who_accepts_meanwhile_keeps_the_place(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        session = await add_short(db, hours=3)
        an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
        declined = await add_assignment(db, session, an, role="trainer", state="declined")

    async def accept() -> str:
        async with sessions.begin() as db:
            await answer(db, declined.id, accept=True, by=by, now=NOON)
        return "accepted"

    async def ask() -> str:
        async with sessions.begin() as db:
            await offer_picks(db, WARD, [Pick(session.id, "trainer", binh.id)], agreed=False, by=by, now=NOON)
        return "asked"

    outcome = await asyncio.gather(accept(), ask(), return_exceptions=True)

    assert len([each for each in outcome if isinstance(each, str)]) == 1
    async with sessions() as db:
        active = (
            await db.scalars(
                select(Trainer.full_name)
                .join(Assignment, Assignment.trainer_id == Trainer.id)
                .where(Assignment.state.in_(("offered", "accepted")))
            )
        ).all()
    assert len(active) == 1
