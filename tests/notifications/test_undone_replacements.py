"""Undoing a replacement: who is in the place, and which texts go."""

import re
from datetime import date, time, timedelta
from functools import partial

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import clock
from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from notifications.models import Message
from notifications.queries.replacement_texts import told_of_replacement
from scheduling.errors import HelperBusy, NotPossibleNow
from scheduling.models import Assignment, ClassSession
from staffing.models import Absence
from staffing.service.answers import answer
from staffing.service.assignments import replace
from staffing.service.offers import offer_assignments
from staffing.service.undone_replacements import undo_replacement
from tests.conftest import TestApp
from tests.factories import NOON
from tests.notifications.scenario import LAN, MINH, add_city, add_class
from tests.notifications.series_texts import add_trainer, assignment, coordinator, gone, said
from tests.staffing.test_staffing_pages import Scene as Staffing
from tests.staffing.test_staffing_pages import scene, text_of
from trainers.models import Trainer

NIGHT = clock.at(date(2026, 11, 23), time(22))
SOON = NOON + timedelta(minutes=1)
ABOUT_HELPERS = ("assignment_offered", "cover_wanted", "assignment_withdrawn")

Scene = tuple[ClassSession, Actor, Trainer, Trainer]


async def replaced(db: AsyncSession, *, agreed: bool = True) -> Scene:
    """Minh was asked yesterday and has read of it; now Bình is put in his place."""
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh, binh = await add_trainer(db, "Ngô Văn Minh", MINH), await add_trainer(db, "Đỗ Bình", LAN)
    before = NOON - timedelta(days=1)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=agreed, by=by, now=before)
    await gone(db, at=before)
    row = await assignment(db, session, minh)
    await replace(db, row.id, binh.id, reason="Nhầm", agreed=False, by=by, now=NOON)
    return session, by, minh, binh


async def states(db: AsyncSession, session: ClassSession, *trainers: Trainer) -> list[str]:
    return [(await assignment(db, session, each)).state for each in trainers]


async def texts(db: AsyncSession) -> list[tuple[str, str]]:
    return [(purpose, state) for purpose, state, _text in await said(db, *ABOUT_HELPERS)]


@pytest.mark.parametrize("agreed", [True, False])
async def test_undone_replacement_restores_the_answer_and_sends_nothing(
    db: AsyncSession, *, agreed: bool
) -> None:
    session, by, minh, binh = await replaced(db, agreed=agreed)
    row = await assignment(db, session, minh)
    sent = [("assignment_offered", "sent")] if not agreed else []
    assert sorted(await texts(db)) == sorted(
        [*sent, ("cover_wanted", "planned"), ("assignment_withdrawn", "planned")]
    )

    done = await undo_replacement(db, session.id, row.id, replaced_at=NOON, by=by, now=SOON)

    assert done.restored
    assert await states(db, session, minh, binh) == ["accepted" if agreed else "offered", "withdrawn"]
    assert (row.answered_at, row.accepted_at, row.reason) == (
        NOON - timedelta(days=1) if agreed else None,
        None,
        "",
    )
    assert sorted(await texts(db)) == sorted(
        [*sent, ("cover_wanted", "withdrawn"), ("assignment_withdrawn", "withdrawn")]
    )
    with pytest.raises(NotPossibleNow, match="đã được hoàn tác"):
        await undo_replacement(db, session.id, row.id, replaced_at=NOON, by=by, now=SOON)


async def test_offer_that_the_replacement_withdrew_is_planned_again(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh, binh = await add_trainer(db, "Ngô Văn Minh", MINH), await add_trainer(db, "Đỗ Bình", LAN)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NIGHT)
    row = await assignment(db, session, minh)
    await replace(db, row.id, binh.id, reason="Nhầm", agreed=False, by=by, now=NIGHT)
    assert ("assignment_withdrawn", "planned") not in await texts(db)  # he has not read of the offer

    await undo_replacement(db, session.id, row.id, replaced_at=NIGHT, by=by, now=NIGHT)

    assert sorted(await texts(db)) == [
        ("assignment_offered", "planned"),
        ("assignment_offered", "withdrawn"),
        ("cover_wanted", "withdrawn"),
    ]


