"""Undoing a change of a series: everything is as before, and nobody hears of it."""

import asyncio
import re
from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from invitations.models import Invite, Mail, MailInvite
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.errors import NotFound
from notifications.delivery.claiming import DueFilter, claim
from notifications.models import Message
from notifications.queries.series_change_texts import change_news
from notifications.service.open_messages import open_messages
from scheduling.errors import HelperBusy, NotPossibleNow, RoomTaken
from scheduling.models import ClassSession, Series, SeriesChange
from scheduling.queries.series_history import change_of, last_change
from scheduling.queries.series_state import series_state
from scheduling.rules.plan import SessionChange
from scheduling.service.changes import change_session
from scheduling.service.series import plan_series
from scheduling.service.series_changes import change_series
from scheduling.service.sessions import cancel_session, plan_session, publish_sessions
from scheduling.service.undone_series_changes import undo_series_change
from tests.classroom import add_learner, enrol
from tests.conftest import TestApp
from tests.factories import NOON
from tests.planning import WARD, Planning, add_planning, add_trainer, assign, slot
from tests.scheduling.series_changes import starts_in_words, tuesdays
from wordings.rules.facts import REMINDERS
from wordings.service.shipped import load_wordings

THURSDAY = SessionChange(day=date(2026, 12, 17))
OPEN = ("planned", "claimed")


async def _published(db: AsyncSession) -> tuple[Planning, list[ClassSession]]:
    """Four Tuesdays with a learner and a helper who read texts and mails."""
    here = await add_planning(db)
    await load_wordings(db, by=here.by, now=NOON)
    sessions = list(await tuesdays(db, here))
    learner = await add_learner(db, "Trần Thị Ánh", phone="+84905123456")
    helper = await add_trainer(db)
    helper.phone = "+84914123456"
    helper.email = "phuoc@example.org"
    for each in sessions:
        await enrol(db, each, learner)
        await assign(db, each, helper)
    await publish_sessions(db, [each.id for each in sessions], by=here.by, now=NOON)
    return here, sessions


async def _move(db: AsyncSession, here: Planning, session_id: int, change: SessionChange = THURSDAY) -> int:
    done = await change_series(db, session_id, change, scope="following", by=here.by, now=NOON)
    assert done.change_id is not None
    return done.change_id


async def _open_texts(db: AsyncSession) -> list[tuple[str, str]]:
    rows = await db.execute(
        select(Message.purpose, Message.body)
        .where(Message.state.in_(OPEN))
        .order_by(Message.due_at, Message.id)
    )
    return sorted((row.purpose, row.body) for row in rows)


async def test_undone_weekday_gives_sessions_and_rule_back(db: AsyncSession) -> None:
    here, sessions = await _published(db)
    series_id = sessions[0].series_id or 0
    before, texts = await series_state(db, WARD, series_id), await _open_texts(db)
    sequences = {each.uid: each.sequence for each in await db.scalars(select(Invite))}
    change_id = await _move(db, here, sessions[1].id)
    assert len((await db.scalars(select(Series.id))).all()) == 2

    done = await undo_series_change(db, WARD, change_id, by=here.by, now=NOON)

    after = await series_state(db, WARD, series_id)
    assert after.rules == before.rules
    assert (done.series_id, done.session_ids) == (series_id, tuple(each.id for each in sessions[1:]))
    for number, each in before.sessions.items():
        grown = 0 if number == sessions[0].id else 2
        assert after.sessions[number] == each | {"version": each["version"] + grown}
    assert (await db.scalars(select(Series.id))).all() == [series_id]
    assert await _open_texts(db) == texts
    for invite in await db.scalars(select(Invite).execution_options(populate_existing=True)):
        moved = invite.session_id != sessions[0].id
        assert (invite.sequence > sequences[invite.uid]) is moved
        assert invite.session_version == after.sessions[invite.session_id]["version"]


