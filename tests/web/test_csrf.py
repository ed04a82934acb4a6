"""CSRF: a form is taken only with the token of the browser that sends it."""

from datetime import timedelta

import httpx

from accounts.queries import LONGEST
from lopso.application.app import ROUTES
from tests.conftest import TestApp
from tests.factories import PASSWORD
from tests.test_access import MATRIX, seed

EXEMPT = {path.split("{")[0] for each in ROUTES if each.opt.get("exclude_from_csrf") for path in each.paths}
"""How the paths begin of signed webhooks and of the learner's page, which reads no cookie."""


def guarded() -> list[str]:
    """The routes that change something, by the pattern of their paths."""
    posts = [route.split(" ")[1] for route in MATRIX if route.startswith("POST")]
    return [path for path in posts if not path.startswith(tuple(EXEMPT))]


async def post(client: httpx.AsyncClient, path: str, token: str | None) -> int:
    """The status of a form with this token in it, and no other."""
    data = {} if token is None else {"_csrf_token": token}
    return (await client.post(path, data={"x": "y", **data}, headers={"x-csrftoken": ""})).status_code


async def test_no_route_takes_the_token_of_somebody_else(app: TestApp) -> None:
    sample = await seed(app)
    paths = [sample.fill(path)[0] for path in guarded()]
    async with (
        app.client_as("coordinator@example.org") as client,
        app.client_as("other@example.org") as other,
    ):
        foreign = other.cookies["csrf"]
        assert foreign != client.cookies["csrf"]
        statuses = {path: await post(client, path, foreign) for path in paths}
        headers = {"x-csrftoken": foreign}
        by_header = {path: (await client.post(path, headers=headers)).status_code for path in paths}

    assert len(paths) > 100
    assert {path: status for path, status in statuses.items() if status != 403} == {}
    assert {path: status for path, status in by_header.items() if status != 403} == {}


async def test_token_that_is_missing_or_altered_is_refused(app: TestApp) -> None:
    await seed(app)
    path = "/nguoi-hoc/19753/moi"
    async with app.client_as("coordinator@example.org") as client:
        own = client.cookies["csrf"]
        wrong = [None, "", "x", own[:-1], own + "0", own[:64], own[64:] + own[:64], "0" * 128, own.upper()]
        statuses = [await post(client, path, each) for each in wrong]
        good = await post(client, path, own)
        # A token and a cookie that agree, but were not made with our secret.
        client.cookies.set("csrf", "a" * 128)
        made_up = await post(client, path, "a" * 128)
    assert (statuses, good, made_up) == ([403] * len(wrong), 422, 403)


async def test_form_sent_after_log_out_changes_nothing(app: TestApp) -> None:
    await seed(app)
    learner = {"full_name": "Lê Thị Hạnh", "birth_year": "1958"}
    async with app.client_as("coordinator@example.org") as client:
        session, token = client.cookies["lopso"], client.cookies["csrf"]
        await client.post("/dang-xuat", data={"_csrf_token": token})
        client.cookies.set("lopso", session)
        answer = await client.post("/nguoi-hoc/19753/moi", data={**learner, "_csrf_token": token})
    async with app.client_as("coordinator@example.org") as client:
        people = await client.get("/nguoi-hoc/19753")
    assert answer.status_code == 401
    assert "Lê Thị Hạnh" not in people.text


async def test_log_in_renews_the_token_for_as_long_as_it_may_last(app: TestApp) -> None:
    await seed(app)
    async with app.client() as client:
        await client.get("/dang-nhap")
        token = client.cookies["csrf"]
        form = {"identifier": "coordinator@example.org", "password": PASSWORD, "_csrf_token": token}
        answer = await client.post("/dang-nhap", data=form)
    [renewed] = [each for each in answer.headers.get_list("set-cookie") if each.startswith("csrf=")]
    assert renewed.startswith(f"csrf={token};")
    assert renewed.count("Max-Age=2592000") == 1
    assert timedelta(seconds=2592000) >= LONGEST
