"""A number is corrected: what is still of use goes there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from learners import service as learners
from learners.models import Learner
from learners.rules import LearnerDetails
from lopso.kernel.events import publish
from notifications.models import Message
from scheduling.events import SessionsCancelled
from scheduling.models import ClassSession
from tests.classroom import WARD
from tests.factories import NOON, TEST
from tests.notifications.stories import (
    LAN,
    MINH,
    THURSDAY,
    add_city,
    add_class,
    add_helper,
    add_learner,
    announce,
)
from trainers.models import Trainer
from trainers.rules import TrainerDetails
from trainers.service import people as trainers
from venues.service import set_contact

EVE = THURSDAY - timedelta(hours=20)
NIGHT = NOON.replace(hour=15)  # 22h00 in Huế: texts wait for the morning
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


async def test_reminders_go_to_the_mended_number_the_one_that_failed_too(db: AsyncSession) -> None:
    _session, [lan] = await a_class(db, ("Lê Thị Lan", LAN))
    await fail(db, "reminder_day_before")

    await mend(db, lan, NEW, now=EVE + timedelta(minutes=30))

    assert [row for row in await texts(db) if row[0].startswith("reminder")] == [
        ("reminder_day_before", LAN, "failed", "sent_again"),
        ("reminder_day_before", NEW, "planned", ""),
        ("reminder_same_day", LAN, "withdrawn", ""),
        ("reminder_same_day", NEW, "planned", ""),
    ]


async def test_a_reminder_that_is_too_late_stays_a_matter_for_the_telephone(db: AsyncSession) -> None:
    _session, [lan] = await a_class(db, ("Lê Thị Lan", LAN))
    await fail(db, "reminder_day_before")

    await mend(db, lan, NEW, now=THURSDAY - timedelta(hours=6))

    assert [row for row in await texts(db) if row[0].startswith("reminder")] == [
        ("reminder_day_before", LAN, "failed", ""),
        ("reminder_same_day", LAN, "withdrawn", ""),
        ("reminder_same_day", NEW, "planned", ""),
    ]


async def test_news_that_failed_goes_to_the_mended_number(db: AsyncSession) -> None:
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


async def test_what_a_relative_reads_too_stays_at_the_shared_number(db: AsyncSession) -> None:
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


async def test_a_corrected_name_stands_in_reminders_and_in_news_that_waits(db: AsyncSession) -> None:
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


async def test_reminders_end_with_the_wards_new_number(db: AsyncSession) -> None:
    await a_class(db, ("Lê Thị Lan", LAN))

    await set_contact(db, WARD, "0234 3999 888", by=TEST, now=NOON)

    reminders = await says(db, LAN)
    assert len(reminders) == 2
    assert all("0234 3999 888" in each for each in reminders)


async def correct(db: AsyncSession, helper: Trainer, phone: str) -> None:
    """Correct a helper's number as his page does, at night."""
    details = TrainerDetails(full_name=helper.full_name, kind=helper.kind, sex=helper.sex, phone=phone)
    await trainers.edit(db, WARD, helper.id, details, by=TEST, now=NIGHT, another=True)


async def test_an_asking_that_waits_goes_to_the_corrected_number_and_not_to_the_old_one(
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


async def test_an_asking_of_two_on_one_number_stays_there_for_the_other(db: AsyncSession) -> None:
    session = await add_class(db, await add_city(db))
    minh = await add_helper(db, session, "Lê Văn Minh", MINH)
    await add_helper(db, session, "Lê Văn Bình", MINH)
    await announce(db, session, now=NIGHT)

    await correct(db, minh, NEW)

    [left], [moved] = await says(db, MINH), await says(db, NEW)
    assert "Bình" in left
    assert "Minh" not in left
    assert "Minh" in moved
