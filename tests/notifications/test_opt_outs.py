"""Opt-outs and withdrawn consents suppress planned texts at once; opting in restores them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from learners.models import Learner
from learners.service.consents import answer_consents
from lopso.kernel.audit import AuditEntry
from lopso.kernel.events import publish
from notifications.models import Message, MessageRecipient, OptOut
from notifications.queries.call_list import learners_to_call
from notifications.queries.opt_outs import active_opt_outs
from notifications.service.opt_outs import opt_in, opt_out
from notifications.service.planning.results import plan_certificate
from scheduling.events import AssignmentsOffered, SessionsCancelled, SessionsMoved
from scheduling.models import ClassSession
from tests.classroom import WARD, add_learner
from tests.conftest import TestApp
from tests.factories import NOON, TEST
from tests.notifications.scenario import (
    LAN,
    MINH,
    THURSDAY,
    Planned,
    add_city,
    add_class,
    add_helper,
    announce,
    ledger,
)

SOON = NOON + timedelta(minutes=5)


async def a_family(db: AsyncSession) -> tuple[ClassSession, Learner, Learner]:
    """Lan and Bình share a phone and a class; Minh has a phone of her own."""
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    binh = await add_learner(db, "Lê Văn Bình", phone=LAN)
    minh = await add_learner(db, "Ngô Thị Minh", phone=MINH)
    session = await add_class(db, course, lan, binh, minh)
    await announce(db, session)
    return session, lan, binh


async def states(db: AsyncSession, phone: str) -> list[tuple[str, str, str]]:
    """Purpose, state and reason of this phone's texts, in the order in which they were planned."""
    rows = await db.execute(
        select(Message.purpose, Message.state, Message.state_reason)
        .where(Message.to_phone == phone)
        .order_by(Message.id)
    )
    return [(purpose, state, reason) for purpose, state, reason in rows]


async def cancel(db: AsyncSession, session: ClassSession) -> None:
    """Called off because of a flood."""
    session.cancelled_at, session.cancel_reason = SOON, "Mưa lũ"
    await db.flush()
    await publish(db, SessionsCancelled((session.id,), "Mưa lũ", TEST, SOON))


async def test_opt_out_of_reminders_suppresses_them_but_keeps_notices(
    db: AsyncSession,
) -> None:
    session, _lan, _binh = await a_family(db)

    await opt_out(db, LAN, "reminders", how="staff", ward_id=WARD, by=TEST, now=SOON)

    assert await states(db, LAN) == [
        ("reminder_day_before", "suppressed", "opted_out"),
        ("reminder_same_day", "suppressed", "opted_out"),
    ]
    assert {state for _purpose, state, _why in await states(db, MINH)} == {"planned"}
    await announce(db, session, now=SOON)  # planned once more: not for this number
    assert len(await states(db, LAN)) == 2
    await cancel(db, session)
    assert (await states(db, LAN))[-1] == ("session_cancelled", "planned", "")


async def test_withdrawn_consent_drops_the_name_from_open_notices(
    db: AsyncSession,
) -> None:
    session, lan, binh = await a_family(db)
    await cancel(db, session)

    await answer_consents(db, WARD, lan.id, {"sms": False}, how="spoken", by=TEST, now=SOON)

    [news] = [text for text in await ledger(db, "planned") if text.phone == LAN]
    assert news.purpose == "session_cancelled"
    assert "Lan" not in news.says
    assert "Bình" in news.says
    readers = await db.scalars(
        select(MessageRecipient.learner_id)
        .join(Message, Message.id == MessageRecipient.message_id)
        .where(Message.to_phone == LAN, Message.state == "planned")
    )
    assert readers.all() == [binh.id]

    await answer_consents(db, WARD, binh.id, {"sms": False}, how="spoken", by=TEST, now=SOON)
    assert (await states(db, LAN))[-1] == ("session_cancelled", "suppressed", "no_consent")


async def test_opt_out_of_everything_suppresses_cancellations(db: AsyncSession) -> None:
    session, lan, binh = await a_family(db)

    await opt_out(db, LAN, None, how="page", ward_id=WARD, by=TEST, now=SOON)
    await cancel(db, session)

    assert {state for _purpose, state, _why in await states(db, LAN)} == {"suppressed"}
    assert [(call.learner_id, call.why) for call in await learners_to_call(db, session, now=NOON)] == [
        (binh.id, "opted_out"),
        (lan.id, "opted_out"),
    ]


