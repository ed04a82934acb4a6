"""What the database itself refuses about skills, marks and sign-offs, whatever the code says."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.models import AttendanceMark
from competency.models import Certificate, Demonstration, SignOff, SignOffEvidence
from tests.classroom import WARD, Classroom, add_classroom
from tests.factories import NOON


async def mark_id(db: AsyncSession, room: Classroom, learner: int = 0) -> int:
    """The latest mark of a learner of the class."""
    found = await db.scalar(
        select(AttendanceMark.id)
        .where(AttendanceMark.learner_id == room.learners[learner].id)
        .order_by(AttendanceMark.id.desc())
        .limit(1)
    )
    assert found is not None
    return found


def shown(room: Classroom, mark: int, **other: Any) -> dict[str, Any]:
    """A raw demonstration of the first learner's first skill."""
    return {
        "ward_id": WARD,
        "session_id": room.session.id,
        "learner_id": room.learners[0].id,
        "skill_id": room.skills[0].id,
        "mark_id": mark,
        "level": "alone",
        "observed_by": room.helper.id,
        "observed_at": NOON,
        "recorded_at": NOON,
        "rubric_version": "1.0",
        "client_id": uuid4(),
        **other,
    }


async def add_shown(db: AsyncSession, room: Classroom) -> int:
    await room.mark(db, room.learners[0])
    row = shown(room, await mark_id(db, room))
    return (await db.execute(insert(Demonstration).values(row).returning(Demonstration.id))).scalar_one()


def signed(room: Classroom, **other: Any) -> dict[str, Any]:
    """A raw sign-off of the first learner's first skill by the assessor."""
    return {
        "ward_id": WARD,
        "learner_id": room.learners[0].id,
        "skill_id": room.skills[0].id,
        "level": "alone",
        "required": 1,
        "signed_by": room.assessor.id,
        "signed_at": NOON,
        **other,
    }


