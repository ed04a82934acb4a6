"""Every kind of task leads to a page that opens, for each role that is shown it; the menu counts the same."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Role
from lopso.kernel.paths import shipped
from overview.queries.tasks.reading import GROUPS
from tests.classroom import add_classroom
from tests.competency.evidence import came_and_showed
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    add_assignment,
    add_enrolment,
    add_helper,
    add_learner,
    add_session,
    add_text,
    add_user,
)

WARD = "19753"
DAY = timedelta(days=1)

SHOWN = {
    "coordinator": {
        "declined", "short", "unanswered", "without_roll", "to_call", "failed", "imports",
    },
    "assessor": {"sign_offs"},
    "viewer": set[str](),
    "trainer": {"own_unanswered", "own_without_roll"},
    "admin": {"declined", "short", "unanswered", "without_roll", "to_call", "failed", "imports"},
}  # fmt: skip
"""Role → the kinds of task that are its business."""


async def seed(db: AsyncSession) -> None:
    """A task of each kind, and an account of each role."""
    room = await add_classroom(db)
    await came_and_showed(db, room, room.learners[0])
    user = await add_user(db, (Role.TRAINER, WARD), email="trainer@example.org")
    for role in (Role.COORDINATOR, Role.ASSESSOR, Role.VIEWER):
        await add_user(db, (role, WARD), email=f"{role}@example.org")
    await add_user(db, (Role.CITY_ADMIN, None), email="admin@example.org")
    me, other = await add_helper(db, "Lê An", user=user), await add_helper(db, "Trần Bình")
    lost = await add_session(db, title="Báo bận", need=(0, 1))
    await add_assignment(db, lost, other, state="declined", reason="ốm")
    await add_session(db, title="Thiếu người", need=(1, 0))
    asked = await add_session(db, title="Chưa trả lời", need=(0, 1), starts_at=NOON + 2 * DAY)
    (await add_assignment(db, asked, me, state="offered")).offered_at = NOON - timedelta(hours=3)
    over = await add_session(db, title="Chưa điểm danh", need=(0, 0), starts_at=NOON - DAY)
    await add_assignment(db, over, me)
    await add_enrolment(db, over, await add_learner(db))
    soon = await add_session(db, title="Cần gọi", need=(0, 0), starts_at=NOON + DAY)
    await add_enrolment(db, soon, await add_learner(db))
    last_week = await add_session(db, title="Tin không đến", need=(0, 0), starts_at=NOON - 3 * DAY)
    text = await add_text(db, last_week, await add_learner(db, phone="+84912345678"))
    text.state = "failed"
    await db.flush()


async def send_list(app: TestApp) -> None:
    """A list that waits to be looked through."""
    content = (shipped("data") / "example" / "phu-xuan" / "hoc-vien.xlsx").read_bytes()
    async with app.client_as("coordinator@example.org") as client:
        file = ("hoc-vien.xlsx", content, "application/zip")
        assert (await client.post(f"/nguoi-hoc/{WARD}/nhap", files={"file": file})).status_code == 303


@pytest.mark.parametrize("role", list(SHOWN))
async def test_each_task_opens_its_step_and_is_counted(app: TestApp, role: str) -> None:
    async with app.sessions.begin() as db:
        await seed(db)
    await send_list(app)
    here = "/viec-can-lam" if role == "trainer" else f"/viec-can-lam/{WARD}"
    async with app.client_as(f"{role}@example.org") as client:
        shown: dict[str, list[str]] = {}
        for group in GROUPS:
            page = await client.get(f"{here}?nhom={group}")
            assert page.status_code == 200
            tasks = page.text.partition('class="rows tasks"')[2]
            if steps := re.findall(r'<li><a href="([^"]+)"', tasks):
                shown[group] = steps
        every = await client.get(here)
        number = await client.get(f"{here}/so", headers={"hx-request": "true"})
        opened = {step: (await client.get(step)).status_code for steps in shown.values() for step in steps}

    assert set(shown) == SHOWN[role]
    assert set(opened.values()) <= {200}, opened
    total = sum(len(steps) for steps in shown.values())
    counted = re.search(r'id="tasks-side"[^>]*>(\d*)<', number.text)
    assert (counted[1] if counted else "") == (str(total) if total else "")
    assert every.text.count('class="end step"') == total