async def test_who_declined_stays_declined_and_the_place_is_open(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    by = await coordinator(db)
    minh, binh = await add_trainer(db, "Ngô Văn Minh", MINH), await add_trainer(db, "Đỗ Bình", LAN)
    await offer_assignments(db, [session.id], [minh.id], role="helper", agreed=False, by=by, now=NOON)
    row = await assignment(db, session, minh)
    await answer(db, row.id, accept=False, reason="Ốm", by=by, now=NOON)
    await replace(db, row.id, binh.id, reason="", agreed=True, by=by, now=SOON)

    done = await undo_replacement(db, session.id, row.id, replaced_at=SOON, by=by, now=SOON)

    assert not done.restored
    assert await states(db, session, minh, binh) == ["declined", "withdrawn"]
    assert row.reason == "Ốm"


@pytest.mark.parametrize(
    ("accept", "sentence"), [(True, "Đỗ Bình đã nhận lời"), (False, "Đỗ Bình đã báo bận")]
)
async def test_undo_is_refused_once_the_asked_has_answered(
    db: AsyncSession, *, accept: bool, sentence: str
) -> None:
    session, by, minh, binh = await replaced(db)
    row, asked = await assignment(db, session, minh), await assignment(db, session, binh)
    await answer(db, asked.id, accept=accept, reason="Bận", by=by, now=SOON)

    with pytest.raises(NotPossibleNow, match=sentence):
        await undo_replacement(db, session.id, row.id, replaced_at=NOON, by=by, now=SOON)

    assert row.state == "replaced"


async def test_undo_is_refused_where_the_helper_is_away_by_now(db: AsyncSession) -> None:
    session, by, minh, _binh = await replaced(db)
    row = await assignment(db, session, minh)
    day = clock.local_day(session.starts_at)
    db.add(Absence(trainer_id=minh.id, first=day, last=day, reason="Ốm", noted_at=NOON))
    await db.flush()

    with pytest.raises(HelperBusy, match="Ngô Văn Minh đã báo nghỉ"):
        await undo_replacement(db, session.id, row.id, replaced_at=NOON, by=by, now=SOON)


async def test_nobody_undoes_a_replacement_of_another_instant(db: AsyncSession) -> None:
    session, by, minh, _binh = await replaced(db)
    row = await assignment(db, session, minh)

    with pytest.raises(NotFound):
        await undo_replacement(db, session.id, row.id, replaced_at=SOON, by=by, now=SOON)


async def test_who_was_told_of_a_replacement_is_known(db: AsyncSession) -> None:
    session, _by, minh, binh = await replaced(db)
    told_of = partial(
        told_of_replacement, db, session.id, before_id=minh.id, asked_id=binh.id, replaced_at=NOON
    )
    assert await told_of() is None

    await gone(db, at=SOON)

    told = await told_of()
    assert told in [(minh.id, SOON), (binh.id, SOON)]


async def replaced_by_page(app: TestApp, client: httpx.AsyncClient, s: Staffing) -> str:
    """An is replaced; the address of the undo button that the next page shows."""
    async with app.sessions.begin() as db:
        await db.execute(update(Trainer).where(Trainer.id == s.binh).values(phone="+84912345678"))
    form = {"nguoi": [str(s.binh)], "ly_do": "bận việc"}
    done = await client.post(f"/buoi/{s.session}/phan-cong/{s.row}/thay", data=form)
    shown = await client.get(done.headers["location"])
    button = re.search(r'action="([^"]+/thay/hoan-tac[^"]*)"', shown.text)
    assert button is not None
    return button[1].replace("&amp;", "&")


async def test_one_press_undoes_a_replacement(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        undo = await replaced_by_page(app, client, s)
        undone = await client.post(undo)
        shown = await client.get(undone.headers["location"])
        again = await client.post(undo)
        repeated = await client.get(again.headers["location"])
        unknown = [await client.post(undo.partition("?")[0] + query) for query in ("", "?luc=x")]

    assert "Đã hoàn tác: Lê An lại ở trong buổi, " in text_of(shown)
    assert "Việc này đã được hoàn tác, hoặc " in text_of(repeated)
    assert [each.status_code for each in unknown] == [404, 404]
    async with app.sessions() as db:
        rows = await db.execute(select(Assignment.trainer_id, Assignment.state).order_by(Assignment.id))
        assert {tuple(row) for row in rows} >= {(s.an, "offered"), (s.binh, "withdrawn")}


async def test_undo_says_that_the_text_has_gone(app: TestApp) -> None:
    s = await scene(app)
    async with app.client_as("ha@example.org") as client:
        undo = await replaced_by_page(app, client, s)
        async with app.sessions.begin() as db:
            await db.execute(
                update(Message)
                .where(Message.purpose == "cover_wanted")
                .values(state="sent", sent_at=app.clock.now, finished_at=app.clock.now)
            )
        refused = await client.post(undo)
        shown = await client.get(refused.headers["location"])

    assert "Tin cho Công Tằng Tôn Nữ Thị Ngọc Ưỡn đã đi lúc" in text_of(shown)
    async with app.sessions() as db:
        found = await db.scalar(select(Assignment.state).where(Assignment.id == s.row))
    assert found == "replaced"