@pytest.mark.parametrize(
    "change",
    [
        SessionChange(starts_at=time(9)),
        SessionChange(day=date(2026, 12, 22)),
        SessionChange(title="Dùng Zalo", capacity=40, need_helpers=1),
    ],
    ids=["hour", "a week later", "words and numbers"],
)
async def test_each_kind_of_change_is_undone(db: AsyncSession, change: SessionChange) -> None:
    here, sessions = await _published(db)
    before, texts = await series_state(db, WARD, sessions[0].series_id or 0), await _open_texts(db)
    change_id = await _move(db, here, sessions[1].id, change)

    await undo_series_change(db, WARD, change_id, by=here.by, now=NOON)

    after = await series_state(db, WARD, sessions[0].series_id or 0)
    assert after.rules == before.rules
    without = [
        {number: {**each, "version": 0} for number, each in state.sessions.items()}
        for state in (before, after)
    ]
    assert without[0] == without[1]
    assert await _open_texts(db) == texts


async def test_undone_change_of_place_sends_nothing(db: AsyncSession) -> None:
    here, sessions = await _published(db)
    texts = await _open_texts(db)
    place = here.details(words="Sân đình").place
    change_id = await _move(db, here, sessions[0].id, SessionChange(place=place))
    assert {each.place for each in await db.scalars(select(ClassSession))} == {"Sân đình"}

    await undo_series_change(db, WARD, change_id, by=here.by, now=NOON)

    assert await _open_texts(db) == texts


async def test_earlier_move_of_which_nobody_read_is_still_told(db: AsyncSession) -> None:
    here, sessions = await _published(db)
    await change_series(
        db, sessions[0].id, SessionChange(starts_at=time(9)), scope="all", by=here.by, now=NOON
    )
    old = {each.id: each.original_start for each in sessions}
    change_id = await _move(db, here, sessions[1].id)

    await undo_series_change(db, WARD, change_id, by=here.by, now=NOON + timedelta(minutes=1))

    notices = await open_messages(db, old, ("helper_moved",))
    assert {number: start for each in notices for number, start in each.old_starts.items()} == old
    assert all("09h00 thu Ba" in each.body for each in notices)


async def test_undone_twice_or_after_another_change_is_refused(db: AsyncSession) -> None:
    here, sessions = await _published(db)
    first = await _move(db, here, sessions[1].id)
    await change_session(db, sessions[2].id, SessionChange(starts_at=time(15)), by=here.by, now=NOON)

    with pytest.raises(NotPossibleNow, match="đã được đổi tiếp"):
        await undo_series_change(db, WARD, first, by=here.by, now=NOON)

    second = await _move(db, here, sessions[0].id, SessionChange(starts_at=time(10)))
    await undo_series_change(db, WARD, second, by=here.by, now=NOON)
    with pytest.raises(NotPossibleNow, match="đã được hoàn tác"):
        await undo_series_change(db, WARD, second, by=here.by, now=NOON)


async def test_undo_after_cancelling_one_session_is_refused(db: AsyncSession) -> None:
    here, sessions = await _published(db)
    change_id = await _move(db, here, sessions[1].id)
    await cancel_session(db, sessions[3].id, reason="Mưa lớn", by=here.by, now=NOON)

    with pytest.raises(NotPossibleNow, match="đã được đổi tiếp"):
        await undo_series_change(db, WARD, change_id, by=here.by, now=NOON)


async def test_room_or_helper_taken_meanwhile_refuses_undo(db: AsyncSession) -> None:
    here, sessions = await _published(db)
    change_id = await _move(db, here, sessions[1].id)
    taken = await plan_session(
        db, WARD, here.details(title="Zalo"), slot(date(2026, 12, 22)), by=here.by, now=NOON
    )

    with pytest.raises(RoomTaken, match="Zalo"):
        async with db.begin_nested():
            await undo_series_change(db, WARD, change_id, by=here.by, now=NOON)

    taken.room_id, taken.place = None, "Sân đình"
    await db.flush()
    helper = await db.scalar(select(Invite.trainer_id).where(Invite.trainer_id.is_not(None)))
    busy = await add_trainer(db, "Lê Văn Bận")
    for each in (taken, sessions[2]):
        await assign(db, each, busy)
    assert helper is not None
    with pytest.raises(HelperBusy, match="Lê Văn Bận"):
        await undo_series_change(db, WARD, change_id, by=here.by, now=NOON)


async def test_session_that_began_or_another_ward_is_refused(db: AsyncSession) -> None:
    here, sessions = await _published(db)
    change_id = await _move(db, here, sessions[1].id)

    with pytest.raises(NotPossibleNow, match="đã bắt đầu"):
        await undo_series_change(
            db, WARD, change_id, by=here.by, now=sessions[1].original_start + timedelta(minutes=1)
        )
    with pytest.raises(NotFound):
        await undo_series_change(db, "00000", change_id, by=here.by, now=NOON)


