"""The panel of a number: its preferences, who shares it, one button for each change."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from learners.models import Consent
from lopso.kernel.access import Role
from lopso.kernel.audit import AuditEntry
from notifications.models import Message, OptOut
from notifications.queries.call_list import learners_to_call
from notifications.service.opt_outs import opt_out
from scheduling.models import ClassSession, Enrolment
from tests.classroom import WARD
from tests.conftest import TestApp
from tests.factories import NOON, TEST, add_user, add_ward
from tests.notifications.scenario import LAN, MINH, add_city, add_class, add_helper, add_learner, announce
from tests.notifications.test_pages import words_of
from tests.statements import statements_of

COORDINATOR = "ha@example.org"
STRANGER = "la@example.org"
HTMX = {"HX-Request": "true"}


@dataclass
class People:
    """Ids of the learners and the helper."""

    lan: int
    ban: int
    nobody: int
    helper: int


@pytest.fixture
async def people(app: TestApp) -> People:
    """Lan and Gái share a phone, as does somebody in another ward; Bàn has a landline, Không nothing."""
    app.clock.now = NOON + timedelta(minutes=5)
    async with app.sessions.begin() as db:
        course = await add_city(db)
        await add_ward(db, ward_id="20014", name="Vỹ Dạ")
        await add_user(db, (Role.COORDINATOR, WARD))
        await add_user(db, (Role.COORDINATOR, "20014"), name="Người Lạ", email=STRANGER)
        lan = await add_learner(db, "Lê Thị Lan", phone=LAN)
        gai = await add_learner(db, "Trần Thị Gái", phone=LAN)
        far = await add_learner(db, "Ngô Thị Xa", phone=LAN)
        far.ward_id = "20014"
        ban = await add_learner(db, "Lê Văn Bàn", phone="+842343823456")
        ban.phone_kind = "landline"
        nobody = await add_learner(db, "Trần Thị Không", phone=None)
        session = await add_class(db, course, lan, gai, ban)
        helper = await add_helper(db, session, "Ngô Văn Minh", MINH)
        await announce(db, session)
    return People(lan.id, ban.id, nobody.id, helper.id)


def address(who: str, person: int, ward: str = WARD) -> str:
    return f"/tin-nhan/{ward}/so/{who}/{person}"


async def states(app: TestApp, phone: str) -> list[str]:
    """States of this phone's texts, in the order of planning."""
    async with app.sessions() as db:
        return list(
            await db.scalars(select(Message.state).where(Message.to_phone == phone).order_by(Message.id))
        )


async def test_panel_shows_preferences_and_who_shares_the_number(app: TestApp, people: People) -> None:
    async with app.client_as(COORDINATOR) as client:
        panel = await client.get(address("nguoi-hoc", people.lan), headers=HTMX)
        whole = await client.get(address("nguoi-hoc", people.lan))

    assert "<html" not in panel.text
    assert "<html" in whole.text
    said = words_of(panel.text)
    assert "đang nhận" in said
    assert "Nhắc lịch học" in said
    assert "Số này dùng chung với Trần Thị Gái." in said
    assert "Ngô Thị Xa" not in said  # of another ward
    assert "Chưa hỏi ý kiến" in said
    assert LAN not in panel.text
    assert "0912345678" not in whole.text.replace(" ", "")


async def test_reminders_are_stopped_and_resumed(app: TestApp, people: People) -> None:
    path = address("nguoi-hoc", people.lan)
    async with app.client_as(COORDINATOR) as client:
        ended = await client.post(path, data={"viec": "ngung", "loai": "reminders"}, headers=HTMX)
        during = await states(app, LAN)
        begun = await client.post(path, data={"viec": "nhan-lai", "loai": "reminders"})
        after = await client.get(path)

    said = words_of(ended.text)
    assert "Số này không nhận tin loại này nữa: nhắc lịch học." in said
    assert "Ngừng từ ngày 23/11/2026, Lê Thị Thu Hà ghi" in said
    assert "đã ngừng một phần" in said
    # The same mark on what ends and what begins again: the focus stays where it was.
    assert re.search(r'id="nhan-tin-reminders">.*?<span>Nhận lại</span>', ended.text, re.DOTALL)
    assert re.search(r'id="nhan-tin-reminders">\s*<span>Ngừng</span>', after.text)
    assert during == ["suppressed", "suppressed"]
    assert (begun.status_code, begun.headers["location"]) == (303, path)
    assert await states(app, LAN) == ["suppressed", "suppressed", "planned", "planned"]
    assert "Số này nhận lại tin loại này: nhắc lịch học." in words_of(after.text)
    assert "đang nhận" in words_of(after.text)


