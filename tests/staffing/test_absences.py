"""Away for some days: what is given back, what is taken again, who may say so."""

import asyncio
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.access import Actor, Role
from lopso.kernel.errors import InvalidInput, NotFound
from notifications.models import Message
from scheduling.models import Assignment
from scheduling.service.sessions import cancel_session
from staffing.models import Absence
from staffing.rules.picks import Pick
from staffing.service.absences import CancelledAbsence, cancel_absence, note_absence
from staffing.service.answers import answer, undo_answer
from staffing.service.board import PicksRefused, offer_picks
from staffing.service.reopening import reopen_sessions
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    actor_for,
    add_assignment,
    add_helper,
    add_session,
    add_user,
    add_ward,
)
from tests.staffing.scenes import add_coordinator, states
from tests.staffing.test_staffing_pages import text_of
from wordings.service.shipped import load_wordings

WARD = "19753"
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (23, 24, 25))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def add_own_account(db: AsyncSession) -> Actor:
    user = await add_user(db, (Role.TRAINER, WARD), email="an@example.org", name="Lê An")
    return actor_for(user, (Role.TRAINER, WARD))


async def all_states(db: AsyncSession) -> list[tuple[str, str]]:
    rows = await db.scalars(
        select(Assignment).order_by(Assignment.id).execution_options(populate_existing=True)
    )
    return [(row.state, row.reason) for row in rows]


async def test_absence_gives_back_the_coming_sessions_of_its_days(db: AsyncSession) -> None:
    await add_ward(db)
    me = await add_own_account(db)
    an = await add_helper(db, "Lê An")
    an.user_id = me.user_id
    begun = await add_session(db, starts_at=NOON - HOUR)
    today = await add_session(db, starts_at=NOON + 2 * HOUR)
    last = await add_session(db, starts_at=NOON + DAY + 11 * HOUR + timedelta(minutes=30))  # 23h30 on Tuesday
    after = await add_session(db, starts_at=NOON + 2 * DAY)
    for session in (begun, today, after):
        await add_assignment(db, session, an)
    await add_assignment(db, last, an, state="offered")

    noted = await note_absence(db, an.id, first=MONDAY, last=TUESDAY, reason=" Ốm ", by=me, now=NOON)
    at_once = await all_states(db)
    undone = await cancel_absence(db, noted.absence.id, trainer_id=an.id, by=me, now=NOON + HOUR)
    again = await cancel_absence(db, noted.absence.id, trainer_id=an.id, by=me, now=NOON + HOUR)

    assert (noted.given_back, noted.elsewhere) == (2, 0)
    assert at_once == [("accepted", ""), ("declined", "Ốm"), ("accepted", ""), ("declined", "Ốm")]
    assert (undone, again) == (CancelledAbsence(2, []), CancelledAbsence(0, []))
    assert [state for state, _reason in await all_states(db)] == [
        "accepted",
        "accepted",
        "accepted",
        "offered",
    ]