async def test_news_of_change_says_when_the_first_text_went(db: AsyncSession) -> None:
    here, sessions = await _published(db)
    await _move(db, here, sessions[1].id)
    change = await last_change(db, WARD, sessions[0].series_id or 0, now=NOON)
    assert change is not None
    assert (change.number, change.anchor and change.anchor[0].id) == (3, sessions[1].id)
    news = await change_news(db, change.versions, changed_at=change.changed_at)
    assert news.first_gone_at is None
    assert news.next_due_at is not None

    about = [Message.session_id == sessions[1].id, Message.session_version == 2]
    notice = (await db.scalars(select(Message).where(*about).order_by(Message.id))).first()
    assert notice is not None
    notice.state, notice.sent_at = "sent", NOON + timedelta(minutes=2)
    await db.flush()

    gone = await change_news(db, change.versions, changed_at=change.changed_at)
    assert gone.first_gone_at == NOON + timedelta(minutes=2)


async def _everybody_has_read(db: AsyncSession) -> None:
    """All texts and mails planned so far went."""
    await db.execute(
        update(Message)
        .where(Message.state == "planned", Message.purpose.not_in(REMINDERS))
        .values(state="sent", sent_at=NOON, finished_at=NOON)
    )
    await db.execute(
        update(MailInvite)
        .values(sequence=Invite.sequence, session_version=Invite.session_version)
        .where(Invite.id == MailInvite.invite_id)
    )
    await db.execute(update(Mail).values(state="sent", sent_at=NOON, finished_at=NOON))


async def test_who_has_read_the_old_time_hears_neither_of_change_nor_undo(db: AsyncSession) -> None:
    here, sessions = await _published(db)
    await _everybody_has_read(db)
    texts = await _open_texts(db)
    later = NOON + timedelta(hours=1)
    done = await change_series(db, sessions[1].id, THURSDAY, scope="following", by=here.by, now=later)
    assert {purpose for purpose, _body in await _open_texts(db)} >= {"session_moved", "helper_moved"}
    in_mails = select(func.count(MailInvite.invite_id)).join(Mail).where(Mail.state == "planned")
    assert await db.scalar(in_mails) == 3

    await undo_series_change(db, WARD, done.change_id or 0, by=here.by, now=later)

    assert await _open_texts(db) == texts
    assert await db.scalar(in_mails) == 0


async def test_worker_takes_no_text_of_a_change_that_is_being_undone(engine: AsyncEngine) -> None:
    sessions_of = database.session_maker(engine, LISTENERS)
    async with sessions_of.begin() as db:
        here, sessions = await _published(db)
        await _everybody_has_read(db)
    later = NOON + timedelta(hours=1)
    async with sessions_of.begin() as db:
        done = await change_series(db, sessions[1].id, THURSDAY, scope="following", by=here.by, now=later)
    due = DueFilter(urgent=False, message_class="operations", most=100)
    async with sessions_of.begin() as db:
        change = await change_of(db, WARD, sessions[1].series_id or 0, done.change_id or 0, now=later)
        await undo_series_change(db, WARD, done.change_id or 0, by=here.by, now=later)
        async with engine.begin() as worker:
            assert await claim(worker, due, lease=timedelta(minutes=1), now=later) == ([], {})
        assert change is not None
        assert (await change_news(db, change.versions, changed_at=later)).first_gone_at is None

    async with engine.begin() as worker:
        assert await claim(worker, due, lease=timedelta(minutes=1), now=later) == ([], {})


async def test_two_undo_at_once_and_one_wins(engine: AsyncEngine) -> None:
    sessions_of = database.session_maker(engine, LISTENERS)
    async with sessions_of.begin() as db:
        here, sessions = await _published(db)
        change_id = await _move(db, here, sessions[1].id)

    async def undo() -> str:
        try:
            async with sessions_of.begin() as db:
                await undo_series_change(db, WARD, change_id, by=here.by, now=NOON)
        except NotPossibleNow as refusal:
            return refusal.sentence
        return "undone"

    answers = sorted(await asyncio.gather(undo(), undo(), undo()))

    assert answers[0] == "undone" or answers[-1] == "undone"
    assert answers.count("undone") == 1
    async with sessions_of() as db:
        assert (await starts_in_words(db))[1] == "T3 15/12 08:30"
        assert (await db.scalars(select(SeriesChange.undone_at))).all() == [NOON]