async def test_opt_out_of_everything_holds_for_all_sharing_the_number(app: TestApp, people: People) -> None:
    async with app.client_as(COORDINATOR) as client:
        ended = await client.post(address("nguoi-hoc", people.lan), data={"viec": "ngung"}, headers=HTMX)
    async with app.sessions() as db:
        [kept] = (await db.scalars(select(OptOut))).all()
        note = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "opt_out.noted"))).one()

    assert (kept.phone, kept.topic, kept.how, kept.ward_id) == (LAN, None, "staff", WARD)
    assert (note.actor_name, note.facts) == (
        "Lê Thị Thu Hà",
        {"topic": "all", "how": "staff", "suppressed": 2},
    )
    assert "đã ngừng mọi tin" in words_of(ended.text)
    assert 'value="ngung"' not in ended.text


async def test_consent_is_given_and_withdrawn_with_author_and_time(app: TestApp, people: People) -> None:
    path = address("nguoi-hoc", people.lan)
    async with app.client_as(COORDINATOR) as client:
        given = await client.post(path, data={"viec": "dong-y"}, headers=HTMX)
        taken = await client.post(path, data={"viec": "rut-dong-y"}, headers=HTMX)
    async with app.sessions() as db:
        [consent] = (await db.scalars(select(Consent))).all()

    assert "Đã đồng ý nhận tin nhắn ngày 23/11/2026, nói trực tiếp, Lê Thị Thu Hà ghi." in words_of(
        given.text
    )
    assert "không đồng ý" in words_of(taken.text)
    assert (consent.purpose, consent.how) == ("sms", "spoken")
    assert consent.withdrawn_at == app.clock.now
    async with app.sessions() as db:
        bodies = await db.scalars(select(Message.body_accented).where(Message.state == "planned"))
        assert [("Lan" in body, "Gái" in body) for body in bodies if "Gái" in body or "Lan" in body] == [
            (False, True),
            (False, True),
        ]


async def test_missing_consent_allows_reminders_and_refusal_does_not(app: TestApp, people: People) -> None:
    path = address("nguoi-hoc", people.lan)
    async with app.client_as(COORDINATOR) as client:
        unasked = words_of((await client.get(path)).text)
        await client.post(path, data={"viec": "rut-dong-y"})
        said_no = words_of((await client.get(path)).text)
    async with app.sessions() as db:
        session = await db.scalar(select(Enrolment.session_id).where(Enrolment.learner_id == people.lan))
        calls = await learners_to_call(db, await db.get_one(ClassSession, session), now=NOON)

    assert "đang nhận chưa hỏi" in unasked
    assert "Người học vẫn được nhắc những buổi đã đăng ký; xin hỏi khi gặp." in unasked
    assert "chưa hỏi" not in said_no
    assert "Không đồng ý nhận tin nhắn từ ngày 23/11/2026" in said_no
    assert (people.lan, "no_consent") in [(call.learner_id, call.why) for call in calls]


async def test_helper_can_opt_out_of_offers(app: TestApp, people: People) -> None:
    async with app.client_as(COORDINATOR) as client:
        ended = await client.post(
            address("nguoi-day", people.helper), data={"viec": "ngung", "loai": "duties"}, headers=HTMX
        )

    said = words_of(ended.text)
    assert "Mời dạy, báo đổi buổi dạy" in said
    assert "Ngừng mọi tin" not in said  # nobody shares the number: it would say the same
    assert "Đồng ý" not in said  # helpers are not asked for a consent
    assert await states(app, MINH) == ["suppressed"]