async def test_opt_out_suppresses_claimed_messages_too(db: AsyncSession) -> None:
    await a_family(db)
    await db.execute(update(Message).values(state="claimed", lease_until=SOON))

    await opt_out(db, LAN, None, how="staff", ward_id=WARD, by=TEST, now=SOON)

    assert {state for _purpose, state, _why in await states(db, LAN)} == {"suppressed"}
    assert {state for _purpose, state, _why in await states(db, MINH)} == {"claimed"}


async def test_opt_in_restores_messages_still_to_come(db: AsyncSession) -> None:
    _session, _lan, binh = await a_family(db)
    await opt_out(db, LAN, None, how="staff", ward_id=WARD, by=TEST, now=SOON)
    binh.archived_at = SOON  # meanwhile Bình has left the books
    await db.flush()

    assert await opt_in(db, LAN, None, by=TEST, now=SOON) is True

    again = [text for text in await ledger(db, "planned") if text.phone == LAN]
    assert [text.purpose for text in again] == ["reminder_day_before", "reminder_same_day"]
    assert all("Lan" in text.says and "Bình" not in text.says for text in again)
    assert await active_opt_outs(db, LAN) == []
    assert await opt_in(db, LAN, None, by=TEST, now=SOON) is False


async def test_opt_in_restores_notices_that_are_still_true(db: AsyncSession) -> None:
    session, lan, binh = await a_family(db)
    await db.execute(update(Message).values(state="claimed", lease_until=SOON))
    await db.execute(update(Message).values(state="sending"))
    await db.execute(update(Message).values(state="sent", sent_at=NOON, lease_until=None))
    session.starts_at += timedelta(hours=1)
    session.ends_at += timedelta(hours=1)
    session.version += 1
    await db.flush()
    await publish(db, SessionsMoved(((session.id, THURSDAY),), TEST, SOON))
    before = [text for text in await ledger(db, "planned") if text.phone == LAN]
    assert "session_moved" in [text.purpose for text in before]

    await opt_out(db, LAN, "changes", how="staff", ward_id=WARD, by=TEST, now=SOON)
    assert "session_moved" not in [each.purpose for each in await ledger(db, "planned") if each.phone == LAN]
    await opt_in(db, LAN, "changes", by=TEST, now=SOON)
    await opt_in(db, LAN, "changes", by=TEST, now=SOON)

    again = [text for text in await ledger(db, "planned") if text.phone == LAN]
    assert [(each.purpose, each.says) for each in again] == [(each.purpose, each.says) for each in before]
    people = await db.scalars(
        select(MessageRecipient.learner_id)
        .join(Message, Message.id == MessageRecipient.message_id)
        .where(Message.purpose == "session_moved", Message.to_phone == LAN, Message.state == "planned")
        .order_by(MessageRecipient.learner_id)
    )
    assert people.all() == [lan.id, binh.id]


async def test_opt_in_restores_nothing_for_a_former_number(db: AsyncSession) -> None:
    course = await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    session = await add_class(db, course, lan)
    minh = await add_helper(db, session, "Ngô Văn Minh", MINH, state="accepted")
    await announce(db, session)
    await cancel(db, session)
    told = [(each.purpose, each.phone) for each in await ledger(db, "planned")]
    for phone in (LAN, MINH):
        await opt_out(db, phone, None, how="staff", ward_id=WARD, by=TEST, now=SOON)
    lan.phone, minh.phone = "+84905111222", "+84905111333"
    await db.flush()

    for phone in (LAN, MINH):
        await opt_in(db, phone, None, by=TEST, now=SOON)

    assert told == [("helper_cancelled", MINH), ("session_cancelled", LAN)]
    assert await ledger(db, "planned") == []


@pytest.mark.parametrize("moved", [True, False])
async def test_certificate_message_is_restored_only_for_the_current_number(
    db: AsyncSession, *, moved: bool
) -> None:
    await add_city(db)
    lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
    await plan_certificate(db, WARD, 17, lan.id, by=TEST, now=SOON)
    await opt_out(db, LAN, None, how="staff", ward_id=WARD, by=TEST, now=SOON)
    refused = await ledger(db, "planned")
    lan.phone = "+84905111222" if moved else LAN
    await db.flush()

    await opt_in(db, LAN, None, by=TEST, now=SOON)

    assert refused == []
    assert [each.purpose for each in await ledger(db, "planned")] == ([] if moved else ["certificate_ready"])


