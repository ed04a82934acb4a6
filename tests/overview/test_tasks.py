"""Tasks: what is one, for whom, how urgent; and that it is none once it is done."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from learners.models import Learner
from lopso.kernel.access import Actor, Role
from lopso.kernel.workbook.staging import StagedImport
from notifications.models import Message
from overview.queries.tasks.reading import COUNTED, count_tasks, next_session, tasks_page, urgent_tasks
from scheduling.models import Assignment, ClassSession
from tests.classroom import add_classroom
from tests.competency.evidence import came_and_showed
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    actor_for,
    add_assignment,
    add_enrolment,
    add_helper,
    add_learner,
    add_session,
    add_text,
    add_user,
    add_ward,
)
from tests.statements import statements_of

WARD, OTHER = "19753", "19789"
DAY = timedelta(days=1)


async def coordinator(db: AsyncSession):
    roles = (Role.COORDINATOR, WARD)
    return actor_for(await add_user(db, roles), roles)


async def tasks(db: AsyncSession, actor: Actor, ward_id: str | None = WARD) -> dict[str, list[str]]:
    groups = await urgent_tasks(db, actor, ward_id, now=NOON)
    count = await count_tasks(db, actor, ward_id, now=NOON)
    assert count == min(COUNTED, sum(group.total for group in groups))
    return {group.name: [row.name for row in group.rows] for group in groups}


async def test_short_session_is_a_task_until_somebody_is_asked(db: AsyncSession) -> None:
    await add_ward(db)
    actor = await coordinator(db)
    session = await add_session(db, title="Dùng VNeID", need=(1, 0))
    await add_session(db, title="Ở xa", need=(1, 0), starts_at=NOON + 15 * DAY)
    await add_session(db, title="Đã qua", need=(1, 0), starts_at=NOON - DAY)
    cancelled = await add_session(db, title="Đã hủy", need=(1, 0))
    cancelled.cancelled_at, cancelled.cancel_reason = NOON, "Mưa"
    await db.flush()
    assert await tasks(db, actor) == {"short": ["Dùng VNeID"]}
    await add_assignment(db, session, await add_helper(db), role="trainer")
    assert await tasks(db, actor) == {}


async def test_decline_is_a_task_until_somebody_else_is_found(db: AsyncSession) -> None:
    await add_ward(db)
    actor = await coordinator(db)
    session = await add_session(db, title="Dùng VNeID", need=(0, 1))
    for name in ("Lê An", "Trần Bình"):
        await add_assignment(db, session, await add_helper(db, name), state="declined", reason="ốm")
    (group,) = await urgent_tasks(db, actor, WARD, now=NOON)
    assert group.name == "declined"
    assert [row.detail["person"] for row in group.rows] == ["Trần Bình"]  # the last one, once
    await add_assignment(db, session, await add_helper(db, "Ngô Cúc"))
    assert await tasks(db, actor) == {}


async def test_session_stays_a_task_when_somebody_declined_and_was_asked_again(db: AsyncSession) -> None:
    await add_ward(db)
    actor = await coordinator(db)
    asked_again = await add_session(db, title="Dùng VNeID", need=(0, 2))
    an = await add_helper(db, "Lê An")
    for state in ("declined", "accepted"):
        await add_assignment(db, asked_again, an, state=state)
    assert await tasks(db, actor) == {"short": ["Dùng VNeID"]}

    both = await add_session(db, title="Hue-S", need=(0, 2), starts_at=NOON + 5 * DAY)
    for helper, state in ((await add_helper(db, "Hồ Chi"), "declined"), (an, "declined"), (an, "accepted")):
        await add_assignment(db, both, helper, state=state)
    assert await tasks(db, actor) == {"short": ["Dùng VNeID"], "declined": ["Hue-S"]}


async def test_unanswered_ask_is_a_task_the_sooner_the_nearer_the_session(db: AsyncSession) -> None:
    await add_ward(db)
    actor = await coordinator(db)
    asked: list[Assignment] = []
    for days, title in ((2, "Gần"), (9, "Mới mời"), (10, "Mời đã lâu")):
        session = await add_session(db, title=title, need=(0, 1), starts_at=NOON + days * DAY)
        asked.append(await add_assignment(db, session, await add_helper(db, title), state="offered"))
    for each, hours in zip(asked, (3, 3, 11), strict=True):
        each.offered_at = NOON - timedelta(hours=hours)
    await db.flush()
    assert await tasks(db, actor) == {"unanswered": ["Gần", "Mời đã lâu"]}
    for each in asked:
        each.state, each.answered_at = "accepted", NOON
    await db.flush()
    assert await tasks(db, actor) == {}


async def test_class_without_roll_is_a_task_until_the_first_mark(db: AsyncSession) -> None:
    room = await add_classroom(db)
    actor = await coordinator_of(db)
    session = await db.get_one(ClassSession, room.session.id)
    session.starts_at, session.ends_at = NOON - timedelta(hours=3), NOON - timedelta(hours=1)
    await db.flush()
    found = await tasks(db, actor)
    assert found["without_roll"] == [session.title]
    await room.mark(db, room.learners[0])
    assert "without_roll" not in await tasks(db, actor)
    await room.mark(db, room.learners[0], "cleared", at=NOON + timedelta(minutes=1))
    assert "without_roll" in await tasks(db, actor)


async def coordinator_of(db: AsyncSession):
    roles = (Role.COORDINATOR, WARD)
    return actor_for(await add_user(db, roles, email="dieu-phoi-khac@example.org"), roles)


async def test_people_to_call_are_a_task_of_the_next_two_days(db: AsyncSession) -> None:
    await add_ward(db)
    actor = await coordinator(db)
    for days in (1, 4):
        session = await add_session(db, title=f"Sau {days} ngày", need=(0, 0), starts_at=NOON + days * DAY)
        await add_enrolment(db, session, await add_learner(db))  # without a phone
    assert await tasks(db, actor) == {"to_call": ["Sau 1 ngày"]}


async def test_failed_texts_are_a_task_for_each_session_until_resolved(db: AsyncSession) -> None:
    await add_ward(db)
    actor = await coordinator(db)
    session = await add_session(db, title="Hôm qua", need=(0, 0), starts_at=NOON - DAY)
    texts: list[Message] = []
    for phone in ("+84912345678", "+84912345679"):
        learner = await add_learner(db, phone=phone)
        texts.append(await text_to(db, session, learner))
    assert await tasks(db, actor) == {"failed": ["Hôm qua"]}
    (group,) = await urgent_tasks(db, actor, WARD, now=NOON)
    assert group.rows[0].detail["number"] == 2
    for each in texts:
        each.resolved_at, each.resolution = NOON, "called"
    await db.flush()
    assert await tasks(db, actor) == {}


async def text_to(db: AsyncSession, session: ClassSession, learner: Learner) -> Message:
    known = await db.scalar(select(Message.template_id).limit(1))
    if known is None:
        message = await add_text(db, session, learner)
    else:
        first = (await db.scalars(select(Message).limit(1))).one()
        message = Message(
            **{
                column.key: getattr(first, column.key)
                for column in Message.__table__.columns
                if column.key not in ("id", "reference", "to_phone")
            },
            reference=uuid4(),
            to_phone=learner.phone,
        )
        db.add(message)
    message.state = "failed"
    await db.flush()
    return message


async def test_waiting_list_is_a_task_until_it_is_saved(db: AsyncSession) -> None:
    await add_ward(db)
    actor = await coordinator(db)
    staged = StagedImport(
        id=uuid4(), ward_id=WARD, kind="learners", digest="x", made_at=NOON - DAY, parsed={"good": []}
    )
    db.add(staged)
    await db.flush()
    assert await tasks(db, actor) == {"imports": ["learners"]}
    staged.saved_at, staged.result = NOON, {}
    await db.flush()
    assert await tasks(db, actor) == {}


async def test_sign_offs_are_tasks_of_assessors_but_not_of_who_saw_the_skill(db: AsyncSession) -> None:
    room = await add_classroom(db)
    await came_and_showed(db, room, room.learners[0])
    roles = (Role.ASSESSOR, WARD)
    user = await add_user(db, roles, email="nguoi-xac-nhan@example.org")
    assert list(await tasks(db, actor_for(user, roles))) == ["sign_offs"]
    observer = actor_for(room.helper, roles)
    assert await tasks(db, observer) == {}
    assert "sign_offs" not in await tasks(db, await coordinator_of(db))
    room.learners[0].archived_at = NOON
    await db.flush()
    assert await tasks(db, actor_for(user, roles)) == {}


async def test_helper_has_own_asks_and_rolls_only(db: AsyncSession) -> None:
    await add_ward(db)
    roles = (Role.TRAINER, WARD)
    user = await add_user(db, roles, email="an@example.org")
    me, other = await add_helper(db, "Lê An", user=user), await add_helper(db, "Trần Bình")
    actor = actor_for(user, roles)
    for helper, title in ((me, "của tôi"), (other, "của người khác")):
        asked = await add_session(db, title=f"Mời, {title}", starts_at=NOON + 5 * DAY)
        await add_assignment(db, asked, helper, state="offered")
        over = await add_session(db, title=f"Đã dạy, {title}", starts_at=NOON - DAY)
        await add_assignment(db, over, helper)
        await add_enrolment(db, over, await add_learner(db))
    assert await tasks(db, actor, None) == {
        "own_without_roll": ["Đã dạy, của tôi"],
        "own_unanswered": ["Mời, của tôi"],
    }
    assert await next_session(db, actor, None, now=NOON) is None


async def test_groups_come_by_what_happens_soonest_and_pages_are_bounded(db: AsyncSession) -> None:
    await add_ward(db)
    actor = await coordinator(db)
    for number in range(60):
        await add_session(
            db, title=f"Buổi {number}", need=(1, 0), starts_at=NOON + timedelta(hours=30 + number)
        )
    near = await add_session(db, title="Gần nhất", need=(0, 1), starts_at=NOON + timedelta(hours=5))
    await add_assignment(db, near, await add_helper(db), state="declined", reason="ốm")
    groups = await urgent_tasks(db, actor, WARD, now=NOON)
    assert [(group.name, group.total, len(group.rows)) for group in groups] == [
        ("declined", 1, 1),
        ("short", 60, 5),
    ]
    second = await tasks_page(db, actor, WARD, "short", now=NOON, number=2)
    assert (len(second.items), second.total, second.items[0].name) == (10, 60, "Buổi 50")
    beyond = await tasks_page(db, actor, WARD, "short", now=NOON, number=3)
    assert (len(beyond.items), beyond.number, beyond.total) == (50, 1, 60)
    assert (await tasks_page(db, actor, WARD, "sign_offs", now=NOON, number=1)).total == 0
    coming = await next_session(db, actor, WARD, now=NOON)
    assert coming is not None
    assert coming.name == "Gần nhất"


async def seed(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_ward(db, ward_id=OTHER, name="Thuận Hóa")
        for role in (Role.COORDINATOR, Role.ASSESSOR, Role.VIEWER, Role.TRAINER):
            await add_user(db, (role, WARD), email=f"{role}@example.org")
        await add_session(db, title="Thiếu người dạy", need=(1, 0))
        await add_session(db, title="Phường khác", need=(1, 0), ward_id=OTHER)


async def test_page_links_each_task_to_its_step_and_says_when_nothing_waits(app: TestApp) -> None:
    await seed(app)
    async with app.client_as("coordinator@example.org") as client:
        answer = await client.get(f"/viec-can-lam/{WARD}")
        assert "Thiếu 1 người dạy chính." in answer.text
        assert "Phường khác" not in answer.text
        assert re.search(r'href="/buoi/\d+/phan-cong"', answer.text)
        assert re.search(r'id="tasks-side">1</span>', answer.text)
        number = await client.get(f"/viec-can-lam/{WARD}/so", headers={"hx-request": "true"})
        assert re.search(r'id="tasks-bottom" hx-swap-oob="true">1</span>', number.text)
        assert number.headers["cache-control"] == "private, max-age=15"
        assert (await client.get("/viec-can-lam")).headers["location"] == f"/viec-can-lam/{WARD}"
        assert (await client.get(f"/viec-can-lam/{OTHER}")).status_code == 404
        async with app.sessions.begin() as db:
            session = (await db.scalars(select(ClassSession).where(ClassSession.ward_id == WARD))).one()
            await add_assignment(db, session, await add_helper(db), role="trainer")
        answer = await client.get(f"/viec-can-lam/{WARD}")
        assert "Không còn việc nào chờ" in answer.text
        assert "Sắp tới:" in answer.text


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("coordinator", f"/viec-can-lam/{WARD}"),
        ("assessor", f"/viec-can-lam/{WARD}"),
        ("trainer", "/viec-can-lam"),
    ],
)
async def test_menu_asks_for_the_number_once_the_page_is_shown(app: TestApp, role: str, address: str) -> None:
    await seed(app)
    async with app.client_as(f"{role}@example.org") as client:
        home = await client.get("/", follow_redirects=True)
        assert home.text.count(f'hx-get="{address}/so"') == 1
        assert (await client.get(f"{address}/so")).status_code == 200


async def test_number_and_page_take_two_statements_with_the_log_in(app: TestApp, engine: AsyncEngine) -> None:
    await seed(app)
    counts: list[int] = []
    async with app.client_as("coordinator@example.org") as client:
        for path in ("/so", "", "?nhom=short"):
            address = f"/viec-can-lam/{WARD}{path}"
            await client.get(address)
            with statements_of(engine) as statements:
                assert (await client.get(address)).status_code == 200
            counts.append(len(statements))
    assert counts == [2, 2, 2]
