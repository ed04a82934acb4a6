"""Corrected numbers and names: open texts follow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from competency.service.certificates import issue_certificate
from competency.service.sign_offs import sign_off
from learners.models import Learner
from learners.rules import LearnerDetails
from learners.service import learners
from lopso.kernel import clock
from lopso.kernel.audit import AuditEntry
from lopso.kernel.events import publish
from notifications.models import Message
from notifications.service.policy import load_policy
from scheduling.events import SessionsCancelled
from scheduling.models import Assignment, ClassSession
from scheduling.rules.plan import SessionChange
from scheduling.service.changes import change_session
from scheduling.service.sessions import cancel_session
from staffing.service.assignments import change_role, withdraw
from tests.classroom import WARD, add_classroom
from tests.competency.evidence import came_and_showed
from tests.factories import NOON, TEST
from tests.notifications.scenario import (
    LAN,
    MINH,
    THURSDAY,
    add_city,
    add_class,
    add_helper,
    add_learner,
    announce,
)
from tests.notifications.series_texts import coordinator
from trainers.models import Trainer
from trainers.rules import TrainerDetails
from trainers.service import trainers
from venues.service import set_contact
from wordings.service.shipped import load_wordings

EVE = THURSDAY - timedelta(hours=20)
NIGHT = clock.at(date(2026, 11, 23), time(22))
NEW = "+84905111222"


async def texts(db: AsyncSession) -> Sequence[tuple[str, str, str, str]]:
    """Purpose, phone, state and resolution of every text."""
    rows = await db.execute(
        select(Message.purpose, Message.to_phone, Message.state, Message.resolution).order_by(
            Message.purpose, Message.id
        )
    )
    return [(purpose, phone, state, resolution) for purpose, phone, state, resolution in rows]


async def mend(db: AsyncSession, learner: Learner, phone: str, *, now: datetime) -> None:
    """Correct the number as the page of the learner does."""
    details = LearnerDetails(
        learner.full_name,
        learner.title,
        learner.birth_year,
        phone=phone,
        phone_kind="mobile",
        audiences=tuple(learner.audiences),
    )
    await learners.edit(db, WARD, learner.id, details, by=TEST, now=now, another=True)


async def fail(db: AsyncSession, purpose: str) -> None:
    """Texts of this purpose went to a number that does not exist."""
    for state in ("claimed", "sending", "failed"):
        await db.execute(
            update(Message)
            .where(Message.purpose == purpose)
            .values(
                state=state,
                state_reason="bad_number" if state == "failed" else "",
                lease_until=None if state == "failed" else EVE,
            )
            .execution_options(synchronize_session=False)
        )


async def a_class(db: AsyncSession, *names_and_phones: tuple[str, str]) -> tuple[ClassSession, list[Learner]]:
    """A class of these learners, its reminders planned."""
    course = await add_city(db)
    people = [await add_learner(db, name, phone=phone) for name, phone in names_and_phones]
    session = await add_class(db, course, *people)
    await announce(db, session)
    return session, people


async def test_reminders_move_to_the_corrected_number_with_failed_ones(db: AsyncSession) -> None:
    _session, [lan] = await a_class(db, ("Lê Thị Lan", LAN))
    await fail(db, "reminder_day_before")

    await mend(db, lan, NEW, now=EVE + timedelta(minutes=30))

    assert [row for row in await texts(db) if row[0].startswith("reminder")] == [
        ("reminder_day_before", LAN, "failed", "sent_again"),
        ("reminder_day_before", NEW, "planned", ""),
        ("reminder_same_day", LAN, "withdrawn", ""),
        ("reminder_same_day", NEW, "planned", ""),
    ]


async def test_late_failed_reminder_is_not_resent_to_the_new_number(db: AsyncSession) -> None:
    _session, [lan] = await a_class(db, ("Lê Thị Lan", LAN))
    await fail(db, "reminder_day_before")

    await mend(db, lan, NEW, now=THURSDAY - timedelta(hours=6))

    assert [row for row in await texts(db) if row[0].startswith("reminder")] == [
        ("reminder_day_before", LAN, "failed", ""),
        ("reminder_same_day", LAN, "withdrawn", ""),
        ("reminder_same_day", NEW, "planned", ""),
    ]


async def test_failed_notice_is_resent_to_the_corrected_number(db: AsyncSession) -> None:
    session, [lan, _minh] = await a_class(db, ("Lê Thị Lan", LAN), ("Ngô Văn Minh", MINH))
    session.cancelled_at, session.cancel_reason = EVE, "Bão"
    session.version += 1
    await db.flush()
    await publish(db, SessionsCancelled((session.id,), "Bão", TEST, EVE))
    await fail(db, "session_cancelled")

    await mend(db, lan, NEW, now=EVE + timedelta(minutes=30))

    assert [row for row in await texts(db) if row[0] == "session_cancelled"] == [
        ("session_cancelled", LAN, "failed", "sent_again"),
        ("session_cancelled", MINH, "failed", ""),
        ("session_cancelled", NEW, "planned", ""),
    ]


async def test_message_shared_with_a_relative_stays_at_the_old_number(db: AsyncSession) -> None:
    _session, [lan, _gai] = await a_class(db, ("Lê Thị Lan", LAN), ("Trần Thị Gái", LAN))

    await mend(db, lan, NEW, now=NOON)

    rows = await db.scalars(
        select(Message)
        .where(Message.state == "planned", Message.purpose == "reminder_same_day")
        .order_by(Message.to_phone)
    )
    said = {row.to_phone: row.body_accented for row in rows}
    assert set(said) == {NEW, LAN}
    assert "Lê Thị Lan" in said[NEW]
    assert "Gái" not in said[NEW]
    assert "Trần Thị Gái" in said[LAN]
    assert "Lan" not in said[LAN]


async def says(db: AsyncSession, phone: str) -> list[str]:
    """The open texts to a number."""
    rows = await db.scalars(
        select(Message.body_accented)
        .where(Message.to_phone == phone, Message.state == "planned")
        .order_by(Message.id)
    )
    return list(rows)


async def test_corrected_name_is_used_in_open_reminders_and_notices(db: AsyncSession) -> None:
    session, [lan, _binh] = await a_class(db, ("Lê Thị Lan", LAN), ("Trần Thị Bình", LAN))
    named = LearnerDetails(
        "Lê Thị Lài", "Cô", 1956, phone=LAN, phone_kind="mobile", audiences=tuple(lan.audiences)
    )
    await learners.edit(db, WARD, lan.id, named, by=TEST, now=NOON, another=True)
    reminders = await says(db, LAN)

    session.cancelled_at, session.cancel_reason = NOON, "Bão"
    await db.flush()
    await publish(db, SessionsCancelled((session.id,), "Bão", TEST, NOON))
    await learners.edit(
        db, WARD, lan.id, replace(named, full_name="Lê Thị Lành"), by=TEST, now=NOON, another=True
    )

    assert len(reminders) == 2
    assert all("cô" in each.lower() and "Lài" in each and "Lan" not in each for each in reminders)
    [news] = await says(db, LAN)
    assert "Lành" in news
    assert "Bình" in news


async def test_reminders_use_the_new_number_of_the_ward(db: AsyncSession) -> None:
    await a_class(db, ("Lê Thị Lan", LAN))

    await set_contact(db, WARD, "0234 3999 888", by=TEST, now=NOON)

    reminders = await says(db, LAN)
    assert len(reminders) == 2
    assert all("0234 3999 888" in each for each in reminders)


async def correct(db: AsyncSession, helper: Trainer, phone: str) -> None:
    """Correct a helper's number as his page does, at night."""
    details = TrainerDetails(full_name=helper.full_name, kind=helper.kind, sex=helper.sex, phone=phone)
    await trainers.edit(db, WARD, helper.id, details, by=TEST, now=NIGHT, another=True)


