"""Helpers' answers to offers, and when an answer comes too late."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from lopso.kernel import db as database
from lopso.kernel.access import Actor, Role
from lopso.kernel.errors import InvalidInput, NotFound
from scheduling.errors import HelperBusy, NotPossibleNow
from scheduling.events import AssignmentsChanged, TrainersBySession
from scheduling.models import Assignment, ClassSession
from scheduling.service.locking import lock_helpers, lock_sessions
from scheduling.service.sessions import cancel_session
from staffing.service.answers import accept_series, answer, undo_answer
from staffing.service.assignments import replace, withdraw
from tests.factories import (
    NOON,
    actor_for,
    add_assignment,
    add_course,
    add_helper,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from trainers.models import Trainer


@dataclass
class Scene:
    """A published session with one helper asked into it."""

    session: ClassSession
    helper: Trainer
    row: Assignment
    me: Actor
    coordinator: Actor


async def scene(db: AsyncSession, *, published: bool = True) -> Scene:
    await add_ward(db)
    roles: Sequence[tuple[Role, str | None]] = [(Role.TRAINER, "19753")]
    user = await add_user(db, *roles, name="Lê An", email="an@example.org")
    coordinator = await add_user(db, (Role.COORDINATOR, "19753"))
    helper = await add_helper(db, "Lê An", user=user)
    session = await add_session(db, published=published)
    row = await add_assignment(db, session, helper, state="offered")
    return Scene(
        session, helper, row, actor_for(user, *roles), actor_for(coordinator, (Role.COORDINATOR, "19753"))
    )


def heard_in(db: AsyncSession) -> list[tuple[TrainersBySession, TrainersBySession, TrainersBySession]]:
    facts: list[tuple[TrainersBySession, TrainersBySession, TrainersBySession]] = []

    async def hear(_db: AsyncSession, fact: Any) -> None:
        facts.append((fact.offered, fact.accepted, fact.declined))

    db.info["listeners"] = {AssignmentsChanged: [hear]}
    return facts


async def test_answer_changed_while_place_is_open_is_kept(db: AsyncSession) -> None:
    s = await scene(db)
    facts = heard_in(db)

    await answer(db, s.row.id, accept=True, by=s.me, now=NOON)
    assert (s.row.state, s.row.answered_at) == ("accepted", NOON)
    await answer(db, s.row.id, accept=False, reason=" Có việc  nhà ", by=s.me, now=NOON)
    assert (s.row.state, s.row.reason) == ("declined", "Có việc nhà")
    await answer(db, s.row.id, accept=True, by=s.me, now=NOON)
    assert (s.row.state, s.row.reason) == ("accepted", "")

    me = ((s.session.id, (s.helper.id,)),)
    assert facts == [((), me, ()), ((), (), me), ((), me, ())]


async def test_same_answer_twice_changes_nothing(db: AsyncSession) -> None:
    s = await scene(db)
    await answer(db, s.row.id, accept=True, by=s.me, now=NOON)
    facts = heard_in(db)

    await answer(db, s.row.id, accept=True, by=s.me, now=NOON + timedelta(hours=1))

    assert (s.row.answered_at, facts) == (NOON, [])


async def test_declining_without_reason_is_refused(db: AsyncSession) -> None:
    s = await scene(db)
    with pytest.raises(InvalidInput) as refusal:
        await answer(db, s.row.id, accept=False, reason=" \n", by=s.me, now=NOON)
    assert refusal.value.fields == {"ly_do": "Xin cho biết lý do, một vài chữ là đủ."}
    assert s.row.state == "offered"


@pytest.mark.parametrize("accept", [True, False])
async def test_undone_answer_is_an_offer_again(db: AsyncSession, accept: bool) -> None:
    s = await scene(db)
    await answer(db, s.row.id, accept=accept, reason="bận", by=s.me, now=NOON)

    await undo_answer(db, s.row.id, by=s.me, now=NOON)
    await undo_answer(db, s.row.id, by=s.me, now=NOON)

    assert (s.row.state, s.row.reason, s.row.answered_at) == ("offered", "", None)


async def test_accepting_a_series_while_its_later_session_is_staffed_deadlocks_nobody(
    engine: AsyncEngine,
) -> None:
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        s = await scene(db)
        series = await add_series(db, course=await add_course(db))
        later = await add_session(db, starts_at=s.session.starts_at + timedelta(days=7))
        s.session.series_id = later.series_id = series.id
        await add_assignment(db, later, s.helper, state="offered")

    async def accept() -> int:
        async with sessions.begin() as db:
            return await accept_series(db, s.row.id, by=s.me, now=NOON)

    async with sessions.begin() as db:
        await lock_sessions(db, [later.id])
        accepting = asyncio.create_task(accept())
        await asyncio.sleep(0.3)  # by now it waits for the later session
        await lock_helpers(db, [s.helper.id])
    assert await accepting == 2


async def test_answer_after_start_is_refused(db: AsyncSession) -> None:
    s = await scene(db)
    begun = s.session.starts_at
    for late in (
        answer(db, s.row.id, accept=True, by=s.me, now=begun),
        answer(db, s.row.id, accept=False, reason="bận", by=s.me, now=begun),
        undo_answer(db, (await accepted_elsewhere(db, s)).id, by=s.me, now=begun + timedelta(days=9)),
    ):
        with pytest.raises(NotPossibleNow, match="đã bắt đầu"):
            await late


async def accepted_elsewhere(db: AsyncSession, s: Scene) -> Assignment:
    other = await add_session(db, title="Chợ số", starts_at=s.session.ends_at)
    return await add_assignment(db, other, s.helper)


async def test_answer_to_ended_offer_is_refused_with_its_state(db: AsyncSession) -> None:
    s = await scene(db)
    other = await accepted_elsewhere(db, s)
    third = await add_assignment(
        db,
        await add_session(db, title="Ngày hội", starts_at=s.session.starts_at + timedelta(days=1)),
        s.helper,
    )
    await withdraw(db, other.id, reason="đổi lịch", by=s.coordinator, now=NOON)
    chi = await add_helper(db, "Hồ Chi")
    await replace(db, third.id, chi.id, reason="đổi", agreed=False, by=s.coordinator, now=NOON)
    await cancel_session(db, s.session.id, reason="Mưa lớn", by=s.coordinator, now=NOON)

    for row, sentence in (
        (s.row, "Buổi này đã hủy, không cần trả lời nữa."),
        (other, "Phân công này đã được rút, không cần trả lời nữa."),
        (third, "Buổi này đã có người khác thay, không cần trả lời nữa."),
    ):
        with pytest.raises(NotPossibleNow) as refusal:
            await answer(db, row.id, accept=True, by=s.me, now=NOON)
        assert refusal.value.sentence == sentence


async def test_accepting_after_declining_is_refused_when_place_is_filled(db: AsyncSession) -> None:
    s = await scene(db)
    s.session.need_helpers = 1
    await answer(db, s.row.id, accept=False, reason="bận", by=s.me, now=NOON)
    await add_assignment(db, s.session, await add_helper(db, "Hồ Chi"), state="offered")

    for back in (
        answer(db, s.row.id, accept=True, by=s.me, now=NOON),
        undo_answer(db, s.row.id, by=s.me, now=NOON),
    ):
        with pytest.raises(NotPossibleNow, match="đã có người nhận thay"):
            await back


async def test_accepting_after_declining_names_the_clash(db: AsyncSession) -> None:
    s = await scene(db)
    await answer(db, s.row.id, accept=False, reason="bận", by=s.me, now=NOON)
    await add_assignment(db, await add_session(db, title="Chợ số"), s.helper)

    with pytest.raises(HelperBusy) as refusal:
        await answer(db, s.row.id, accept=True, by=s.me, now=NOON)

    # A helper sees no calendar, but may of course read about the own work.
    assert refusal.value.sentence == "Lê An đã có “Chợ số”, thứ Năm 26/11, 14h00 – 16h00."


async def test_coordinator_records_answer_given_on_phone(db: AsyncSession) -> None:
    s = await scene(db, published=False)

    await answer(db, s.row.id, accept=True, by=s.coordinator, now=NOON)

    assert s.row.state == "accepted"


async def test_other_helpers_and_drafts_are_not_found(db: AsyncSession) -> None:
    s = await scene(db, published=False)
    stranger = actor_for(await add_user(db, email="b@example.org"), (Role.TRAINER, "19753"))
    with pytest.raises(NotFound):
        await answer(db, s.row.id, accept=True, by=s.me, now=NOON)  # a draft tells nobody
    s.session.published_at = NOON
    await db.flush()
    for nobody in (stranger, Actor(None, "")):
        with pytest.raises(NotFound):
            await answer(db, s.row.id, accept=True, by=nobody, now=NOON)
        with pytest.raises(NotFound):
            await undo_answer(db, s.row.id, by=nobody, now=NOON)
    with pytest.raises(NotFound):
        await answer(db, 999_999, accept=True, by=s.coordinator, now=NOON)
