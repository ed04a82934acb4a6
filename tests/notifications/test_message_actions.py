"""Actions of staff: hold, withdraw, restore, resend, resolve."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from lopso.kernel import audit, clock
from lopso.kernel.events import publish
from notifications.errors import BudgetUsedUp, NoMatchingMessages
from notifications.models import DeliveryEvent, Message, MessageRecipient, ReminderPolicy, WardMonth
from notifications.queries.batches import session_batches
from notifications.queries.call_list import learners_to_call
from notifications.queries.days import day_batches
from notifications.service.message_actions import (
    hold,
    preview_resend,
    put_back,
    release,
    reopen,
    resolve,
    send_again,
    withdraw,
)
from notifications.service.message_selection import MessageSelection
from notifications.service.planning.seats import replan_reminders
from scheduling.events import SessionsMoved
from scheduling.models import ClassSession
from tests.classroom import WARD
from tests.factories import NOON, TEST
from tests.notifications.reminders import EVE, MORNING, a_class, rows, set_state
from tests.notifications.scenario import LAN, MINH, THURSDAY


async def test_held_message_waits_until_released(db: AsyncSession) -> None:
    session = await a_class(db, LAN, MINH)
    [first, _second] = await rows(db)

    held = await hold(db, MessageSelection(WARD, message_id=first.id), by=TEST, now=NOON)
    [first, second] = await rows(db)
    assert (held.changed, first.held_at, first.state, second.held_at) == (1, NOON, "planned", None)

    everything = await hold(db, MessageSelection(WARD, session_id=session.id), by=TEST, now=EVE)
    assert everything.changed == 3  # the one held already stays as it is
    undone = await release(db, MessageSelection(WARD, session_id=session.id, at=EVE), by=TEST, now=EVE)
    assert undone.changed == 3
    assert [row.held_at for row in await rows(db)] == [NOON, None]

    history = await db.scalars(
        select(DeliveryEvent).where(DeliveryEvent.message_id == first.id).order_by(DeliveryEvent.id)
    )
    assert [(event.state, event.detail) for event in history] == [("planned", {"did": "held", "by": None})]
    entries = await db.scalars(
        select(audit.AuditEntry)
        .where(audit.AuditEntry.action.like("messages.%"))
        .order_by(audit.AuditEntry.id)
    )
    assert [(each.action, each.subject, each.facts) for each in entries][1:] == [
        ("messages.held", "message", {"texts": 1}),
        ("messages.held", "class_session", {"texts": 3}),
        ("messages.released", "class_session", {"texts": 3}),
    ]


async def test_held_message_follows_its_session_and_stays_held(db: AsyncSession) -> None:
    session = await a_class(db, LAN)
    await hold(
        db, MessageSelection(WARD, session_id=session.id, purpose="reminder_same_day"), by=TEST, now=NOON
    )

    await _move(db, session, THURSDAY + timedelta(hours=1))

    [row] = await rows(db)
    assert (row.due_at, row.held_at) == (THURSDAY - timedelta(hours=1), NOON)


async def test_message_withdrawn_by_staff_is_not_planned_again(db: AsyncSession) -> None:
    session = await a_class(db, LAN, MINH)
    [lan, _minh] = await rows(db)
    await withdraw(db, MessageSelection(WARD, message_id=lan.id), by=TEST, now=NOON)

    await replan_reminders(db, [session.id], by=TEST, now=NOON)

    assert [(row.to_phone, row.state, row.state_reason) for row in await rows(db)] == [
        (LAN, "withdrawn", "by_staff"),
        (MINH, "planned", ""),
    ]


async def test_moved_session_is_reminded_again_after_withdrawal(db: AsyncSession) -> None:
    session = await a_class(db, LAN)
    await withdraw(db, MessageSelection(WARD, session_id=session.id), by=TEST, now=NOON)

    await _move(db, session, THURSDAY + timedelta(hours=1))

    assert [(row.session_version, row.state) for row in await rows(db)] == [(1, "withdrawn"), (2, "planned")]


async def test_message_put_back_keeps_its_time_and_is_reconciled(db: AsyncSession) -> None:
    session = await a_class(db, LAN)
    [row] = await rows(db)
    await withdraw(db, MessageSelection(WARD, session_id=session.id), by=TEST, now=NOON)

    later = NOON + timedelta(minutes=5)
    back = await put_back(db, MessageSelection(WARD, session_id=session.id, at=NOON), by=TEST, now=later)

    assert back.changed == 2
    [old, new] = await rows(db)
    assert (old.state, old.resolution) == ("withdrawn", "sent_again")
    assert (new.state, new.due_at, new.body, new.repeat) == ("planned", row.due_at, row.body, 0)
    named = await db.scalars(select(MessageRecipient.learner_id).filter_by(message_id=new.id))
    assert len(named.all()) == 1
    changes = await replan_reminders(db, [session.id], by=TEST, now=later)
    assert not changes  # what stands again is what is wanted


async def test_failed_message_is_resent_as_a_new_row(db: AsyncSession) -> None:
    session = await a_class(db, LAN)
    await set_state(db, "undelivered", "unreachable")
    [old] = await rows(db)

    again = await send_again(db, MessageSelection(WARD, message_id=old.id), by=TEST, now=MORNING)

    assert again.changed == 1
    [old, new] = await rows(db)
    assert (old.state, old.resolution, old.resolved_at) == ("undelivered", "sent_again", MORNING)
    # due_at of the first has not come yet at MORNING (07h00): the second keeps the hour.
    assert (new.state, new.repeat, new.due_at) == ("planned", 1, old.due_at)
    assert new.reference != old.reference
    with pytest.raises(NoMatchingMessages):
        await send_again(db, MessageSelection(WARD, message_id=old.id), by=TEST, now=MORNING)
    late = await rows(db)
    await db.execute(update(Message).where(Message.id == new.id).values(state="claimed", lease_until=EVE))
    await db.execute(update(Message).where(Message.id == new.id).values(state="sending"))
    await db.execute(
        update(Message)
        .where(Message.id == new.id)
        .values(state="failed", state_reason="unreachable", lease_until=None)
    )
    with pytest.raises(NoMatchingMessages):  # the class has begun
        await send_again(db, MessageSelection(WARD, message_id=late[1].id), by=TEST, now=THURSDAY)
    third = await send_again(
        db, MessageSelection(WARD, session_id=session.id), by=TEST, now=THURSDAY - timedelta(minutes=30)
    )
    assert third.changed == 1
    assert [(row.repeat, row.state) for row in await rows(db)] == [
        (0, "undelivered"),
        (1, "failed"),
        (2, "planned"),
    ]


async def test_failures_at_two_old_numbers_of_one_reader_become_one_message(db: AsyncSession) -> None:
    session = await a_class(db, LAN, MINH)
    lan, minh = await db.scalars(select(Learner).order_by(Learner.phone == MINH))
    await set_state(db, "undelivered", "unreachable")
    family = "+84912340000"
    await db.execute(update(Learner).values(phone=family))

    again = await send_again(db, MessageSelection(WARD, session_id=session.id), by=TEST, now=MORNING)

    assert again.changed == 2
    [*old, new] = await rows(db)
    assert [(row.to_phone, row.resolution) for row in old] == [(LAN, "sent_again"), (MINH, "sent_again")]
    assert (new.to_phone, new.state) == (family, "planned")
    named = await db.scalars(select(MessageRecipient.learner_id).filter_by(message_id=new.id))
    assert set(named) == {lan.id, minh.id}


async def test_unknown_outcome_is_resent_only_after_confirmation(db: AsyncSession) -> None:
    await a_class(db, LAN)
    await set_state(db, "ambiguous", "no_answer")
    [row] = await rows(db)
    selection = MessageSelection(WARD, message_id=row.id)

    with pytest.raises(NoMatchingMessages):
        await send_again(db, selection, by=TEST, now=MORNING)
    again = await send_again(db, selection, perhaps_twice=True, by=TEST, now=MORNING)

    assert again.changed == 1
    assert [(row.state, row.resolution) for row in await rows(db)] == [
        ("ambiguous", "sent_again"),
        ("planned", ""),
    ]


@pytest.mark.parametrize("reason", ["opted_out", "bad_number", "not_mobile"])
async def test_opted_out_or_wrong_number_is_not_resent(db: AsyncSession, reason: str) -> None:
    await a_class(db, LAN)
    await set_state(db, "failed", reason)
    [row] = await rows(db)

    with pytest.raises(NoMatchingMessages):
        await send_again(db, MessageSelection(WARD, message_id=row.id), by=TEST, now=MORNING)


async def test_resolved_problem_can_be_reopened(db: AsyncSession) -> None:
    session = await a_class(db, LAN, MINH)
    await set_state(db, "failed", "unreachable")
    selection = MessageSelection(WARD, session_id=session.id)

    done = await resolve(db, selection, "called", by=TEST, now=MORNING)
    assert done.changed == 2
    assert [(row.resolution, row.resolved_at) for row in await rows(db)] == [("called", MORNING)] * 2
    with pytest.raises(NoMatchingMessages):
        await resolve(db, selection, "met", by=TEST, now=MORNING)

    back = await reopen(db, MessageSelection(WARD, session_id=session.id, at=MORNING), by=TEST, now=MORNING)
    assert back.changed == 2
    assert [row.resolution for row in await rows(db)] == ["", ""]


async def test_held_message_withdrawn_and_put_back_stays_held(db: AsyncSession) -> None:
    session = await a_class(db, LAN)
    selection = MessageSelection(WARD, session_id=session.id)
    await hold(db, selection, by=TEST, now=NOON)
    await withdraw(db, selection, by=TEST, now=EVE)

    await put_back(db, selection, by=TEST, now=EVE)

    found = [(row.state, row.held_at) for row in await rows(db)]
    assert found == [("withdrawn", NOON), ("planned", NOON)]
    [(_ids, batch)] = [
        (each.purpose, each)
        for each in await day_batches(db, WARD, clock.local_day(THURSDAY))
        if each.purpose == "reminder_same_day"
    ]
    assert (batch.by_state, batch.segments) == ({"held": 1}, 1)  # what was put back counts once
    [batch] = [each for each in await session_batches(db, session.id) if each.purpose == "reminder_same_day"]
    assert (batch.by_state, batch.segments) == ({"held": 1}, 1)


async def test_withdrawn_message_shows_no_time_and_no_cost(db: AsyncSession) -> None:
    session = await a_class(db, LAN, MINH)
    [first, second] = await rows(db)
    await withdraw(db, MessageSelection(WARD, message_id=first.id), by=TEST, now=NOON)
    later = second.due_at + timedelta(minutes=30)
    await db.execute(update(Message).where(Message.id == second.id).values(due_at=later))

    [batch] = [each for each in await session_batches(db, session.id) if each.purpose == "reminder_same_day"]
    batches = await day_batches(db, WARD, clock.local_day(THURSDAY))
    [batch] = [each for each in batches if each.purpose == "reminder_same_day"]

    assert (batch.due_at, batch.segments, batch.total) == (later, 1, 2)
    assert (batch.due_at, batch.segments, batch.total) == (later, 1, 2)


async def test_used_up_budget_allows_resending_change_notices_only(db: AsyncSession) -> None:
    session = await a_class(db, LAN)
    await set_state(db, "suppressed", "budget")
    await db.execute(update(ReminderPolicy).values(monthly_budget=1_000))
    db.add(WardMonth(ward_id=WARD, month=clock.local_day(NOON).replace(day=1), price=Decimal(1_000)))
    await db.flush()
    selection = MessageSelection(WARD, session_id=session.id)

    assert await preview_resend(db, "send_again", selection, by=TEST, now=MORNING) == []
    with pytest.raises(BudgetUsedUp):
        await send_again(db, selection, by=TEST, now=MORNING)
    [call] = await learners_to_call(db, session, now=EVE)
    assert call.why == "suppressed"  # though the reminder of the day before counts as still to come

    await db.execute(update(ReminderPolicy).values(monthly_budget=2_000))
    assert len(await preview_resend(db, "send_again", selection, by=TEST, now=MORNING)) == 1
    assert [row.state for row in await rows(db)] == ["suppressed"]  # so far nothing is done
    assert (await send_again(db, selection, by=TEST, now=MORNING)).changed == 1


async def test_suppressed_message_not_yet_due_is_not_resolved(db: AsyncSession) -> None:
    session = await a_class(db, LAN, MINH)
    await set_state(db, "suppressed", "opted_out")
    [first, _second] = await rows(db)
    await db.execute(update(Message).where(Message.id == first.id).values(due_at=EVE))

    done = await resolve(db, MessageSelection(WARD, session_id=session.id), "called", by=TEST, now=MORNING)

    assert done.changed == 1
    assert [row.resolution for row in await rows(db)] == ["called", ""]


async def test_message_of_another_ward_is_not_found(db: AsyncSession) -> None:
    await a_class(db, LAN)
    [row] = await rows(db)

    with pytest.raises(NoMatchingMessages):
        await hold(db, MessageSelection("20014", message_id=row.id), by=TEST, now=NOON)
    with pytest.raises(ValueError, match="name a text"):
        _ = MessageSelection(WARD).where


async def _move(db: AsyncSession, session: ClassSession, to: datetime) -> None:
    """As scheduling does it: the row, its version, then the fact."""
    old = session.starts_at
    session.starts_at, session.ends_at = to, to + timedelta(hours=2)
    session.version += 1
    await db.flush()
    await publish(db, SessionsMoved(((session.id, old),), TEST, NOON))