async def test_database_refuses_demonstration_of_an_absent_learner(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await room.mark(db, room.learners[0], "absent")

    with pytest.raises(IntegrityError, match="fk_demonstration_present_mark"):
        await db.execute(insert(Demonstration).values(shown(room, await mark_id(db, room))))


async def test_database_refuses_demonstration_without_presence(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await room.mark(db, room.learners[0], "absent")
    row = shown(room, await mark_id(db, room), mark_is_present=False)

    with pytest.raises(IntegrityError, match="ck_demonstration_learner_present"):
        await db.execute(insert(Demonstration).values(row))


async def test_database_refuses_demonstration_on_a_foreign_mark(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await room.mark(db, room.learners[1], "present")

    with pytest.raises(IntegrityError, match="fk_demonstration_present_mark"):
        await db.execute(insert(Demonstration).values(shown(room, await mark_id(db, room, learner=1))))


async def test_one_demonstration_stands_per_session_learner_and_skill(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await add_shown(db, room)
    second = shown(room, await mark_id(db, room), level="can_teach")

    with pytest.raises(IntegrityError, match="uq_demonstration_standing"):
        await db.execute(insert(Demonstration).values(second))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE demonstration SET level = 'can_teach'",
        "UPDATE demonstration SET observed_at = observed_at - interval '1 day'",
        "DELETE FROM demonstration",
    ],
)
async def test_database_refuses_to_change_a_demonstration(db: AsyncSession, statement: str) -> None:
    room = await add_classroom(db)
    await add_shown(db, room)

    with pytest.raises(IntegrityError, match="keeps its history"):
        await db.execute(text(statement))


async def test_database_refuses_voiding_without_reason(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await add_shown(db, room)

    with pytest.raises(IntegrityError, match="ck_demonstration_voided_with_reason"):
        await db.execute(text("UPDATE demonstration SET voided_at = now()"))


async def test_sign_off_without_evidence_fails_at_commit(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await db.execute(insert(SignOff).values(signed(room)))

    with pytest.raises(IntegrityError, match="rests on at least 1 demonstrations"):
        await db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


async def test_sign_off_with_too_little_evidence_fails_at_commit(db: AsyncSession) -> None:
    room = await add_classroom(db)
    demonstration_id = await add_shown(db, room)
    row = signed(room, required=2)
    sign_off_id = (await db.execute(insert(SignOff).values(row).returning(SignOff.id))).scalar_one()
    await db.execute(insert(SignOffEvidence).values(evidence(room, sign_off_id, demonstration_id)))

    with pytest.raises(IntegrityError, match="rests on at least 2 demonstrations"):
        await db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


async def test_sign_off_with_evidence_is_saved(db: AsyncSession) -> None:
    room = await add_classroom(db)
    demonstration_id = await add_shown(db, room)
    row = signed(room)
    sign_off_id = (await db.execute(insert(SignOff).values(row).returning(SignOff.id))).scalar_one()
    await db.execute(insert(SignOffEvidence).values(evidence(room, sign_off_id, demonstration_id)))

    await db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


async def test_database_refuses_sign_off_by_the_observer(db: AsyncSession) -> None:
    room = await add_classroom(db)
    demonstration_id = await add_shown(db, room)
    row = signed(room, signed_by=room.helper.id)
    sign_off_id = (await db.execute(insert(SignOff).values(row).returning(SignOff.id))).scalar_one()

    with pytest.raises(IntegrityError, match="ck_sign_off_evidence_two_people"):
        await db.execute(
            insert(SignOffEvidence).values(
                evidence(room, sign_off_id, demonstration_id, signed_by=room.helper.id)
            )
        )


async def test_database_refuses_evidence_with_another_observer(db: AsyncSession) -> None:
    room = await add_classroom(db)
    demonstration_id = await add_shown(db, room)
    row = signed(room, signed_by=room.helper.id)
    sign_off_id = (await db.execute(insert(SignOff).values(row).returning(SignOff.id))).scalar_one()
    false_witness = evidence(
        room, sign_off_id, demonstration_id, signed_by=room.helper.id, observed_by=room.assessor.id
    )

    with pytest.raises(IntegrityError, match="fk_sign_off_evidence_demonstration"):
        await db.execute(insert(SignOffEvidence).values(false_witness))


async def test_database_refuses_evidence_of_another_skill(db: AsyncSession) -> None:
    room = await add_classroom(db)
    demonstration_id = await add_shown(db, room)
    row = signed(room, skill_id=room.skills[1].id)
    sign_off_id = (await db.execute(insert(SignOff).values(row).returning(SignOff.id))).scalar_one()

    with pytest.raises(IntegrityError, match="fk_sign_off_evidence_"):
        await db.execute(insert(SignOffEvidence).values(evidence(room, sign_off_id, demonstration_id)))


async def test_database_refuses_other_changes_to_a_certificate(db: AsyncSession) -> None:
    room = await add_classroom(db)
    db.add(
        Certificate(
            ward_id=WARD,
            learner_id=room.learners[0].id,
            serial="0" * 16,
            snapshot={},
            issued_at=NOON,
            issued_by=room.coordinator.id,
        )
    )
    await db.flush()

    for statement, refusal in (
        ("UPDATE certificate SET revoked_at = now(), revoke_reason = 'x'", "ck_certificate_revoked_with"),
        ('UPDATE certificate SET snapshot = \'{"name": "x"}\'', "keeps its history"),
        ("DELETE FROM certificate", "keeps its history"),
    ):
        with pytest.raises(IntegrityError, match=refusal):
            async with db.begin_nested():
                await db.execute(text(statement))


def evidence(
    room: Classroom,
    sign_off_id: int,
    demonstration_id: int,
    *,
    signed_by: int | None = None,
    observed_by: int | None = None,
) -> dict[str, int]:
    """A raw tie between a sign-off and a demonstration."""
    return {
        "sign_off_id": sign_off_id,
        "demonstration_id": demonstration_id,
        "learner_id": room.learners[0].id,
        "skill_id": room.skills[0].id,
        "observed_by": observed_by or room.helper.id,
        "signed_by": signed_by or room.assessor.id,
    }