async def test_open_offer_moves_to_the_corrected_number(
    db: AsyncSession,
) -> None:
    session = await add_class(db, await add_city(db))
    minh = await add_helper(db, session, "Lê Văn Minh", MINH)
    await announce(db, session, now=NIGHT)

    await correct(db, minh, NEW)

    assert await texts(db) == [
        ("assignment_offered", MINH, "withdrawn", ""),
        ("assignment_offered", NEW, "planned", ""),
    ]


async def test_offer_shared_on_a_number_stays_for_the_other_helper(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    minh = await add_helper(db, session, "Lê Văn Minh", MINH)
    await add_helper(db, session, "Lê Văn Bình", MINH)
    await announce(db, session, now=NIGHT)

    await correct(db, minh, NEW)

    [left], [moved] = await says(db, MINH), await says(db, NEW)
    assert "Bình" in left
    assert "Minh" not in left
    assert "Minh" in moved


async def called_otherwise(db: AsyncSession, helper: Trainer, *, now: datetime) -> None:
    """Correct a helper's name and sex as the page of the helper does."""
    details = TrainerDetails("Lê Thị Minh Anh", kind=helper.kind, sex="female", phone=helper.phone)
    await trainers.edit(db, WARD, helper.id, details, by=TEST, now=now, another=True)


async def windows(db: AsyncSession, phone: str) -> Sequence[tuple[int, str, str, datetime, datetime, int]]:
    """Every text to a number but for its words: which row, what for, its state, when it goes."""
    rows = await db.execute(
        select(
            Message.id,
            Message.purpose,
            Message.state,
            Message.due_at,
            Message.useless_after,
            Message.session_version,
        )
        .where(Message.to_phone == phone)
        .order_by(Message.id)
    )
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows]


