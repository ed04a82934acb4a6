"""Calling the roll: marks are added, the latest stands, and nothing is ever rewritten."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from attendance import queries
from attendance.errors import OfferNotAnswered, RollClosedToHelpers, RollNotOpen, RollOfCancelledSession
from attendance.models import AttendanceMark
from attendance.rules import RollTally, tally
from attendance.service.marks import Mark, SaveResult, mark_the_rest, record_marks, rest_id, undo
from lopso.kernel.access import Actor, Role
from lopso.kernel.audit import AuditEntry
from lopso.kernel.errors import NotFound
from tests.classroom import WARD, Classroom, add_assignment, add_classroom, add_learner, add_session, enrol
from tests.factories import NOON, actor_for, add_user, add_ward

HOUR = timedelta(hours=1)


async def marks_of(db: AsyncSession, room: Classroom) -> dict[str, str | None]:
    """Name → the mark that stands, in the order of the page."""
    return {row.name: row.mark for row in await queries.roll(db, room.session.id)}


async def test_repeated_roster_upload_saves_marks_once(db: AsyncSession) -> None:
    room = await add_classroom(db)
    session = await room.roll_session(db)
    roster = [
        Mark(learner.id, mark, uuid4())
        for learner, mark in zip(room.learners, ("present", "late", "absent"), strict=True)
    ]
    ids = tuple(mark.client_id for mark in roster)

    first = await record_marks(db, session, roster, by=room.as_helper, now=NOON)
    again = await record_marks(db, session, roster, by=room.as_helper, now=NOON + HOUR)

    assert set(first.saved) == set(ids)
    assert again == SaveResult(known=ids)
    assert await marks_of(db, room) == {
        "Trần Thị Ngọc Ánh": "present",
        "Nguyễn Văn Bình": "late",
        "Lê Thị Gái": "absent",
    }
    assert await db.scalar(select(func.count()).select_from(AttendanceMark)) == 3
    entries = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "roll.marked"))).all()
    assert [(entry.ward_id, entry.actor_id, entry.facts) for entry in entries] == [
        (
            WARD,
            room.helper.id,
            {"marks": {str(mark.learner_id): mark.mark for mark in roster}},
        )
    ]


async def test_later_mark_wins_in_any_order_of_arrival(db: AsyncSession) -> None:
    room = await add_classroom(db)
    session = await room.roll_session(db)
    anh = room.learners[0]
    late = Mark(anh.id, "late", uuid4(), happened_at=NOON + HOUR)
    offline = Mark(anh.id, "absent", uuid4(), happened_at=NOON, offline=True)

    await record_marks(db, session, [late], by=room.as_helper, now=NOON + HOUR)
    await record_marks(db, session, [offline], by=room.as_helper, now=NOON + 30 * HOUR)

    assert (await marks_of(db, room))["Trần Thị Ngọc Ánh"] == "late"


async def test_mark_from_the_future_counts_as_made_now(db: AsyncSession) -> None:
    room = await add_classroom(db)
    session = await room.roll_session(db)
    anh = room.learners[0]
    wrong = Mark(anh.id, "absent", uuid4(), happened_at=NOON + 24 * 365 * HOUR)

    await record_marks(db, session, [wrong], by=room.as_helper, now=NOON)
    await record_marks(
        db, session, [Mark(anh.id, "present", uuid4())], by=room.as_helper, now=NOON + timedelta(seconds=1)
    )

    assert (await marks_of(db, room))["Trần Thị Ngọc Ánh"] == "present"


async def test_undo_restores_the_former_mark_and_deletes_nothing(db: AsyncSession) -> None:
    room = await add_classroom(db)
    session = await room.roll_session(db)
    anh = room.learners[0]
    await room.mark(db, anh, "present", at=NOON)
    slip = Mark(anh.id, "absent", uuid4())
    await record_marks(db, session, [slip], by=room.as_helper, now=NOON + HOUR)

    await undo(db, session, [slip.client_id], by=room.as_helper, now=NOON + HOUR)
    twice = await undo(db, session, [slip.client_id], by=room.as_helper, now=NOON + HOUR)

    history = select(AttendanceMark.mark).order_by(AttendanceMark.id)
    assert (await db.scalars(history)).all() == ["present", "absent", "present"]
    assert twice == SaveResult()


async def test_undo_of_the_only_mark_leaves_the_learner_unmarked(db: AsyncSession) -> None:
    room = await add_classroom(db)
    session = await room.roll_session(db)
    slip = Mark(room.learners[0].id, "absent", uuid4())
    await record_marks(db, session, [slip], by=room.as_helper, now=NOON)

    await undo(db, session, [slip.client_id], by=room.as_helper, now=NOON + HOUR)

    assert await marks_of(db, room) == dict.fromkeys(
        ("Trần Thị Ngọc Ánh", "Nguyễn Văn Bình", "Lê Thị Gái"), None
    )


async def test_rest_is_marked_and_undone_at_once(db: AsyncSession) -> None:
    room = await add_classroom(db)
    session = await room.roll_session(db)
    await room.mark(db, room.learners[1], "absent")
    form_id = uuid4()

    for _again in range(2):
        await mark_the_rest(db, session, "present", form_id=form_id, by=room.as_helper, now=NOON + HOUR)
    after = await marks_of(db, room)
    ids: list[UUID] = [rest_id(form_id, learner.id) for learner in room.learners]
    await undo(db, session, ids, by=room.as_helper, now=NOON + HOUR)

    assert after == {"Trần Thị Ngọc Ánh": "present", "Nguyễn Văn Bình": "absent", "Lê Thị Gái": "present"}
    assert await marks_of(db, room) == {
        "Trần Thị Ngọc Ánh": None,
        "Nguyễn Văn Bình": "absent",
        "Lê Thị Gái": None,
    }


async def test_roll_sorts_by_given_name_with_walk_ins(db: AsyncSession) -> None:
    room = await add_classroom(db, ["Lê Thị Gái", "Công Tằng Tôn Nữ Thị Diệp", "Trần Văn Anh"])
    walk_in = await add_learner(db, "Hồ Văn Đạt")
    waiting = await add_learner(db, "Bùi Thị Yến")
    await enrol(db, room.session, waiting, "waitlisted")
    for learner in (walk_in, waiting):
        await room.mark(db, learner)
    await add_learner(db, "Người Ở Nhà")  # of the ward, but not of this class

    assert [(row.name, row.walk_in) for row in await queries.roll(db, room.session.id)] == [
        ("Trần Văn Anh", False),
        ("Công Tằng Tôn Nữ Thị Diệp", False),
        ("Hồ Văn Đạt", True),
        ("Lê Thị Gái", False),
        ("Bùi Thị Yến", True),
    ]


async def test_learner_of_another_ward_is_refused_others_are_saved(db: AsyncSession) -> None:
    room = await add_classroom(db)
    session = await room.roll_session(db)
    await add_ward(db, ward_id="20233", name="Nam Đông")
    stranger = await add_learner(db, "Hồ Văn Xa", ward_id="20233")
    guest = await add_learner(db, "Hồ Thị Khách", ward_id="20233")
    await enrol(db, room.session, guest)
    good, bad, seated = (Mark(each.id, "present", uuid4()) for each in (room.learners[0], stranger, guest))
    nobody = Mark(999_999, "present", uuid4())

    saved = await record_marks(db, session, [good, bad, seated, nobody], by=room.as_helper, now=NOON)

    sentence = "Không tìm thấy người học này trong phường xã của lớp."
    assert set(saved.saved) == {good.client_id, seated.client_id}
    assert saved.refused == {bad.client_id: sentence, nobody.client_id: sentence}


async def test_roll_opens_to_coordinators_and_own_helpers(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await add_ward(db, ward_id="20233", name="Nam Đông")
    asked = await add_user(db, (Role.TRAINER, WARD), name="Trần Được Hỏi", email="hoi@example.org")
    await add_assignment(db, room.session, asked, "offered")
    declined = await add_user(db, (Role.TRAINER, WARD), name="Trần Bận", email="ban@example.org")
    await add_assignment(db, room.session, declined, "withdrawn")
    other = await add_user(db, (Role.TRAINER, WARD), name="Trần Khác", email="khac@example.org")
    admin = actor_for(other, (Role.CITY_ADMIN, None))

    async def part(actor: Actor) -> str:
        try:
            return (await queries.session_for(db, room.session.id, actor=actor)).part
        except NotFound:
            return "404"

    assert {
        "helper": await part(room.as_helper),
        "coordinator": await part(room.as_coordinator),
        "admin": await part(admin),
        "asked": await part(actor_for(asked, (Role.TRAINER, WARD))),
        "declined": await part(actor_for(declined, (Role.TRAINER, WARD))),
        "another helper": await part(actor_for(other, (Role.TRAINER, WARD))),
        "helper without the role": await part(actor_for(room.helper)),
        "assessor": await part(room.as_assessor),
        "another ward's coordinator": await part(actor_for(other, (Role.COORDINATOR, "20233"))),
        "nobody": await part(Actor(None, "")),
    } == {
        "helper": "helper",
        "coordinator": "coordinator",
        "admin": "coordinator",
        "asked": "asked",
        "declined": "404",
        "another helper": "404",
        "helper without the role": "404",
        "assessor": "404",
        "another ward's coordinator": "404",
        "nobody": "404",
    }


async def test_roll_opens_two_hours_before_and_accepts_late_uploads(db: AsyncSession) -> None:
    room = await add_classroom(db, starts_at=NOON)
    session = await room.roll_session(db)
    anh = room.learners[0]
    much_later = NOON + timedelta(days=90)

    def tap() -> Mark:
        return Mark(anh.id, "present", uuid4())

    with pytest.raises(RollNotOpen):
        await record_marks(
            db, session, [tap()], by=room.as_helper, now=NOON - 2 * HOUR - timedelta(seconds=1)
        )
    assert (await record_marks(db, session, [tap()], by=room.as_helper, now=NOON - 2 * HOUR)).saved
    with pytest.raises(RollClosedToHelpers):
        await record_marks(db, session, [tap()], by=room.as_helper, now=much_later)
    uploaded = Mark(anh.id, "late", uuid4(), happened_at=NOON, offline=True)
    assert (await record_marks(db, session, [uploaded], by=room.as_helper, now=much_later)).saved
    coordinators = await room.roll_session(db, by=room.as_coordinator)
    assert (await record_marks(db, coordinators, [tap()], by=room.as_coordinator, now=much_later)).saved


async def test_cancelled_session_accepts_offline_marks_only(
    db: AsyncSession,
) -> None:
    room = await add_classroom(db)
    room.session.cancelled_at, room.session.cancel_reason = NOON, "Mưa lớn"
    await db.flush()
    session = await room.roll_session(db)
    anh = room.learners[0]

    with pytest.raises(RollOfCancelledSession, match="Mưa lớn"):
        await record_marks(db, session, [Mark(anh.id, "present", uuid4())], by=room.as_helper, now=NOON)
    uploaded = Mark(anh.id, "present", uuid4(), happened_at=NOON - HOUR, offline=True)
    assert (await record_marks(db, session, [uploaded], by=room.as_helper, now=NOON)).saved


async def test_helper_with_unanswered_offer_cannot_open_the_roll(db: AsyncSession) -> None:
    room = await add_classroom(db)
    asked = await add_user(db, (Role.TRAINER, WARD), name="Trần Được Hỏi", email="hoi@example.org")
    await add_assignment(db, room.session, asked, "offered")
    actor = actor_for(asked, (Role.TRAINER, WARD))
    session = await room.roll_session(db, by=actor)

    with pytest.raises(OfferNotAnswered):
        await record_marks(db, session, [Mark(1, "present", uuid4())], by=actor, now=NOON)


@pytest.mark.parametrize(
    "statement", ["UPDATE attendance_mark SET mark = 'absent'", "DELETE FROM attendance_mark"]
)
async def test_database_refuses_to_change_a_mark(db: AsyncSession, statement: str) -> None:
    room = await add_classroom(db)
    await room.mark(db, room.learners[0])

    with pytest.raises(IntegrityError, match="append-only"):
        await db.execute(text(statement))


async def test_session_with_marks_cannot_be_deleted(db: AsyncSession) -> None:
    room = await add_classroom(db)
    other = await add_session(db, None, starts_at=NOON, title="Đến từng nhà")
    session = await queries.session_for(db, other.id, actor=room.as_coordinator)
    await record_marks(
        db, session, [Mark(room.learners[0].id, "present", uuid4())], by=room.as_coordinator, now=NOON
    )

    with pytest.raises(IntegrityError, match="fk_attendance_mark_ward_id_session_id_class_session"):
        await db.execute(text("DELETE FROM class_session WHERE id = :id"), {"id": other.id})


def test_tally_counts_people_present_and_unmarked() -> None:
    assert tally(["present", "late", "left_early", "excused", "absent", "cleared", None]) == RollTally(
        people=7, present=3, unmarked=2
    )
