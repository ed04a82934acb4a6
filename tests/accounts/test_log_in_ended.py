"""A log-in that ended while somebody was at work: it is said, and what was typed is sent after log-in."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest
from sqlalchemy import func, select

from accounts.models import LoginSession
from lopso.kernel.access import Role
from lopso.web.unsent import UnsentForm, read_unsent
from tests.conftest import TestApp
from tests.factories import PASSWORD, add_user, add_ward
from venues.models import Venue

EMAIL = "ha@example.org"
NEW_VENUE = "/dia-diem/19753/moi"


async def seed(app: TestApp) -> None:
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db, (Role.COORDINATOR, "19753"))


def hidden_fields(page: str) -> dict[str, str]:
    """Names and values of the hidden inputs of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


async def log_in_with(client: httpx.AsyncClient, page: str) -> httpx.Response:
    return await client.post(
        "/dang-nhap", data={**hidden_fields(page), "identifier": EMAIL, "password": PASSWORD}
    )


async def test_posted_form_is_kept_through_log_in_and_sent_after(app: TestApp) -> None:
    await seed(app)
    async with app.client_as(EMAIL) as client:
        app.clock.forward(timedelta(days=8))
        room = {"room_name": "Hội trường", "room_seats": "30"}
        data = {
            "name": "Nhà văn hóa tổ 5 “mới”",
            "address": "12 Lê Lợi, ngõ <3>",
            "landmark": "a & b",
            **room,
        }
        refused = await client.post(
            NEW_VENUE, data=data, headers={"referer": f"http://127.0.0.1{NEW_VENUE}?a=1&b=2"}
        )
        assert refused.status_code == 401
        assert "Phiên đăng nhập đã hết, việc vừa rồi chưa được lưu" in refused.text
        assert hidden_fields(refused.text)["tiep"] == f"{NEW_VENUE}?a=1&b=2"
        signed_in = await log_in_with(client, refused.text)
        assert signed_in.status_code == 200
        again = hidden_fields(signed_in.text)
        assert {name: again[name] for name in data} == data
        assert f'action="{NEW_VENUE}"' in signed_in.text
        assert f'href="{NEW_VENUE}?a=1&amp;b=2"' in signed_in.text
        saved = await client.post(NEW_VENUE, data=again)
        assert saved.status_code == 303, saved.text
    async with app.sessions() as db:
        assert await db.scalar(select(Venue.name)) == data["name"]


async def test_wrong_password_on_the_way_keeps_the_form(app: TestApp) -> None:
    await seed(app)
    async with app.client_as(EMAIL) as client:
        app.clock.forward(timedelta(days=8))
        refused = await client.post(NEW_VENUE, data={"name": "Nhà văn hóa"})
        wrong = await client.post(
            "/dang-nhap", data={**hidden_fields(refused.text), "identifier": EMAIL, "password": "sai"}
        )
        assert wrong.status_code == 422
        assert hidden_fields(wrong.text)["unsent"] == hidden_fields(refused.text)["unsent"]


async def test_tap_without_log_in_gets_the_log_in_page_in_place(app: TestApp) -> None:
    await seed(app)
    async with app.client_as(EMAIL) as client:
        app.clock.forward(timedelta(days=8))
        tapped = await client.post(
            "/buoi/7/diem-danh",
            data={"learner_id": "3", "mark": "present"},
            headers={"hx-request": "true", "hx-current-url": "http://127.0.0.1/buoi/7/diem-danh?ky_nang=2"},
        )
    assert tapped.status_code == 401
    assert tapped.headers["hx-retarget"] == "body"
    assert hidden_fields(tapped.text)["tiep"] == "/buoi/7/diem-danh?ky_nang=2"


async def test_suggestions_while_typing_say_so_and_leave_the_page(app: TestApp) -> None:
    await seed(app)
    async with app.client_as(EMAIL) as client:
        app.clock.forward(timedelta(days=8))
        answer = await client.post(
            "/buoi/7/diem-danh/nguoi-moi/goi-y", data={"name": "Lê"}, headers={"hx-request": "true"}
        )
    assert answer.status_code == 401
    assert answer.headers["hx-retarget"] == "#flash"
    assert "Những gì bạn đã gõ vẫn còn trên trang này" in answer.text


async def test_partial_request_without_log_in_returns_to_its_page(app: TestApp) -> None:
    async with app.client() as client:
        answer = await client.get(
            "/lich/19753",
            headers={"hx-request": "true", "hx-current-url": "http://127.0.0.1/lich/19753?tuan=2026-W48"},
        )
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/dang-nhap?tiep=/lich/19753%3Ftuan%3D2026-W48"


async def test_page_of_another_site_is_not_gone_back_to(app: TestApp) -> None:
    await seed(app)
    async with app.client_as(EMAIL) as client:
        app.clock.forward(timedelta(days=8))
        refused = await client.post(
            NEW_VENUE, data={"name": "Nhà"}, headers={"referer": "http://evil.example/dia-diem"}
        )
    assert hidden_fields(refused.text)["tiep"] == "/"


async def test_passwords_and_tokens_are_not_kept(app: TestApp) -> None:
    await seed(app)
    async with app.client_as(EMAIL) as client:
        app.clock.forward(timedelta(days=8))
        refused = await client.post(
            "/tai-khoan", data={"name": "Lê Thị Hoa", "_csrf_token": client.cookies["csrf"]}
        )
        unsent = read_unsent(hidden_fields(refused.text)["unsent"])
        assert unsent is not None
        assert unsent.fields == [("name", "Lê Thị Hoa")]


async def test_chosen_files_are_named_as_to_be_chosen_again(app: TestApp) -> None:
    await seed(app)
    async with app.client_as(EMAIL) as client:
        app.clock.forward(timedelta(days=8))
        refused = await client.post(
            "/nguoi-hoc/19753/nhap", data={"kind": "x"}, files={"file": ("ds.xlsx", b"PK", "application/x")}
        )
        signed_in = await log_in_with(client, refused.text)
    assert "Tệp đã chọn phải chọn lại." in signed_in.text


@pytest.mark.parametrize(
    "action", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
async def test_form_for_another_site_is_not_offered(app: TestApp, action: str) -> None:
    await seed(app)
    async with app.client() as client:
        await client.get("/dang-nhap")
        client.headers["x-csrftoken"] = client.cookies["csrf"]
        unsent = str(UnsentForm(action=action, page="/", fields=[("a", "b")]))
        answer = await client.post(
            "/dang-nhap", data={"identifier": EMAIL, "password": PASSWORD, "unsent": unsent}
        )
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    async with app.sessions() as db:
        assert await db.scalar(select(func.count()).select_from(LoginSession)) == 1