async def test_corrected_helper_name_and_sex_are_used_in_open_offers(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    helper = await add_helper(db, session, "Lê Văn Minh", MINH)
    await announce(db, session, now=NIGHT)
    before, was = await says(db, MINH), await windows(db, MINH)

    await called_otherwise(db, helper, now=NIGHT)

    assert ["anh Lê Văn Minh" in each for each in before] == [True]
    [asking] = await says(db, MINH)
    assert "chị Lê Thị Minh Anh" in asking
    assert "Văn" not in asking
    assert await windows(db, MINH) == was


@pytest.mark.parametrize("purpose", ["cancelled", "moved", "changed", "withdrawn"])
async def test_corrected_helper_name_and_sex_are_used_in_open_notices(db: AsyncSession, purpose: str) -> None:
    session = await add_class(db, await add_city(db))
    helper = await add_helper(db, session, "Lê Văn Minh", MINH, state="accepted")
    by = await coordinator(db)
    [assignment_id] = await db.scalars(select(Assignment.id))
    match purpose:
        case "cancelled":
            await cancel_session(db, session.id, reason="Mưa lớn", by=by, now=NIGHT)
        case "moved":
            await change_session(db, session.id, SessionChange(starts_at=time(15)), by=by, now=NIGHT)
        case "changed":
            await change_role(db, assignment_id, "trainer", by=by, now=NIGHT)
        case _:
            await withdraw(db, assignment_id, reason="bận", by=by, now=NIGHT)
    [before], was = await says(db, MINH), await windows(db, MINH)

    await called_otherwise(db, helper, now=NIGHT + timedelta(minutes=30))

    [news] = await says(db, MINH)
    assert "anh Lê Văn Minh" in before
    assert news == before.replace("anh Lê Văn Minh", "chị Lê Thị Minh Anh")
    assert await windows(db, MINH) == was


async def test_audit_counts_each_rewritten_notice_once(db: AsyncSession) -> None:
    course = await add_city(db)
    going_on = await add_class(db, course)
    cancelled = await add_class(db, course, starts_at=THURSDAY + timedelta(days=1))
    helper = await add_helper(db, going_on, "Lê Văn Minh", MINH, state="accepted")
    db.add(
        Assignment(
            ward_id=WARD,
            session_id=cancelled.id,
            trainer_id=helper.id,
            role="helper",
            state="accepted",
            starts_at=cancelled.starts_at,
            ends_at=cancelled.ends_at,
            offered_at=NOON,
            answered_at=NOON,
        )
    )
    await db.flush()
    await change_session(db, going_on.id, SessionChange(starts_at=time(15)), by=TEST, now=NIGHT)
    await cancel_session(db, cancelled.id, reason="Mưa lớn", by=TEST, now=NIGHT)
    later = NIGHT + timedelta(minutes=30)

    await called_otherwise(db, helper, now=later)

    entries = await db.scalars(
        select(AuditEntry).filter_by(action="messages.planned", at=later).order_by(AuditEntry.id)
    )
    assert [(each.subject_id, each.facts["changed"]) for each in entries] == [
        (str(going_on.id), 1),
        (str(cancelled.id), 1),
    ]


async def test_other_edits_of_a_helper_change_no_message(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    helper = await add_helper(db, session, "Lê Văn Minh", MINH)
    await announce(db, session, now=NIGHT)
    was = await windows(db, MINH)

    details = TrainerDetails(helper.full_name, kind=helper.kind, sex="male", phone=MINH, position="Tổ phó")
    await trainers.edit(db, WARD, helper.id, details, by=TEST, now=NIGHT + timedelta(hours=12))

    assert await windows(db, MINH) == was


@pytest.mark.parametrize("purpose", ["sign_off_reached", "certificate_ready"])
async def test_corrected_name_is_used_in_open_results(db: AsyncSession, purpose: str) -> None:
    await load_wordings(db, by=TEST, now=NOON)
    await load_policy(db, by=TEST, now=NOON)
    room = await add_classroom(db)
    anh = room.learners[0]
    anh.phone, anh.phone_kind = LAN, "mobile"
    await came_and_showed(db, room, anh, skills=(0, 1, 2))
    pairs = [(anh.id, skill.id) for skill in room.skills[:2]]
    done = await sign_off(db, WARD, pairs, by=room.as_assessor, now=NOON)
    if purpose == "certificate_ready":
        ids = [each.id for each in done.done]
        await issue_certificate(db, WARD, anh.id, ids, by=room.as_coordinator, now=NOON)
    # A worker was late; what was confirmed meanwhile comes in the next day's text.
    evening = clock.at(date(2026, 11, 23), time(19))
    await sign_off(db, WARD, [(anh.id, room.skills[2].id)], by=room.as_assessor, now=evening)
    before, was = await says(db, LAN), await windows(db, LAN)

    details = LearnerDetails(
        "Trần Thị Ngọc Oanh", "Cô", 1956, phone=LAN, phone_kind="mobile", audiences=tuple(anh.audiences)
    )
    await learners.edit(db, WARD, anh.id, details, by=TEST, now=evening, another=True)

    assert purpose in {each[1] for each in was}
    assert all("bà Trần Thị Ngọc Ánh" in each for each in before)
    assert await says(db, LAN) == [
        each.replace("bà Trần Thị Ngọc Ánh", "cô Trần Thị Ngọc Oanh") for each in before
    ]
    assert await windows(db, LAN) == was