async def test_undo_by_page_until_a_text_went_then_the_change_back(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        _here, sessions = await _published(db)
        await _everybody_has_read(db)
        series_id, ids = sessions[0].series_id, [each.id for each in sessions]
    change = {"pham_vi": "all", "thu": "3", "since": "8h30", "until": "10h", "capacity": "25"}
    place = {"room": str(sessions[0].room_id), "title": sessions[0].title}
    form = {**change, **place, "pick": [str(each) for each in ids]}
    here = f"/lich/{WARD}/chuoi/{series_id}"
    async with app.client_as("ha@example.org") as client:
        none = await client.get(f"{here}/lan-doi")
        await client.post(f"/buoi/{ids[0]}/sua", data=form)
        shown = await client.get(f"{here}/lan-doi", headers={"HX-Request": "true"})
        undo = re.search(r'action="([^"]+hoan-tac[^"]+)"', shown.text)
        assert undo is not None
        undone = await client.post(undo[1])
        after = await client.get(undone.headers["location"])
        again = await client.post(undo[1])
        await client.post(f"/buoi/{ids[0]}/sua", data=form)
        async with app.sessions.begin() as db:
            told = update(Message).where(Message.purpose == "session_moved", Message.state == "planned")
            await db.execute(told.values(state="sent", sent_at=NOON, finished_at=NOON))
        told_page = await client.get(f"{here}/lan-doi")
        last = re.search(r"doi=(\d+)", undo[1])
        assert last is not None
        late = await client.post(f"{here}/lan-doi/hoan-tac?doi={int(last[1]) + 1}")
        back = await client.get(late.headers["location"])
        stranger = await client.post(f"{here}/lan-doi/hoan-tac?doi=999999")

    assert "Không có lần đổi nào để hoàn tác" in none.text
    assert "Lần đổi gần nhất: 4 buổi" in shown.text
    assert "Đã hoàn tác: 4 buổi lại như trước. Không ai nhận tin." in after.text
    assert again.headers["location"] == here
    assert "không hoàn tác được nữa" in told_page.text
    assert late.headers["location"].startswith(
        f"/buoi/{ids[0]}/sua/xem-truoc?pham_vi=following&day=2026-12-08"
    )
    assert back.status_code == 200
    assert back.text.count("8/12") > 0
    assert stranger.status_code == 404


async def test_undo_of_a_split_pressed_twice_says_so_on_the_page_of_the_series(app: TestApp) -> None:
    """The split's own series is gone by then: the button leads to the one it was split from."""
    async with app.sessions.begin() as db:
        here, sessions = await _published(db)
        await _everybody_has_read(db)
        plan = here.weekly(room=here.small, title="Dùng VNeID")
        other = await plan_series(db, WARD, plan, by=here.by, now=NOON)
        elsewhere = f"/lich/{WARD}/chuoi/{other.series.id}"
        origin, second = sessions[0].series_id, sessions[1]
        form = {"pham_vi": "following", "thu": "3", "since": "8h30", "until": "10h", "capacity": "25"}
        place = {"room": str(second.room_id), "title": second.title}
        pick = [str(each.id) for each in sessions[1:]]
    async with app.client_as("ha@example.org") as client:
        await client.post(f"/buoi/{second.id}/sua", data={**form, **place, "pick": pick})
        shown = await client.get(f"/buoi/{second.id}")
        undo = re.search(r'action="([^"]+hoan-tac[^"]+)"', shown.text)
        assert undo is not None
        astray = await client.post(undo[1].replace(f"/lich/{WARD}/chuoi/{origin}", elsewhere))
        async with app.sessions() as db:
            split = await db.scalar(select(func.count()).select_from(Series))
        await client.post(undo[1])
        again = await client.post(undo[1])
        page = await client.get(again.headers["location"])

    assert split == 3
    assert astray.status_code == 404
    assert again.headers["location"] == f"/lich/{WARD}/chuoi/{origin}"
    assert page.status_code == 200
    assert "Lần đổi này đã được hoàn tác từ trước." in page.text
