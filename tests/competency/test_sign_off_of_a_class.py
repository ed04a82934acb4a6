"""Sign-off of a class: by class and session, in groups, undone; what somebody else signed meanwhile."""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.models import User
from accounts.service import grant_role
from attendance.queries import session_for
from attendance.service.marks import Mark, record_marks
from competency.errors import TooLateToUndo
from competency.models import AwaitingSignOff, SignOff, SignOffEvidence
from competency.queries.queue import QueueFilter, queue
from competency.queries.queue_classes import classes_waiting
from competency.service.demonstrations import ObservedSkill, record_demonstrations
from competency.service.sign_off_revocations import UNDO_WITHIN, undo_sign_offs
from competency.service.sign_offs import sign_off
from learners.models import Learner
from lopso.kernel.access import Actor, Role
from lopso.kernel.audit import AuditEntry
from notifications.models import Message
from notifications.service.policy import load_policy
from tests.classroom import WARD, Classroom, add_classroom, add_session
from tests.competency.evidence import MINUTE, came_and_showed, signed
from tests.conftest import TestApp
from tests.factories import NOON, TEST, actor_for, add_user
from tests.statements import statements_of
from wordings.service.shipped import load_wordings

QUEUE = f"/xac-nhan/{WARD}"
LATER = NOON + 3 * MINUTE


async def shown(app: TestApp, people: int, skills: Sequence[int] = (0, 1, 2)) -> Classroom:
    """A class in which everybody, with a phone each, showed these skills to the helper."""
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await load_policy(db, by=TEST, now=NOON)
        room = await add_classroom(db, [f"Trần Thị Số {n:02}" for n in range(people)])
        for number, learner in enumerate(room.learners):
            learner.phone, learner.phone_kind = f"+849123450{number:02}", "mobile"
            await came_and_showed(db, room, learner, skills=skills)
        return room


async def second_assessor(db: AsyncSession) -> tuple[User, Actor]:
    user = await add_user(db, (Role.ASSESSOR, WARD), name="Phan Văn Tín", email="tin@example.org")
    return user, actor_for(user, (Role.ASSESSOR, WARD))


def picks(room: Classroom) -> list[str]:
    return [f"{each.id}:{skill.id}" for each in room.learners for skill in room.skills]


async def show_elsewhere(db: AsyncSession, room: Classroom, learner: Learner, by: Actor, level: str) -> int:
    """`by`, who plans in the ward, saw the first skill in another session of the course."""
    other = await add_session(db, None, starts_at=NOON - timedelta(days=1))
    other.course_id = room.session.course_id
    await db.flush()
    session = await session_for(db, other.id, actor=by)
    await record_marks(db, session, [Mark(learner.id, "present", uuid4())], by=by, now=NOON)
    tap = ObservedSkill(learner.id, room.skills[0].id, level, uuid4())
    assert (await record_demonstrations(db, session, [tap], by=by, now=NOON)).saved
    return other.id


