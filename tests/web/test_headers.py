"""Security headers stand on every answer: pages, refusals, redirects and files."""

import pytest

from tests.conftest import TestApp

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