async def test_opt_in_to_one_topic_keeps_other_opt_outs(db: AsyncSession) -> None:
    await a_family(db)
    await opt_out(db, LAN, None, how="page", ward_id=WARD, by=TEST, now=SOON)

    await opt_in(db, LAN, "changes", by=TEST, now=SOON)

    assert sorted((each.topic or "", each.how) for each in await active_opt_outs(db, LAN)) == [
        ("duties", "page"),
        ("reminders", "page"),
        ("results", "page"),
    ]
    assert await ledger(db, "planned") == [text for text in await ledger(db, "planned") if text.phone == MINH]


async def test_repeated_opt_out_is_stored_once_and_audited_without_number(db: AsyncSession) -> None:
    await a_family(db)

    said = [
        await opt_out(db, LAN, "reminders", how="staff", ward_id=WARD, by=TEST, now=SOON),
        await opt_out(db, LAN, "reminders", how="page", ward_id=WARD, by=TEST, now=SOON),
        await opt_out(db, LAN, None, how="reply", ward_id=None, by=TEST, now=SOON),
        await opt_out(db, LAN, "results", how="page", ward_id=WARD, by=TEST, now=SOON),
    ]
    await opt_in(db, LAN, None, by=TEST, now=SOON)
    await db.flush()

    assert said == [True, False, True, False]
    kept = (await db.scalars(select(OptOut).order_by(OptOut.id))).all()
    assert [(row.topic, row.how, row.ended_at) for row in kept] == [
        ("reminders", "staff", SOON),
        (None, "reply", SOON),
    ]
    notes = (
        await db.scalars(select(AuditEntry).where(AuditEntry.subject == "opt_out").order_by(AuditEntry.id))
    ).all()
    assert [(note.action, note.facts) for note in notes] == [
        ("opt_out.noted", {"topic": "reminders", "how": "staff", "suppressed": 2}),
        ("opt_out.noted", {"topic": "all", "how": "reply", "suppressed": 0}),
        ("opt_out.ended", {"topic": "all"}),
        ("opt_out.ended", {"topic": "all"}),
    ]


async def test_concurrent_opt_outs_store_one_row(
    app: TestApp,
) -> None:
    async with app.sessions.begin() as db:
        await a_family(db)
    async with app.sessions() as first, app.sessions() as second:
        assert await opt_out(first, LAN, None, how="page", ward_id=WARD, by=TEST, now=SOON)
        assert await active_opt_outs(second, LAN) == []  # it has not heard of the first
        await first.commit()
        assert not await opt_out(second, LAN, None, how="staff", ward_id=WARD, by=TEST, now=SOON)
        await second.commit()
        assert [(each.topic, each.how) for each in await active_opt_outs(first, LAN)] == [(None, "page")]


async def test_opt_out_of_duties_stops_offers_until_opt_in(
    db: AsyncSession,
) -> None:
    course = await add_city(db)
    session = await add_class(db, course)
    helper = await add_helper(db, session, "Ngô Văn Minh", MINH)
    await publish(db, AssignmentsOffered(((session.id, (helper.id,)),), (), TEST, NOON))

    await opt_out(db, MINH, "duties", how="staff", ward_id=WARD, by=TEST, now=SOON)
    assert [text.state for text in await ledger(db)] == ["suppressed"]
    await publish(db, AssignmentsOffered(((session.id, (helper.id,)),), (), TEST, SOON))
    assert [text.state for text in await ledger(db)] == ["suppressed"]

    await opt_in(db, MINH, "duties", by=TEST, now=SOON)
    [asked] = await ledger(db, "planned")
    assert (asked.purpose, asked.due_at) == ("assignment_offered", SOON)


async def test_withdrawn_consent_drops_one_name_from_a_family_message(db: AsyncSession) -> None:
    _session, lan, binh = await a_family(db)
    yes, no = {"sms": True}, {"sms": False}
    for learner in (lan, binh):
        await answer_consents(db, WARD, learner.id, yes, how="spoken", by=TEST, now=NOON)

    await answer_consents(db, WARD, lan.id, no, how="spoken", by=TEST, now=SOON)
    left = [text for text in await ledger(db, "planned") if text.phone == LAN]
    assert len(left) == 2
    assert all("Bình" in text.says and "Lan" not in text.says for text in left)

    await answer_consents(db, WARD, binh.id, no, how="spoken", by=TEST, now=SOON)
    assert {(state, why) for _purpose, state, why in await states(db, LAN)} == {("suppressed", "no_consent")}

    await answer_consents(db, WARD, lan.id, yes, how="spoken", by=TEST, now=SOON)
    back: list[Planned] = [text for text in await ledger(db, "planned") if text.phone == LAN]
    assert len(back) == 2
    assert all("Lan" in text.says and "Bình" not in text.says for text in back)