async def test_classes_and_sessions_are_offered_with_their_numbers(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, _gai = room.learners
    await came_and_showed(db, room, anh, skills=(0, 1))
    await came_and_showed(db, room, binh)

    (found,) = await classes_waiting(db, WARD)

    assert (found.title, found.series_id) == ("Thanh toán QR, buổi 3", None)
    assert [(each.id, each.number) for each in found.sessions] == [(room.session.id, 3)]
    assert await classes_waiting(db, "20233") == []


async def test_session_chosen_shows_only_skills_shown_there(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, _gai = room.learners
    await came_and_showed(db, room, anh, skills=(0, 1))
    await came_and_showed(db, room, binh, skills=(1,))
    elsewhere = await show_elsewhere(db, room, anh, room.as_coordinator, "with_help")

    async def codes(chosen: QueueFilter) -> list[list[str]]:
        page = await queue(db, WARD, chosen, number=1, reader_id=None)
        assert page.total == len(page.items)
        return [[skill.code for skill in each.skills] for each in page.items]

    assert await codes(QueueFilter(session_id=room.session.id)) == [["K1", "K2"], ["K2"]]
    assert await codes(QueueFilter(session_id=elsewhere)) == [["K1"]]
    assert await codes(QueueFilter(course_id=room.session.course_id)) == [["K1", "K2"], ["K2"]]
    assert await codes(QueueFilter(series_id=1)) == []


async def test_groups_are_ticked_and_unticked_without_a_script(app: TestApp) -> None:
    room = await shown(app, 3)
    first, second = room.learners[0].id, room.skills[1].id
    async with app.client_as("lanh@example.org") as client:

        async def press(chon: str, pick: Sequence[str]) -> list[str]:
            answer = await client.post(QUEUE, data={"chon": chon, "pick": list(pick)})
            assert answer.status_code == 200, answer.text
            return re.findall(r'value="(\d+:\d+)" checked', answer.text)

        everything = await press("tat-ca", [])
        nothing = await press("tat-ca", everything)
        one_skill = await press(f"ky-nang-{second}", [])
        and_one_person = await press(f"nguoi-{first}", one_skill)

    assert sorted(everything) == sorted(picks(room))
    assert nothing == []
    assert one_skill == [f"{each.id}:{second}" for each in room.learners]
    assert set(and_one_person) == {*one_skill, *(f"{first}:{skill.id}" for skill in room.skills)}
    async with app.sessions() as db:
        assert await db.scalar(select(func.count(SignOff.id))) == 0


@pytest.mark.parametrize("people", [2, 25])
async def test_sign_off_of_a_class_runs_a_fixed_number_of_statements(app: TestApp, people: int) -> None:
    room = await shown(app, people)

    engine = app.sessions.kw["bind"]
    async with app.client_as("lanh@example.org") as client:
        await client.get(QUEUE)
        with statements_of(engine) as statements:
            answer = await client.post(QUEUE, data={"pick": picks(room)})
        page = await client.get(answer.headers["location"])

    assert f"Đã xác nhận {people * 3} kỹ năng cho {people} người." in page.text
    assert len(statements) == 23, "\n".join(statements)
    async with app.sessions() as db:
        evidence = select(SignOffEvidence.observed_by, SignOffEvidence.signed_by, func.count()).group_by(
            SignOffEvidence.observed_by, SignOffEvidence.signed_by
        )
        assert [(*row,) for row in await db.execute(evidence)] == [
            (room.helper.id, room.assessor.id, people * 3)
        ]
        audited = select(func.count()).where(AuditEntry.action == "skill.signed_off")
        assert await db.scalar(audited) == people * 3
        assert await db.scalar(select(func.count()).select_from(Message)) == people  # one text a person


@pytest.mark.parametrize("people", [2, 25])
async def test_queue_page_runs_a_fixed_number_of_statements(app: TestApp, people: int) -> None:
    room = await shown(app, people)

    engine = app.sessions.kw["bind"]
    async with app.client_as("lanh@example.org") as client:
        await client.get(QUEUE)
        with statements_of(engine) as statements:
            page = await client.get(f"{QUEUE}?tu=buoi-{room.session.id}")

    assert f"{people} người có kỹ năng chờ xác nhận" in page.text
    assert len(statements) == 8, "\n".join(statements)  # log-in, queue (4), classes (2), courses


async def test_somebody_elses_sign_off_is_named_and_the_rest_goes_through(app: TestApp) -> None:
    room = await shown(app, 3, skills=(0,))
    pick = [f"{each.id}:{room.skills[0].id}" for each in room.learners]
    async with app.client_as("lanh@example.org") as client:
        await client.get(QUEUE)
        async with app.sessions.begin() as db:
            _user, tin = await second_assessor(db)
            pair = (room.learners[1].id, room.skills[0].id)
            await sign_off(db, WARD, [pair], by=tin, now=NOON + 2 * MINUTE)
        answer = await client.post(QUEUE, data={"pick": pick})
        page = await client.get(answer.headers["location"])
        again = await client.post(QUEUE, data={"pick": pick})

    assert "Đã xác nhận 2 kỹ năng cho 2 người. Còn 1 mục chưa xác nhận được: " in page.text
    assert "Kỹ năng này Phan Văn Tín đã xác nhận lúc 12h02 thứ Hai 23/11." in page.text
    assert "(Bà Trần Thị Số 01: Quét mã QR)" in page.text
    assert again.status_code == 422
    assert "Hoàng Thị Lành đã xác nhận lúc" in again.text


async def test_observer_sees_what_is_left_to_somebody_else_counted(app: TestApp) -> None:
    room = await shown(app, 2)
    async with app.sessions.begin() as db:
        await grant_role(db, room.helper.id, Role.ASSESSOR, WARD, by=TEST, now=NOON)
    async with app.client_as("phuoc@example.org") as client:
        page = (await client.get(QUEUE)).text
        everything = await client.post(QUEUE, data={"chon": "tat-ca"})
    assert "6 kỹ năng do chính bạn quan sát: cần người khác xác nhận" in page
    assert 'value="tat-ca"' not in page
    assert re.findall(r'value="(\d+:\d+)" checked', everything.text) == []


async def test_level_offered_is_the_one_that_others_observed(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh = room.learners[0]
    await came_and_showed(db, room, anh)
    both = actor_for(room.assessor, (Role.COORDINATOR, WARD), (Role.ASSESSOR, WARD))
    await show_elsewhere(db, room, anh, both, "can_teach")

    page = await queue(db, WARD, QueueFilter(), number=1, reader_id=room.assessor.id)
    (skill,) = page.items[0].skills
    done = await sign_off(db, WARD, [(anh.id, room.skills[0].id)], by=both, now=LATER)

    assert (skill.level, skill.signable, skill.mine) == ("can_teach", "alone", False)
    assert [each.level for each in done.done] == ["alone"]


async def test_undo_revokes_one_press_and_corrects_the_texts(app: TestApp) -> None:
    room = await shown(app, 3)
    async with app.client_as("lanh@example.org") as client:
        await client.get(QUEUE)
        answer = await client.post(f"{QUEUE}?tu=buoi-{room.session.id}", data={"pick": picks(room)})
        page = await client.get(answer.headers["location"])
        undo = re.search(r'action="([^"]*hoan-tac[^"]*)"', page.text)
        assert undo is not None
        undone = await client.post(undo[1].replace("&amp;", "&"))
        after = await client.get(undone.headers["location"])
        twice = await client.post(undo[1].replace("&amp;", "&"))
        nothing = await client.get(twice.headers["location"])
    async with app.client_as("lanh@example.org") as client:
        without = await client.post(f"{QUEUE}/hoan-tac")

    assert undone.headers["location"] == f"{QUEUE}?tu=buoi-{room.session.id}"
    assert "Đã hoàn tác 9 xác nhận. Các kỹ năng này trở lại danh sách chờ xác nhận." in after.text
    assert "Không có gì để hoàn tác." in nothing.text
    assert without.status_code == 422
    async with app.sessions() as db:
        reasons = await db.scalars(select(SignOff.revoke_reason).distinct())
        assert reasons.all() == ["Hoàn tác ngay sau khi xác nhận"]
        assert await db.scalar(select(func.count()).select_from(AwaitingSignOff)) == 9
        audited = select(func.count()).where(AuditEntry.action == "sign_off.revoked")
        assert await db.scalar(audited) == 9
        texts = await db.execute(select(Message.state, func.count()).group_by(Message.state))
        assert [(*row,) for row in texts] == [("withdrawn", 3)]


async def test_undo_keeps_what_replaced_a_lower_level(db: AsyncSession) -> None:
    room = await add_classroom(db)
    anh, binh, _gai = room.learners
    await came_and_showed(db, room, anh, level="with_help")
    await signed(db, room, anh)
    await came_and_showed(db, room, binh)
    await show_elsewhere(db, room, anh, room.as_coordinator, "can_teach")
    pairs = [(each.id, room.skills[0].id) for each in (anh, binh)]
    await sign_off(db, WARD, pairs, by=room.as_assessor, now=LATER)
    _user, tin = await second_assessor(db)

    by_somebody_else = await undo_sign_offs(db, WARD, LATER, by=tin, now=LATER)
    undone = await undo_sign_offs(db, WARD, LATER, by=room.as_assessor, now=LATER + MINUTE)

    assert (list(by_somebody_else.revoked), list(by_somebody_else.kept)) == ([], [])
    assert [each.learner_id for each in undone.revoked] == [binh.id]
    assert [each.learner_id for each in undone.kept] == [anh.id]
    with pytest.raises(TooLateToUndo):
        await undo_sign_offs(db, WARD, LATER, by=room.as_assessor, now=LATER + UNDO_WITHIN + MINUTE)
