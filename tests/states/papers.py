"""Marks, demonstrations, sign-offs and certificates in every state."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from attendance.rules import MARKS
from competency.models import Certificate, Demonstration, SignOff
from competency.rules import REVOKE_KINDS
from competency.service.certificates import revoke_certificate
from competency.service.demonstrations import void_demonstration
from competency.service.sign_off_revocations import revoke_sign_off
from tests.classroom import WARD, Classroom
from tests.competency.evidence import came_and_showed, certified, signed
from tests.factories import NOON
from tests.states.objects import Objects

LATER = NOON + timedelta(minutes=10)
NAMES = (
    *(f"Dấu {mark}" for mark in MARKS),
    "Chưa điểm danh",
    "Đã làm",
    "Đã làm rồi bỏ",
    "Đã xác nhận",
    "Đã xác nhận rồi thu hồi",
    "Có chứng nhận",
    *(f"Chứng nhận thu hồi {kind}" for kind in REVOKE_KINDS),
)


async def add_papers(db: AsyncSession, room: Classroom, objects: Objects) -> Certificate:
    """What the learners of a class under way have shown; the certificate that stands."""
    people = dict(zip(NAMES, room.learners, strict=True))
    for name, learner in people.items():
        objects.add("learner", name, learner_id=learner.id)
        objects.add("enrolment", name, session_id=room.session.id, learner_id=learner.id)
    for mark in MARKS:
        await room.mark(db, people[f"Dấu {mark}"], mark)
    await came_and_showed(db, room, people["Đã làm"], skills=(0, 1))
    await came_and_showed(db, room, people["Đã làm rồi bỏ"])
    await came_and_showed(db, room, people["Đã xác nhận"])
    await came_and_showed(db, room, people["Đã xác nhận rồi thu hồi"])
    await signed(db, room, people["Đã xác nhận"])
    [revoked] = await signed(db, room, people["Đã xác nhận rồi thu hồi"])
    by = room.as_assessor
    await revoke_sign_off(db, WARD, revoked.id, reason="nhầm người", by=by, now=LATER)
    await _void(db, room, people["Đã làm rồi bỏ"].id)
    stands = await certified(db, room, people["Có chứng nhận"])
    made = {"stands": stands}
    for kind in REVOKE_KINDS:
        one = await certified(db, room, people[f"Chứng nhận thu hồi {kind}"])
        coordinator = room.as_coordinator
        made[kind] = await revoke_certificate(
            db, WARD, one.id, kind=kind, reason="nhầm", by=coordinator, now=LATER
        )
    for state, each in made.items():
        objects.add("certificate", state, name=each.id)
        objects.add("certificate", f"{state}, printed", name=f"{each.id}.pdf")
        objects.add("serial", state, typed=each.serial)
    objects.add("serial", "unknown", typed="0000-0000-0000")
    objects.add("serial", "no serial", typed="abc")
    await _rows(db, objects)
    return stands


async def _void(db: AsyncSession, room: Classroom, learner_id: int) -> None:
    shown = await db.scalar(select(Demonstration.id).where(Demonstration.learner_id == learner_id))
    assert shown is not None
    by = room.as_coordinator
    await void_demonstration(db, WARD, learner_id, shown, reason="nhầm", by=by, now=LATER)


async def _rows(db: AsyncSession, objects: Objects) -> None:
    for row in await db.scalars(select(SignOff).order_by(SignOff.id)):
        state = "revoked" if row.revoked_at else "stands"
        objects.add("sign-off", f"{state} {row.id}", sign_off_id=row.id)
    for row in await db.scalars(select(Demonstration).order_by(Demonstration.id)):
        state = f"{'voided' if row.voided_at else 'stands'} {row.id}"
        objects.add("demonstration", state, learner_id=row.learner_id, demonstration_id=row.id)
