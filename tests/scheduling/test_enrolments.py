"""Seats and the waiting list."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from learners.models import Learner
from lopso.kernel import db as database
from lopso.kernel.access import Actor, Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.db import violated
from lopso.kernel.errors import NotFound
from scheduling.errors import NotPossibleNow, SessionAlreadyCancelled, SessionAlreadyEnded
from scheduling.events import EnrolmentsChanged
from scheduling.models import ClassSession, Enrolment
from scheduling.queries.enrolments import OverlappingSeat, roster, waitlist
from scheduling.queries.learner_search import LearnerSearch, find_learners
from scheduling.service.enrolments import EnrolmentResult, cancel_enrolments, enrol
from scheduling.service.waitlist import admit_from_waitlist, fill_free_seats
from tests.factories import (
    NOON,
    actor_for,
    add_course,
    add_enrolment,
    add_learner,
    add_series,
    add_session,
    add_user,
    add_ward,
)
from tests.statements import statements_of


async def add_coordinator(db: AsyncSession) -> Actor:
    await add_ward(db)
    user = await add_user(db, (Role.COORDINATOR, "19753"))
    return actor_for(user, (Role.COORDINATOR, "19753"))


async def add_learners(db: AsyncSession, *names: str) -> list[Learner]:
    return [await add_learner(db, name) for name in names]


def heard_in(db: AsyncSession) -> list[EnrolmentsChanged]:
    facts: list[EnrolmentsChanged] = []

    async def hear(_db: AsyncSession, fact: Any) -> None:
        facts.append(fact)

    db.info["listeners"] = {EnrolmentsChanged: [hear]}
    return facts


async def seats_and_queue(db: AsyncSession, session: ClassSession) -> tuple[list[int], list[int], int]:
    """Who has a seat (by id), who waits (in turn), and the count kept by the database."""
    await db.refresh(session)
    seated = await db.scalars(
        select(Enrolment.learner_id)
        .where(Enrolment.session_id == session.id, Enrolment.state == "enrolled")
        .order_by(Enrolment.learner_id)
    )
    queue, _total = await waitlist(db, session)
    return list(seated), [each.enrolment.learner_id for each in queue], session.seats_taken


async def test_enrolments_over_capacity_wait_with_position(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=2)
    hoa, lan, mai = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan", "Phan Thị Mai")
    facts = heard_in(db)

    done = await enrol(db, [session.id], [mai.id, hoa.id, lan.id, hoa.id], by=by, now=NOON)

    at = session.starts_at
    assert done == [
        EnrolmentResult(mai.id, "Bà Phan Thị Mai", session.id, at, "enrolled"),
        EnrolmentResult(hoa.id, "Bà Trần Thị Hoa", session.id, at, "enrolled"),
        EnrolmentResult(lan.id, "Bà Lê Thị Lan", session.id, at, "waitlisted", position=1),
    ]
    assert await seats_and_queue(db, session) == (sorted((hoa.id, mai.id)), [lan.id], 2)
    seated = tuple(sorted((hoa.id, mai.id)))
    assert facts == [EnrolmentsChanged(enrolled=((session.id, seated),), left=(), by=by, at=NOON)]
    entry = await db.scalar(select(AuditEntry).where(AuditEntry.action == "enrolment.added"))
    assert entry is not None
    assert (entry.ward_id, entry.actor_id, entry.subject_id, entry.facts) == (
        "19753",
        by.user_id,
        str(session.id),
        {"seated": [mai.id, hoa.id], "waiting": [lan.id]},
    )


async def test_enrolling_twice_changes_nothing(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=1)
    hoa, lan = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan")
    await enrol(db, [session.id], [hoa.id, lan.id], by=by, now=NOON)
    facts = heard_in(db)

    again = await enrol(db, [session.id], [lan.id, hoa.id], by=by, now=NOON + timedelta(hours=1))

    assert [(each.name, each.state, each.position, each.already) for each in again] == [
        ("Bà Lê Thị Lan", "waitlisted", 1, True),
        ("Bà Trần Thị Hoa", "enrolled", None, True),
    ]
    assert facts == []


async def test_cancelled_seat_goes_to_first_waiting(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=1)
    hoa, lan, mai = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan", "Phan Thị Mai")
    await enrol(db, [session.id], [hoa.id, lan.id, mai.id], by=by, now=NOON)
    facts = heard_in(db)

    await cancel_enrolments(db, [session.id], hoa.id, reason=" về  quê ", by=by, now=NOON)

    assert await seats_and_queue(db, session) == ([lan.id], [mai.id], 1)
    enrolled, left = ((session.id, (lan.id,)),), ((session.id, (hoa.id,)),)
    assert facts == [EnrolmentsChanged(enrolled, left, by=by, at=NOON)]
    row = await db.scalar(select(Enrolment).where(Enrolment.learner_id == hoa.id))
    assert row is not None
    assert (row.state, row.cancel_reason, row.cancelled_at) == ("cancelled", "về quê", NOON)


async def test_enrolling_again_joins_end_of_waitlist(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=1)
    hoa, lan, mai = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan", "Phan Thị Mai")
    await enrol(db, [session.id], [hoa.id, lan.id, mai.id], by=by, now=NOON)
    await cancel_enrolments(db, [session.id], hoa.id, by=by, now=NOON)

    [back] = await enrol(db, [session.id], [hoa.id], by=by, now=NOON + timedelta(minutes=1))

    assert (back.state, back.position, back.already) == ("waitlisted", 2, False)
    assert await seats_and_queue(db, session) == ([lan.id], [mai.id, hoa.id], 1)


async def test_nobody_is_promoted_from_queue_exit_or_after_start(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=1)
    hoa, lan, mai = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan", "Phan Thị Mai")
    await enrol(db, [session.id], [hoa.id, lan.id, mai.id], by=by, now=NOON)
    facts = heard_in(db)

    await cancel_enrolments(db, [session.id], lan.id, by=by, now=NOON)
    assert (await seats_and_queue(db, session), facts) == (([hoa.id], [mai.id], 1), [])

    await cancel_enrolments(db, [session.id], hoa.id, by=by, now=session.starts_at)
    assert await seats_and_queue(db, session) == ([], [mai.id], 0)
    assert [(fact.enrolled, fact.left) for fact in facts] == [((), ((session.id, (hoa.id,)),))]


async def test_new_enrolments_wait_behind_waitlist_despite_free_seats(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=1)
    hoa, lan, mai = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan", "Phan Thị Mai")
    await enrol(db, [session.id], [hoa.id, lan.id], by=by, now=NOON)
    await db.execute(update(ClassSession).where(ClassSession.id == session.id).values(capacity=2))

    [new] = await enrol(db, [session.id], [mai.id], by=by, now=NOON)
    assert (new.state, new.position) == ("waitlisted", 2)

    assert await fill_free_seats(db, [session.id], by=by, now=NOON) == {session.id: [lan.id]}
    assert await seats_and_queue(db, session) == (sorted((hoa.id, lan.id)), [mai.id], 2)


async def test_admitting_out_of_turn_needs_a_free_seat(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=1)
    hoa, lan, mai = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan", "Phan Thị Mai")
    await enrol(db, [session.id], [hoa.id, lan.id, mai.id], by=by, now=NOON)

    with pytest.raises(NotPossibleNow, match="đủ 1 chỗ"):
        await admit_from_waitlist(db, session.id, mai.id, by=by, now=NOON)
    await db.execute(update(ClassSession).where(ClassSession.id == session.id).values(capacity=2))
    facts = heard_in(db)
    await admit_from_waitlist(db, session.id, mai.id, by=by, now=NOON)
    await admit_from_waitlist(db, session.id, mai.id, by=by, now=NOON)

    assert await seats_and_queue(db, session) == (sorted((hoa.id, mai.id)), [lan.id], 2)
    assert [fact.enrolled for fact in facts] == [((session.id, (mai.id,)),)]
    with pytest.raises(NotFound):
        await admit_from_waitlist(db, session.id, 999_999, by=by, now=NOON)


async def test_series_enrolment_uses_seats_of_each_session(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    course = await add_course(db)
    series = await add_series(db, course=course)
    weeks = [
        await add_session(
            db,
            title=f"Buổi {n + 1}",
            starts_at=NOON + timedelta(days=3 + 7 * n),
            capacity=capacity,
            course=course,
            series=series,
        )
        for n, capacity in enumerate((2, 1, 2))
    ]
    weeks[2].cancelled_at, weeks[2].cancel_reason = NOON, "Mưa lớn"
    hoa, lan = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan")

    done = await enrol(db, [each.id for each in weeks], [hoa.id, lan.id], by=by, now=NOON)

    called_off = SessionAlreadyCancelled(weeks[2].id).sentence
    assert [(each.session_id, each.learner_id, each.state, each.position, each.refusal) for each in done] == [
        (weeks[0].id, hoa.id, "enrolled", None, None),
        (weeks[0].id, lan.id, "enrolled", None, None),
        (weeks[1].id, hoa.id, "enrolled", None, None),
        (weeks[1].id, lan.id, "waitlisted", 1, None),
        (weeks[2].id, hoa.id, None, None, called_off),
        (weeks[2].id, lan.id, None, None, called_off),
    ]

    left = await cancel_enrolments(db, [each.id for each in weeks], hoa.id, by=by, now=NOON)

    assert [(each.session_id, each.promoted) for each in left] == [
        (weeks[0].id, ()),
        (weeks[1].id, (lan.id,)),
    ]


async def test_overlapping_seat_is_reported_not_refused(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    other = await add_session(db, title="Thanh toán QR", starts_at=session.starts_at + timedelta(hours=1))
    touching = await add_session(db, title="Sau đó", starts_at=session.ends_at)
    [hoa] = await add_learners(db, "Trần Thị Hoa")
    await add_enrolment(db, other, hoa)
    await add_enrolment(db, touching, hoa)

    [done] = await enrol(db, [session.id], [hoa.id], by=by, now=NOON)

    assert done.state == "enrolled"
    assert done.overlap == OverlappingSeat(other.id, "Thanh toán QR", other.starts_at, other.ends_at)


async def test_ended_session_refuses_enrolment_and_cancellation(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    hoa, lan = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan")
    await enrol(db, [session.id], [hoa.id], by=by, now=NOON)

    [late] = await enrol(db, [session.id], [lan.id], by=by, now=session.ends_at)
    with pytest.raises(SessionAlreadyEnded):
        await cancel_enrolments(db, [session.id], hoa.id, by=by, now=session.ends_at)

    assert late.refusal == SessionAlreadyEnded(session.id).sentence
    assert await seats_and_queue(db, session) == ([hoa.id], [], 1)


async def test_archived_or_unseen_learners_are_refused(
    db: AsyncSession,
) -> None:
    by = await add_coordinator(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    session = await add_session(db)
    foreign = await add_learner(db, "Võ Thị Xa", ward_id="19789")
    gone = await add_learner(db, "Hồ Thị Cũ")
    gone.archived_at = NOON
    for learner in (foreign, gone):
        with pytest.raises(NotPossibleNow):
            await enrol(db, [session.id], [learner.id], by=by, now=NOON)
        found = await find_learners(
            db, session, wanted=LearnerSearch(learner.full_name), picked=[learner.id], by=by
        )
        assert (found.items, found.picked, found.total) == ([], [], 0)

    both = actor_for(
        await add_user(db, email="b@example.org"), (Role.COORDINATOR, "19753"), (Role.COORDINATOR, "19789")
    )
    [done] = await enrol(db, [session.id], [foreign.id], by=both, now=NOON)
    assert done.state == "enrolled"


async def test_search_finds_by_spelling_and_phone_with_state(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db)
    hoa = await add_learner(db, "Tôn Nữ Thị Hòa", phone="+84912345678")
    other = await add_learner(db, "Lê Hoà", phone="+84905111222")
    await add_learner(db, "Phan Thị Mai")
    await add_enrolment(db, session, hoa, state="waitlisted")

    async def names(typed: str) -> list[tuple[str, str | None]]:
        found = await find_learners(db, session, wanted=LearnerSearch(typed), picked=[], by=by)
        return [(each.learner.full_name, each.state) for each in found.items]

    both = [("Lê Hoà", None), ("Tôn Nữ Thị Hòa", "waitlisted")]
    assert [await names(typed) for typed in ("hoa", "HÒA", "hoà")] == [both, both, both]
    assert await names("ton hoa") == await names("0912 345 678") == await names("5678") == [both[1]]
    assert await names("") == [("Lê Hoà", None), ("Phan Thị Mai", None)]  # who is in already is left out
    found = await find_learners(db, session, wanted=LearnerSearch("mai"), picked=[other.id], by=by)
    assert [each.learner.full_name for each in found.picked] == ["Lê Hoà"]


async def test_roster_is_paged_by_given_name(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=60)
    learners = [await add_learner(db, f"Nguyễn Văn {chr(65 + n % 26)}{n // 26}") for n in range(55)]
    await enrol(db, [session.id], [each.id for each in reversed(learners)], by=by, now=NOON)

    first, second = await roster(db, session), await roster(db, session, number=2)

    assert (len(first.items), len(second.items), first.total, second.pages) == (50, 5, 55, 2)
    names = [row.learner.sort_key for page in (first, second) for row in page.items]
    assert names == sorted(names)


async def test_enrolling_takes_fixed_number_of_statements(
    db: AsyncSession, shared_engine: AsyncEngine
) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, capacity=100)
    few = [(await add_learner(db, f"Nguyễn Thị {n}")).id for n in range(2)]
    many = [(await add_learner(db, f"Trần Thị {n}")).id for n in range(60)]
    counts: list[tuple[int, int]] = []

    for ids in (few, many):
        with statements_of(shared_engine) as enrolling:
            await enrol(db, [session.id], ids, by=by, now=NOON)
        with statements_of(shared_engine) as finding:
            await find_learners(db, session, wanted=LearnerSearch("thi"), picked=ids, by=by)
        counts.append((len(enrolling), len(finding)))
    assert counts[0] == counts[1]


async def test_twelve_concurrent_enrolments_give_one_seat_and_a_queue(
    engine: AsyncEngine,
) -> None:
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        session = await add_session(db, capacity=3)
        early = await add_learners(db, "Lê Sớm", "Lê Sáng")
        late = await add_learners(db, *(f"Trần {n}" for n in range(12)))
        await enrol(db, [session.id], [each.id for each in early], by=by, now=NOON)

    async def take(learner_id: int) -> EnrolmentResult:
        async with sessions.begin() as db:
            [done] = await enrol(db, [session.id], [learner_id], by=by, now=NOON)
            return done

    done = await asyncio.gather(*(take(each.id) for each in late))

    assert sorted(each.position or 0 for each in done) == list(range(12))
    assert sum(each.state == "enrolled" for each in done) == 1
    async with sessions() as db:
        row = await db.get_one(ClassSession, session.id)
        assert row.seats_taken == 3


async def test_concurrent_enrolling_and_cancelling_keeps_seat_count(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, {})
    async with sessions.begin() as db:
        by = await add_coordinator(db)
        session = await add_session(db, capacity=4)
        leaving = await add_learners(db, *(f"Lê {n}" for n in range(4)))
        coming = await add_learners(db, *(f"Trần {n}" for n in range(8)))
        await enrol(db, [session.id], [each.id for each in leaving], by=by, now=NOON)

    async def leave(learner_id: int) -> None:
        async with sessions.begin() as db:
            await cancel_enrolments(db, [session.id], learner_id, by=by, now=NOON)

    async def come(learner_id: int) -> None:
        async with sessions.begin() as db:
            await enrol(db, [session.id], [learner_id], by=by, now=NOON)

    await asyncio.gather(*(leave(each.id) for each in leaving), *(come(each.id) for each in coming))

    async with sessions() as db:
        seated, queue, counted = await seats_and_queue(db, await db.get_one(ClassSession, session.id))
    assert (len(seated), len(queue), counted) == (4, 4, 4)


async def test_database_refuses_seat_over_capacity(db: AsyncSession) -> None:
    await add_coordinator(db)
    session = await add_session(db, capacity=1)
    hoa, lan = await add_learners(db, "Trần Thị Hoa", "Lê Thị Lan")
    await add_enrolment(db, session, hoa)
    with pytest.raises(IntegrityError) as refusal:
        await add_enrolment(db, session, lan)
    assert violated(refusal.value) == "ck_class_session_seats_within_capacity"
