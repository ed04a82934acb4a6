"""Who cannot come and was not replaced: found for the week and tasks, shown on pages, replaced."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Role
from scheduling.errors import NotPossibleNow
from scheduling.models import Assignment
from scheduling.queries.dropouts import Dropout, unfilled_dropouts
from scheduling.rules.dropouts import is_urgent
from staffing.service.assignments import replace
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_assignment, add_helper, add_session, add_user, add_ward
from tests.staffing.scenes import add_coordinator, states
from tests.staffing.test_staffing_pages import text_of
from wordings.service.shipped import load_wordings

WARD = "19753"
SOON = NOON + timedelta(hours=2)


async def found(db: AsyncSession, *, since: datetime = NOON, wards: list[str] | None = None) -> list[Dropout]:
    until = since + timedelta(days=7)
    return list((await unfilled_dropouts(db, wards=wards, since=since, until=until)).items)


async def test_dropout_is_told_with_reason_until_place_is_filled(db: AsyncSession) -> None:
    await add_ward(db)
    session = await add_session(db, title="VNeID", starts_at=SOON, need=(1, 0))
    an, binh = await add_helper(db, "Lê An"), await add_helper(db, "Đỗ Bình")
    row = await add_assignment(db, session, an, role="trainer", state="declined", reason="Ốm")

    open_ = await found(db)
    await add_assignment(db, session, binh, role="trainer", state="offered")

    expected = Dropout(
        row.id, session.id, WARD, "VNeID", session.starts_at, an.id, "Lê An", "trainer", "Ốm", NOON
    )
    assert open_ == [expected]
    assert expected.is_urgent(NOON)
    assert await found(db) == []


async def test_dropouts_leave_out_what_needs_nobody(db: AsyncSession) -> None:
    await add_ward(db)
    await add_ward(db, ward_id="19789", name="Thuận Hóa")
    an = await add_helper(db, "Lê An")
    over = await add_session(db, starts_at=NOON - timedelta(hours=1))
    cancelled = await add_session(db, starts_at=NOON + timedelta(hours=5))
    asked_again = await add_session(db, starts_at=NOON + timedelta(hours=9))
    no_need = await add_session(db, starts_at=NOON + timedelta(hours=13), need=(1, 0))
    twice = await add_session(db, starts_at=NOON + timedelta(hours=17))
    elsewhere = await add_session(db, ward_id="19789", starts_at=NOON + timedelta(hours=21))
    for session in (over, cancelled, asked_again, no_need, twice, twice, elsewhere):
        await add_assignment(db, session, an, state="declined")
    await add_assignment(db, asked_again, an, state="offered")
    cancelled.cancelled_at, cancelled.cancel_reason = NOON, "Mưa"
    await db.flush()

    assert [each.session_id for each in await found(db, wards=[WARD])] == [twice.id]
    assert [each.session_id for each in await found(db)] == [twice.id, elsewhere.id]
    page = await unfilled_dropouts(db, wards=None, since=NOON, until=NOON + timedelta(days=7), size=1)
    assert (len(page.items), page.total) == (1, 2)


def test_urgent_is_a_day_before_the_session() -> None:
    assert is_urgent(NOON + timedelta(hours=24), NOON)
    assert not is_urgent(NOON + timedelta(hours=25), NOON)
    assert not is_urgent(NOON, NOON)


async def test_somebody_replaces_who_declined_once(db: AsyncSession) -> None:
    by = await add_coordinator(db)
    session = await add_session(db, starts_at=SOON, need=(1, 0))
    an, binh, chi = [await add_helper(db, name) for name in ("Lê An", "Đỗ Bình", "Hồ Chi")]
    row = await add_assignment(db, session, an, role="trainer", state="declined", reason="Ốm")

    await replace(db, row.id, binh.id, reason="", agreed=False, by=by, now=NOON)
    with pytest.raises(NotPossibleNow, match="Chỗ này đã có người thay"):
        await replace(db, row.id, chi.id, reason="", agreed=False, by=by, now=NOON)

    assert await states(db, session) == [(an.id, "trainer", "declined"), (binh.id, "trainer", "offered")]
    assert (await db.scalars(select(Assignment.reason).order_by(Assignment.id))).all() == ["Ốm", ""]


async def test_pages_show_who_fell_out_beside_the_way_to_replace(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, WARD))
        await add_user(db, (Role.VIEWER, WARD), email="xem@example.org")
        colleague = await add_user(db, (Role.TRAINER, WARD), email="binh@example.org")
        session = await add_session(db, title="VNeID", starts_at=SOON, need=(1, 1))
        an = await add_helper(db, "Lê An")
        binh = await add_helper(db, "Đỗ Bình", user=colleague)
        row = await add_assignment(db, session, an, role="trainer", state="declined", reason="Ốm nặng")
        await add_assignment(db, session, binh)
        free = await add_helper(db, "Hồ Chi")
    here = f"/buoi/{session.id}/phan-cong"
    thay = f"{here}/{row.id}/thay"
    part = {"hx-request": "true"}
    async with app.client_as("ha@example.org") as client:
        week = await client.get(f"/lich/{WARD}")
        panel = await client.get(here, headers=part)
        page = await client.get(here)
        choosing = await client.get(thay)
        done = await client.post(thay, data={"nguoi": [str(free.id)]})
        after = await client.get(f"/lich/{WARD}")
        again = await client.post(thay, data={"nguoi": [str(free.id)]})
    for email in ("xem@example.org", "binh@example.org"):
        async with app.client_as(email) as client:
            assert "Ốm nặng" not in (await client.get(here, headers=part)).text
            assert "Ốm nặng" not in (await client.get(here)).text
            assert thay not in (await client.get(here)).text

    assert "1 người không đến được, chưa có người thay Lê An Gấp Ốm nặng · VNeID , 14h00" in text_of(week)
    for shown in (week, panel, page):
        assert f'href="{thay}"' in shown.text
    assert "Lê An không đến được: Ốm nặng." in text_of(choosing)
    assert re.findall(r'name="nguoi" value="(\d+)"', choosing.text) == [str(free.id)]
    assert done.status_code == 303
    assert "không đến được" not in text_of(after)
    assert again.status_code == 409