async def test_panel_without_a_mobile_offers_no_commands(app: TestApp, people: People) -> None:
    async with app.client_as(COORDINATOR) as client:
        landline = await client.get(address("nguoi-hoc", people.ban), headers=HTMX)
        nothing = await client.get(address("nguoi-hoc", people.nobody), headers=HTMX)
        tried = await client.post(address("nguoi-hoc", people.nobody), data={"viec": "ngung"}, headers=HTMX)
        strange = await client.post(address("nguoi-hoc", people.lan), data={"viec": "xoa-het"}, headers=HTMX)

    assert "Số máy bàn không nhận được tin nhắn" in words_of(landline.text)
    assert 'value="ngung"' not in landline.text
    assert "không có điện thoại" in words_of(nothing.text)
    assert "Người này không có số điện thoại." in words_of(tried.text)
    assert "Chưa có gì thay đổi." in words_of(strange.text)
    assert await states(app, "+842343823456") == []
    assert "suppressed" not in await states(app, LAN)


async def test_topics_are_changed_separately_and_undone(app: TestApp, people: People) -> None:
    path = address("nguoi-hoc", people.lan)
    async with app.sessions.begin() as db:
        await opt_out(db, LAN, "results", how="reply", ward_id=None, by=TEST, now=NOON)
    async with app.client_as(COORDINATOR) as client:
        await client.post(path, data={"viec": "ngung", "loai": "changes"})
        changes = await refused(app)
        page = (await client.get(path)).text
        await client.post(f"{path}?viec=thoi-ngung&loai=changes")
        undone = await refused(app)
        everything = await client.post(path, data={"viec": "ngung"}, headers=HTMX)
        await client.post(path, data={"viec": "thoi-ngung"})
        last = await refused(app)

    assert changes == ["changes", "results"]
    assert f"{path}?viec=thoi-ngung&amp;loai=changes" in page  # the way back, in the flash
    assert undone == ["results"]
    assert 'value="thoi-ngung"' in everything.text
    assert last == ["results"]  # what was said before stands


async def test_opt_out_by_the_recipient_ends_after_confirmation(app: TestApp, people: People) -> None:
    path = address("nguoi-hoc", people.lan)
    async with app.sessions.begin() as db:
        await opt_out(db, LAN, "changes", how="provider", ward_id=None, by=TEST, now=NOON)
        await opt_out(db, LAN, "results", how="staff", ward_id="20014", by=TEST, now=NOON)
    async with app.client_as(COORDINATOR) as client:
        panel = words_of((await client.get(path)).text)
        for topic in ("changes", "results"):
            await client.post(path, data={"viec": "nhan-lai", "loai": topic})
        slipped = await refused(app)
        await client.post(path, data={"viec": "nhan-lai", "loai": "changes", "chac": "1"})

    assert "Người nhận có muốn nhận lại tin không?" in panel
    assert "nhà mạng báo người nhận đã chặn" in panel
    assert "do phường, xã khác ghi" in panel
    assert slipped == ["changes", "results"]
    assert await refused(app) == ["results"]


async def refused(app: TestApp) -> list[str | None]:
    """What Lan's number refuses now."""
    async with app.sessions() as db:
        rows = await db.scalars(
            select(OptOut.topic).where(OptOut.phone == LAN, OptOut.ended_at.is_(None)).order_by(OptOut.topic)
        )
        return list(rows)


async def test_people_of_another_ward_are_not_found(app: TestApp, people: People) -> None:
    async with app.client_as(STRANGER) as client:
        answers = [
            await client.get(address("nguoi-hoc", people.lan)),
            await client.get(address("nguoi-hoc", people.lan, "20014")),
            await client.post(address("nguoi-day", people.helper, "20014"), data={"viec": "ngung"}),
        ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "suppressed" not in await states(app, MINH)


async def test_panel_runs_a_fixed_number_of_statements(
    app: TestApp, engine: AsyncEngine, people: People
) -> None:
    async with app.sessions.begin() as db:
        await opt_out(db, LAN, "results", how="page", ward_id=WARD, by=TEST, now=NOON)

    async with app.client_as(COORDINATOR) as client:
        with statements_of(engine) as statements:
            panel = await client.get(address("nguoi-hoc", people.lan), headers=HTMX)

    assert "người nhận tự ngừng trên trang của mình" in words_of(panel.text)
    assert len(statements) <= 6, statements
