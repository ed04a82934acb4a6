"""Security headers stand on every answer: pages, refusals, redirects and files."""

from dataclasses import replace

import httpx
import pytest

from lopso.kernel.settings import Settings
from tests.conftest import MakeApp, TestApp
from tests.factories import PASSWORD, add_user

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/dang-nhap", 200), ("/lich", 303), ("/khong-co-trang-nay", 404), ("/static/khong-co.js", 404)],
)
async def test_every_response_has_security_headers(app: TestApp, path: str, status: int) -> None:
    async with app.client() as client:
        answer = await client.get(path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_pages_are_not_cached(app: TestApp) -> None:
    async with app.client() as client:
        assert (await client.get("/dang-nhap")).headers["cache-control"] == "no-store"


async def test_over_tls_cookies_are_bound_to_the_host_and_hsts_stands(
    make_app: MakeApp, settings: Settings
) -> None:
    app = make_app(replace(settings, public_url="https://127.0.0.1"))
    async with app.sessions.begin() as db:
        await add_user(db)
    set_cookies: list[str] = []
    async with app.client() as client:
        client.base_url = httpx.URL("https://127.0.0.1")
        answer = await client.get("/dang-nhap")
        token = {"_csrf_token": client.cookies["__Host-csrf"]}
        sent = [
            await client.post("/ngon-ngu", data={**token, "lang": "vi"}),
            await client.post(
                "/dang-nhap", data={**token, "identifier": "ha@example.org", "password": PASSWORD}
            ),
            await client.post(
                "/tai-khoan-cua-toi/mat-khau",
                data={**token, "old": PASSWORD, "password": "chín cây cầu ngói"},
            ),
            await client.get("/tai-khoan-cua-toi"),
        ]
    for each in (answer, *sent):
        set_cookies += each.headers.get_list("set-cookie")
        assert each.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    names = {each.partition("=")[0] for each in set_cookies}
    assert names == {f"__Host-{name}" for name in ("csrf", "lang", "lopso", "lopso-device", "flash")}
    for each in set_cookies:
        parts = {part.strip().lower() for part in each.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts, each


@pytest.mark.parametrize("path", ["/dang-nhap", "/static/app.js", "/-/live"])
async def test_trace_is_refused(app: TestApp, path: str) -> None:
    async with app.client() as client:
        assert (await client.request("TRACE", path)).status_code == 405


async def test_csrf_cookie_outlives_the_browser_as_the_log_in_does(app: TestApp) -> None:
    async with app.client() as client:
        cookie = (await client.get("/dang-nhap")).headers["set-cookie"]
    assert cookie.startswith("csrf=")
    assert "Max-Age=2592000" in cookie