async def test_undo_leaves_places_that_were_filled(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
    first = await add_session(db, title="VNeID", starts_at=NOON + 2 * HOUR, need=(1, 0))
    second = await add_session(db, title="Hue-S", starts_at=NOON + 5 * HOUR, need=(1, 0))
    for session in (first, second):
        await add_assignment(db, session, an, role="trainer")
    noted = await note_absence(db, an.id, first=MONDAY, last=MONDAY, reason="Ốm", by=by, now=NOON)
    await offer_picks(db, WARD, [Pick(first.id, "trainer", binh.id)], agreed=False, by=by, now=NOON + HOUR)

    undone = await cancel_absence(db, noted.absence.id, trainer_id=an.id, by=by, now=NOON + HOUR)

    assert undone == CancelledAbsence(1, ["VNeID"])
    assert await states(db, first) == [(an.id, "trainer", "declined"), (binh.id, "trainer", "offered")]
    assert await states(db, second) == [(an.id, "trainer", "accepted")]


async def test_coordinator_leaves_sessions_of_other_wards(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    an = await add_helper(db, "Lê An")
    here = await add_session(db, starts_at=NOON + 2 * HOUR)
    there = await add_session(db, ward_id="19789", starts_at=NOON + 6 * HOUR)
    for session in (here, there):
        await add_assignment(db, session, an)

    noted = await note_absence(db, an.id, first=MONDAY, last=MONDAY, reason="Ốm", by=by, now=NOON)

    assert (noted.given_back, noted.elsewhere) == (1, 1)
    assert await all_states(db) == [("declined", "Ốm"), ("accepted", "")]


async def test_offer_that_nobody_read_is_not_sent_to_who_is_away(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    await load_wordings(db, by=TEST, now=NOON)
    an = await add_helper(db, "Lê An", phone="+84912345678")
    session = await add_session(db, starts_at=NOON + 2 * DAY, need=(1, 0))
    await offer_picks(db, WARD, [Pick(session.id, "trainer", an.id)], agreed=False, by=by, now=NOON)

    await note_absence(db, an.id, first=WEDNESDAY, last=WEDNESDAY, reason="Ốm", by=by, now=NOON)

    assert [each.state for each in await db.scalars(select(Message))] == ["withdrawn"]


@pytest.mark.parametrize(
    ("first", "last", "reason", "field", "sentence"),
    [
        (TUESDAY, MONDAY, "Ốm", "den", "Ngày cuối phải từ ngày đầu trở đi."),
        (MONDAY - DAY, MONDAY - DAY, "Ốm", "den", "Những ngày này đã qua."),
        (MONDAY, MONDAY + 366 * DAY, "Ốm", "den", "Mỗi lần báo nghỉ nhiều nhất một năm."),
        (MONDAY, MONDAY, "  ", "ly_do", "Xin cho biết lý do, một vài chữ là đủ."),
    ],
)
async def test_absence_that_makes_no_sense_is_refused(
    db: AsyncSession, first: date, last: date, reason: str, field: str, sentence: str
) -> None:
    by = await add_coordinator(db)
    an = await add_helper(db)
    with pytest.raises(InvalidInput) as refused:
        await note_absence(db, an.id, first=first, last=last, reason=reason, by=by, now=NOON)
    assert refused.value.fields == {field: sentence}


async def test_nobody_says_it_for_somebody_else(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    me = await add_own_account(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    an = await add_helper(db)
    far = await add_helper(db, "Võ Xa", ward_id="19789")
    noted = await note_absence(db, an.id, first=MONDAY, last=MONDAY, reason="Ốm", by=by, now=NOON)

    for who, whom in ((me, an), (by, far)):
        with pytest.raises(NotFound):
            await note_absence(db, whom.id, first=MONDAY, last=MONDAY, reason="Ốm", by=who, now=NOON)
    with pytest.raises(NotFound):
        await cancel_absence(db, noted.absence.id, trainer_id=an.id, by=me, now=NOON)
    other = await add_helper(db, "Đỗ Bình")
    with pytest.raises(NotFound):
        await cancel_absence(db, noted.absence.id, trainer_id=other.id, by=by, now=NOON)


async def test_offer_and_absence_at_once_leave_no_one_asked_who_is_away(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        an = await add_helper(db, "Lê An")
        session = await add_session(db, starts_at=NOON + 2 * HOUR, need=(1, 0))
        held = await add_session(db, starts_at=NOON + 6 * HOUR, need=(1, 0))
        await add_assignment(db, held, an, role="trainer")

    async def away() -> None:
        async with sessions.begin() as db:
            await note_absence(db, an.id, first=MONDAY, last=MONDAY, reason="Ốm", by=by, now=NOON)

    async def ask() -> None:
        async with sessions.begin() as db:
            await offer_picks(db, WARD, [Pick(session.id, "trainer", an.id)], agreed=False, by=by, now=NOON)

    outcome = await asyncio.gather(away(), ask(), return_exceptions=True)

    assert outcome[0] is None
    assert outcome[1] is None or isinstance(outcome[1], PicksRefused)
    async with sessions() as db:
        held_state = await db.scalar(select(Assignment.state).where(Assignment.session_id == held.id))
    assert held_state == "declined"


async def test_offer_made_while_an_absence_waits_is_given_back_too(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        an = await add_helper(db, "Lê An")
        session = await add_session(db, starts_at=NOON + 2 * HOUR, need=(1, 0))
    blocked = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )

    async def away() -> int:
        async with sessions.begin() as db:
            noted = await note_absence(db, an.id, first=MONDAY, last=MONDAY, reason="Ốm", by=by, now=NOON)
            return noted.given_back

    async with sessions.begin() as asking:
        await offer_picks(asking, WARD, [Pick(session.id, "trainer", an.id)], agreed=False, by=by, now=NOON)
        waiting = asyncio.create_task(away())
        async with asyncio.timeout(30), engine.connect() as watching:
            while not await watching.scalar(blocked):
                await watching.rollback()
                await asyncio.sleep(0.01)

    assert await waiting == 1
    async with sessions() as db:
        assert await all_states(db) == [("declined", "Ốm")]


async def test_undo_leaves_what_another_absence_or_answer_declined(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    an = await add_helper(db, "Lê An")
    away_twice = await add_session(db, starts_at=NOON + 2 * HOUR)
    said_no = await add_session(db, starts_at=NOON + DAY)
    for session in (away_twice, said_no):
        await add_assignment(db, session, an)
    noted = await note_absence(db, an.id, first=MONDAY, last=TUESDAY, reason="Ốm", by=by, now=NOON)
    await note_absence(db, an.id, first=MONDAY, last=MONDAY, reason="Đi xa", by=by, now=NOON)
    (row,) = await db.scalars(select(Assignment).where(Assignment.session_id == said_no.id))
    await undo_answer(db, row.id, by=by, now=NOON + HOUR)
    await answer(db, row.id, accept=False, reason="Việc nhà", by=by, now=NOON + HOUR)

    undone = await cancel_absence(db, noted.absence.id, trainer_id=an.id, by=by, now=NOON + 1.5 * HOUR)

    assert undone == CancelledAbsence(0, [], still_away=1)
    assert await all_states(db) == [("declined", "Ốm"), ("declined", "Việc nhà")]


async def test_reopened_session_does_not_ask_who_is_away(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    an = await add_helper(db, "Lê An")
    session = await add_session(db, starts_at=NOON + 2 * HOUR)
    await add_assignment(db, session, an)
    await cancel_session(db, session.id, reason="Mưa", by=by, now=NOON)
    await note_absence(db, an.id, first=MONDAY, last=MONDAY, reason="Ốm", by=by, now=NOON)

    done = await reopen_sessions(db, [session.id], by=by, now=NOON + HOUR)

    assert done.left_out == ("Lê An đã báo nghỉ 23/11/2026.",)
    assert [state for _id, _role, state in await states(db, session)] == ["withdrawn"]


async def test_helper_says_so_on_the_page_and_takes_it_back(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD))
        user = await add_user(db, (Role.TRAINER, WARD), email="an@example.org", name="Lê An")
        an = await add_helper(db, "Lê An", user=user)
        session = await add_session(db, title="VNeID", starts_at=NOON + 2 * HOUR, need=(1, 0))
        draft = await add_session(db, title="Bản nháp", starts_at=NOON + 6 * HOUR, published=False)
        for each in (session, draft):
            await add_assignment(db, each, an, role="trainer")
    here = "/viec-cua-toi/nghi"
    days = {"tu": "23/11/2026", "den": "24/11/2026"}
    async with app.client_as("an@example.org") as client:
        home = await client.get("/viec-cua-toi")
        page = await client.get(here)
        part = await client.post(f"{here}/xem", data=days, headers={"hx-request": "true"})
        wrong = await client.post(f"{here}/xem", data={"tu": "31/02/2027"}, headers={"hx-request": "true"})
        refused = await client.post(here, data=days)
        done = await client.post(here, data=days | {"ly_do_san": "Ốm"})
        shown = await client.get(done.headers["location"])
        listed = await client.get(here)
        undo = re.search(r'action="([^"]+/hoan-tac)"', shown.text)
        assert undo is not None
        away = await _states(app)
        back = await client.post(undo[1])
        after = await client.get(back.headers["location"])

    assert f'href="{here}"' in home.text
    assert "1 buổi sẽ được trả lại để tìm người thay VNeID 14h00 thứ Hai 23/11" in text_of(page)
    assert "Bản nháp" not in page.text
    assert "<html" not in part.text
    assert "VNeID" in part.text
    assert "Ngày 31/02/2027 không có" in text_of(wrong)
    assert refused.status_code == 422
    assert "Xin cho biết lý do" in text_of(refused)
    assert 'value="24/11/2026"' in refused.text
    assert "Đã ghi bạn nghỉ 23/11 – 24/11/2026. 2 buổi được trả lại để tìm người thay." in text_of(shown)
    assert "Bỏ ngày nghỉ này: 23/11 – 24/11/2026" in listed.text
    assert away == ["declined", "declined"]
    assert "Đã bỏ ngày nghỉ. 2 buổi lại như trước." in text_of(after)
    assert await _states(app) == ["accepted", "accepted"]


async def test_coordinator_notes_it_for_a_helper_who_phones(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_ward(db, ward_id="19789", name="Thuận Hóa")
        await add_user(db, (Role.COORDINATOR, WARD))
        await add_user(db, (Role.VIEWER, WARD), email="xem@example.org")
        an = await add_helper(db, "Lê An")
        far = await add_helper(db, "Võ Xa", ward_id="19789")
        session = await add_session(db, title="VNeID", starts_at=NOON + 2 * HOUR, need=(1, 0))
        await add_assignment(db, session, an, role="trainer")
    here = f"/nguoi-day/{WARD}/{an.id}/bao-nghi"
    async with app.client_as("ha@example.org") as client:
        helper = await client.get(f"/nguoi-day/{WARD}/{an.id}")
        part = await client.get(here, headers={"hx-request": "true"})
        done = await client.post(here, data={"tu": "23/11/2026", "ly_do": "sốt"})
        week = await client.get(done.headers["location"])
        other = await client.get(f"/nguoi-day/{WARD}/{far.id}/bao-nghi")
        back = await client.post(f"{here}/1/hoan-tac")
        after = await client.get(back.headers["location"])
    async with app.client_as("xem@example.org") as client:
        forbidden = await client.post(here, data={"ly_do": "sốt"})

    assert f'hx-get="{here}"' in helper.text
    assert "Chưa báo nghỉ ngày nào." in text_of(part)
    assert "Đã ghi Lê An nghỉ 23/11/2026. 1 buổi được trả lại để tìm người thay." in text_of(week)
    assert "1 người không đến được, chưa có người thay Lê An Gấp sốt · VNeID" in text_of(week)
    assert f'action="{here}/1/hoan-tac"' in week.text
    assert (other.status_code, forbidden.status_code) == (404, 403)
    assert "1 buổi lại như trước." in text_of(after)
    assert await _states(app) == ["accepted"]


async def _states(app: TestApp) -> list[str]:
    async with app.sessions() as db:
        return [row.state for row in await db.scalars(select(Assignment).order_by(Assignment.id))]


async def test_database_refuses_absences_that_make_no_sense(db: AsyncSession) -> None:
    await add_ward(db)
    an = await add_helper(db)
    for last, reason in ((MONDAY - DAY, "Ốm"), (MONDAY + 366 * DAY, "Ốm"), (MONDAY, "")):
        row = insert(Absence).values(trainer_id=an.id, first=MONDAY, last=last, reason=reason, noted_at=NOON)
        async with db.begin_nested() as savepoint:
            with pytest.raises(IntegrityError, match="ck_absence"):
                await db.execute(row)
            await savepoint.rollback()
