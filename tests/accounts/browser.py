"""Steps of somebody in front of a browser, for tests of accounts."""

import re
from datetime import datetime

import httpx
from pyotp.totp import TOTP

from tests.factories import PASSWORD

COORDINATOR = "ha@example.org"


async def post(client: httpx.AsyncClient, address: str, **data: object) -> httpx.Response:
    """Post a form with the token that the browser holds."""
    if "csrf" not in client.cookies:
        await client.get("/dang-nhap")
    return await client.post(address, data={**data, "_csrf_token": client.cookies["csrf"]})


async def log_in(
    client: httpx.AsyncClient, password: str = PASSWORD, identifier: str = COORDINATOR
) -> httpx.Response:
    """Type name and password."""
    return await post(client, "/dang-nhap", identifier=identifier, password=password)


async def is_signed_in(client: httpx.AsyncClient) -> bool:
    """Whether pages open."""
    return (await client.get("/tai-khoan-cua-toi")).status_code == 200


def app_secret(page: str) -> str:
    """The secret that a set-up page shows."""
    found = re.search(r'<code class="app-key">([A-Z2-7 ]+)</code>', page)
    assert found, page
    return found[1].replace(" ", "")


def app_code(secret: str, now: datetime) -> str:
    """What an authenticator app shows at that moment."""
    return TOTP(secret).at(now)


def shown_recovery_codes(page: str) -> list[str]:
    """The recovery codes on a page."""
    return re.findall(r"<code>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</code>", page)


async def set_up_second_factor(client: httpx.AsyncClient, now: datetime) -> tuple[str, list[str]]:
    """Set one up on the page of one's own account; the app's secret, and the recovery codes."""
    await post(client, "/tai-khoan-cua-toi/hai-buoc", old=PASSWORD)
    secret = app_secret((await client.get("/tai-khoan-cua-toi/hai-buoc")).text)
    answer = await post(client, "/tai-khoan-cua-toi/hai-buoc/xac-nhan", code=app_code(secret, now))
    assert answer.status_code == 200, answer.text
    return secret, shown_recovery_codes(answer.text)
