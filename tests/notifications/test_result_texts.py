"""Texts about skills that were signed off and about certificates."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from competency.service.certificates import issue_certificate, revoke_certificate
from competency.service.sign_off_revocations import revoke_sign_off
from competency.service.sign_offs import sign_off
from lopso.kernel import clock
from notifications.models import Message
from notifications.service.policy import load_policy
from tests.classroom import WARD, add_classroom
from tests.competency.evidence import came_and_showed
from tests.factories import NOON, TEST
from tests.notifications.scenario import LAN
from tests.notifications.series_texts import gone, said, texts
from wordings.service.shipped import load_wordings

CALL = "Hỏi thêm: 0234 3823 456."
LATER = NOON + timedelta(hours=1)
CERTIFICATE = (
    "UBND Phường Phú Xuân, thứ Hai 23/11: giấy chứng nhận kỹ năng số của bà Trần Thị Ngọc Ánh đã làm"
    f" xong, mời đến nhận. {CALL}"
)


async def test_skills_of_one_day_make_one_message(db: AsyncSession) -> None:
    await load_wordings(db, by=TEST, now=NOON)
    await load_policy(db, by=TEST, now=NOON)
    room = await add_classroom(db)
    anh = room.learners[0]
    anh.phone, anh.phone_kind = LAN, "mobile"
    await came_and_showed(db, room, anh, skills=(0, 1, 2))
    now = NOON + timedelta(hours=1)
    for skill in room.skills[:2]:
        await sign_off(db, WARD, [(anh.id, skill.id)], by=room.as_assessor, now=now)

    assert await said(db, "sign_off_reached") == [
        (
            "sign_off_reached",
            "planned",
            "Phường Phú Xuân, thứ Hai 23/11: bà Trần Thị Ngọc Ánh đã được xác nhận làm được 2 kỹ năng số."
            f" Tin này chỉ để báo. {CALL}",
        )
    ]
    [text] = (await db.scalars(select(Message))).all()
    assert (text.about, text.due_at, text.session_id, text.ward_id) == (
        f"sign_off:{anh.id}:2026-11-23",
        clock.at(date(2026, 11, 23), time(17)),
        None,
        WARD,
    )

    evening = clock.at(date(2026, 11, 23), time(19))
    await gone(db, at=evening)
    signed = await sign_off(db, WARD, [(anh.id, room.skills[2].id)], by=room.as_assessor, now=evening)
    [_sent, tomorrow] = await said(db, "sign_off_reached")
    assert tomorrow[1:] == (
        "planned",
        "Phường Phú Xuân, thứ Ba 24/11: bà Trần Thị Ngọc Ánh đã được xác nhận làm được 1 kỹ năng số."
        f" Tin này chỉ để báo. {CALL}",
    )
    await revoke_sign_off(db, WARD, signed.done[0].id, reason="Nhầm", by=room.as_assessor, now=evening)
    assert [state for _purpose, state, _text in await said(db, "sign_off_reached")] == ["sent", "withdrawn"]


async def test_only_valid_certificates_are_announced(db: AsyncSession) -> None:
    await load_wordings(db, by=TEST, now=NOON)
    await load_policy(db, by=TEST, now=NOON)
    room = await add_classroom(db)
    anh = room.learners[0]
    anh.phone, anh.phone_kind = LAN, "mobile"
    await came_and_showed(db, room, anh)
    done = await sign_off(db, WARD, [(anh.id, room.skills[0].id)], by=room.as_assessor, now=LATER)
    ids = [each.id for each in done.done]

    first = await issue_certificate(db, WARD, anh.id, ids, by=room.as_coordinator, now=LATER)
    second = await issue_certificate(db, WARD, anh.id, ids, by=room.as_coordinator, now=LATER)
    await revoke_certificate(
        db, WARD, first.id, kind="mistake", reason="Sai tên", by=room.as_coordinator, now=LATER
    )

    assert [
        (text.about, text.state, text.body_accented) for text in await texts(db, "certificate_ready")
    ] == [
        (f"certificate:{first.id}", "withdrawn", CERTIFICATE),
        (f"certificate:{second.id}", "planned", CERTIFICATE),
    ]


@pytest.mark.parametrize("reached", [True, False])
async def test_results_go_only_to_mobiles(db: AsyncSession, reached: bool) -> None:
    await load_wordings(db, by=TEST, now=NOON)
    room = await add_classroom(db)
    anh = room.learners[0]
    anh.phone, anh.phone_kind = (LAN, "mobile") if reached else ("+842343823456", "landline")
    await came_and_showed(db, room, anh)

    await sign_off(db, WARD, [(anh.id, room.skills[0].id)], by=room.as_assessor, now=LATER)

    assert len(await said(db, "sign_off_reached")) == int(reached)
