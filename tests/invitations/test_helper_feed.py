"""A helper's private calendar: the secret, what it says, what it never says."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import select

from accounts.models import User
from invitations.models import CalendarToken
from lopso.kernel.access import Role
from scheduling.models import Assignment, ClassSession
from scheduling.service.sessions import cancel_session
from tests.conftest import TestApp
from tests.factories import (
    NOON,
    TEST,
    add_assignment,
    add_enrolment,
    add_helper,
    add_learner,
    add_room,
    add_session,
    add_user,
    add_ward,
)
from trainers.models import Trainer
from wordings.service.shipped import load_wordings

SETTINGS = "/viec-cua-toi/lich-rieng"


@dataclass
class Scene:
    """Lê An in four sessions, each in another state."""

    me: int
    accepted: int
    offered: int


async def scene(app: TestApp) -> Scene:
    async with app.sessions.begin() as db:
        await load_wordings(db, by=TEST, now=NOON)
        await add_ward(db)
        user = await add_user(db, (Role.TRAINER, "19753"), name="Lê An", email="an@example.org")
        me = await add_helper(db, "Lê An", user=user)
        day = timedelta(days=1)
        accepted = await add_session(db, title="Thanh toán; mã QR, ví", room=await add_room(db))
        accepted.note = "Gọi bà Hòa 0912345678"
        await add_enrolment(db, accepted, await add_learner(db, "Trần Thị Hòa", phone="+84912345678"))
        await add_assignment(db, accepted, me, role="trainer")
        offered = await add_session(db, title="Dùng VNeID", starts_at=accepted.starts_at + day)
        await add_assignment(db, offered, me, state="offered")
        for n, (title, state) in enumerate((("Đã từ chối", "declined"), ("Đã rút", "withdrawn")), start=2):
            other = await add_session(db, title=title, starts_at=accepted.starts_at + n * day)
            await add_assignment(db, other, me, state=state)
        draft = await add_session(
            db, title="Bản nháp", starts_at=accepted.starts_at + 5 * day, published=False
        )
        await add_assignment(db, draft, me)
        stranger = await add_session(db, title="Của người khác", starts_at=accepted.starts_at + 6 * day)
        await add_assignment(db, stranger, await add_helper(db, "Đỗ Bình"))
    return Scene(me.id, accepted.id, offered.id)


async def new_address(app: TestApp) -> str:
    async with app.client_as("an@example.org") as client:
        page = await client.post(SETTINGS)
        assert page.status_code == 200
        return re.findall(r'value="http://127\.0\.0\.1(/lich-rieng/[^"]+)"', page.text)[0]


def events(text: bytes) -> dict[str, Any]:
    whole: Any = icalendar.Calendar.from_ical(text, multiple=False)
    return {str(part["UID"]): part for part in whole.walk() if part.name == "VEVENT"}


async def test_feed_shows_time_place_and_state(app: TestApp) -> None:
    s = await scene(app)
    address = await new_address(app)
    async with app.client() as client:
        answer = await client.get(address)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    found = events(answer.content)
    assert {str(event["SUMMARY"]): str(event["STATUS"]) for event in found.values()} == {
        "Thanh toán; mã QR, ví": "CONFIRMED",
        "Chờ trả lời: Dùng VNeID": "TENTATIVE",
        "Không còn phân công: Đã rút": "CANCELLED",
    }
    event = found[f"buoi-{s.accepted}.nguoi-{s.me}@lopso"]
    assert str(event["LOCATION"]).endswith("12 Đinh Tiên Hoàng, cạnh trường mầm non Hoa Sen")
    assert str(event["DESCRIPTION"]) == "Việc của bạn: người dạy chính.\nCó gì thay đổi, gọi 0234 3823 456."
    assert str(event["URL"]) == "http://127.0.0.1/viec-cua-toi"
    assert f"{event['DTSTART'].dt:%Y-%m-%d %H:%M %Z}" == "2026-11-26 14:00 +07"
    text = answer.content.replace(b"\r\n ", b"").decode()
    for secret in ("Hòa", "912345678", "Bản nháp", "Của người khác", "Đã từ chối"):
        assert secret not in text


async def test_uid_is_kept_and_sequence_rises_with_changes(app: TestApp) -> None:
    s = await scene(app)
    address = await new_address(app)
    uid = f"buoi-{s.accepted}.nguoi-{s.me}@lopso"
    async with app.client() as client:
        before = events((await client.get(address)).content)[uid]
        async with app.sessions.begin() as db:
            session = await db.get_one(ClassSession, s.accepted)
            session.starts_at += timedelta(minutes=30)
            session.version += 1
        moved = events((await client.get(address)).content)[uid]
        async with app.sessions.begin() as db:
            await cancel_session(db, s.accepted, reason="Mưa lớn", by=TEST, now=NOON)
        cancelled = events((await client.get(address)).content)[uid]

    assert [(int(each["SEQUENCE"]), str(each["STATUS"])) for each in (before, moved, cancelled)] == [
        (1, "CONFIRMED"),
        (2, "CONFIRMED"),
        (3, "CANCELLED"),
    ]
    assert moved["DTSTART"].dt - before["DTSTART"].dt == timedelta(minutes=30)
    assert str(cancelled["SUMMARY"]) == "Đã hủy: Thanh toán; mã QR, ví"


async def test_unchanged_feed_is_304_and_changed_feed_is_sent(app: TestApp) -> None:
    s = await scene(app)
    address = await new_address(app)
    async with app.client() as client:
        first = await client.get(address)
        tag, since = first.headers["etag"], first.headers["last-modified"]
        app.clock.forward(timedelta(hours=2))
        same = [
            await client.get(address, headers=headers)
            for headers in (
                {"if-none-match": tag},
                {"if-none-match": f'"x", {tag.removeprefix("W/")}'},
                {"if-none-match": "*"},
                {"if-modified-since": since},
            )
        ]
        assert [(each.status_code, each.content) for each in same] == [(304, b"")] * 4
        assert {each.headers["etag"] for each in same} == {tag}
        again = await client.get(address)
        assert (again.content, again.headers["last-modified"]) == (first.content, since)

        async with app.sessions.begin() as db:  # in the very same second: a title, no version
            (await db.get_one(ClassSession, s.offered)).title = "Dùng VNeID mức 2"
        changed = [
            await client.get(address, headers=headers)
            for headers in ({"if-none-match": tag}, {"if-modified-since": since}, {"if-none-match": '"x"'})
        ]
        assert [each.status_code for each in changed] == [200] * 3
        newer = changed[0].headers["last-modified"]
        assert newer != since
        async with app.sessions.begin() as db:
            (await db.get_one(ClassSession, s.offered)).title = "Dùng VNeID mức 3"
        latest = await client.get(address, headers={"if-modified-since": newer})
        assert latest.status_code == 200


async def test_invalid_if_modified_since_is_ignored(app: TestApp) -> None:
    await scene(app)
    address = await new_address(app)
    day = "Wed, 25 Nov 2026 10:00:00"
    async with app.client() as client:
        for said in (
            f"{day} +99999999999999999",
            f"{day} -9999",
            day,
            "yesterday",
            "",
            "9" * 5000,
        ):
            answer = await client.get(address, headers={"if-modified-since": said})
            assert answer.status_code == 200, said


async def test_only_the_hash_is_stored_and_use_is_recorded(app: TestApp) -> None:
    await scene(app)
    address = await new_address(app)
    secret = address.removeprefix("/lich-rieng/").removesuffix(".ics")
    assert len(secret) >= 43  # 256 bits
    async with app.client() as client:
        await client.get(address)
    async with app.sessions() as db:
        [token] = (await db.scalars(select(CalendarToken))).all()
        assert secret.encode() not in token.token_hash
        assert token.last_used_at == NOON
    async with app.client_as("an@example.org") as client:
        shown = await client.get(SETTINGS)
    assert "Hôm nay, 12h00" in shown.text
    assert secret not in shown.text


async def test_new_secret_revokes_the_old_and_looks_like_unknown(app: TestApp) -> None:
    s = await scene(app)
    old = await new_address(app)
    new = await new_address(app)
    async with app.client() as client:
        assert (await client.get(new)).status_code == 200
        dead = [
            await client.get(path)
            for path in (
                old,
                f"/lich-rieng/{'x' * 43}.ics",
                new.removesuffix(".ics"),
                f"/lich-rieng/{'x' * 190}.ics",
                "/lich-rieng/.ics",
            )
        ]
        assert [each.status_code for each in dead] == [404] * 5
        assert (await client.get(f"/lich-rieng/{'x' * 5000}.ics")).status_code == 404
        # Every page carries a token of its own, and the address that was asked for.
        own = re.compile(r"[0-9a-f]{64,}|/lich-rieng/[^\"]*")
        assert len({own.sub("", each.text) for each in dead}) == 1
    async with app.client_as("an@example.org") as client:
        await client.post(f"{SETTINGS}/tat")
    async with app.client() as client:
        assert (await client.get(new)).status_code == 404
    async with app.sessions() as db:
        kept = await db.scalars(select(CalendarToken.revoked_at).where(CalendarToken.trainer_id == s.me))
        assert kept.all() == [NOON, NOON]


@pytest.mark.parametrize("what", ["left", "disabled"])
async def test_feed_of_left_helper_or_disabled_account_is_404(app: TestApp, what: str) -> None:
    s = await scene(app)
    address = await new_address(app)
    async with app.sessions.begin() as db:
        me = await db.get_one(Trainer, s.me)
        if what == "left":
            me.left_at = NOON
        else:
            (await db.get_one(User, me.user_id)).disabled_at = NOON
    async with app.client() as client:
        assert (await client.get(address)).status_code == 404


async def test_line_breaks_in_titles_do_not_inject_properties(app: TestApp) -> None:
    s = await scene(app)
    async with app.sessions.begin() as db:
        session = await db.get_one(ClassSession, s.accepted)
        session.title = "Lớp\r\nATTENDEE:mailto:a@example.org\r\nEND:VEVENT"
        session.place = "ữ" * 300
        await db.flush()
        row = await db.scalar(select(Assignment).where(Assignment.session_id == s.accepted))
        assert row is not None
    address = await new_address(app)
    async with app.client() as client:
        text = (await client.get(address)).content
    assert len(events(text)) == 3
    assert not any("ATTENDEE" in event for event in events(text).values())
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
