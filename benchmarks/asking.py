"""Asking an application without a network in between: requests through ASGI, and how long they take."""

import statistics
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import SimpleCookie
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from litestar import Litestar, get
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application.templates import built_stylesheets


async def ask(
    app: Any, path: str, *, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    """One request through ASGI: status, body, headers."""
    path, _mark, query = path.partition("?")
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    sent_headers = {"host": "127.0.0.1", **(headers or {})}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in sent_headers.items()],
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    await app(scope, receive, send)
    start = sent[0]
    return start["status"], b"".join(each.get("body", b"") for each in sent[1:]), start["headers"]


async def log_in(app: Any, identifier: str, password: str) -> dict[str, str]:
    """Headers of a signed-in browser that has the stylesheets, the CSRF token among them."""
    jar: SimpleCookie = SimpleCookie()

    def cookies() -> str:
        return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())

    def keep(headers: list[tuple[bytes, bytes]]) -> None:
        for name, value in headers:
            if name.lower() == b"set-cookie":
                jar.load(value.decode())

    for stylesheet in built_stylesheets().values():
        jar[stylesheet.cookie] = stylesheet.version
    _status, _page, headers = await ask(app, "/dang-nhap")
    keep(headers)
    form = {"identifier": identifier, "password": password, "_csrf_token": jar["csrf"].value}
    status, _body, headers = await ask(
        app,
        "/dang-nhap",
        method="POST",
        body=urlencode(form).encode(),
        headers={"content-type": "application/x-www-form-urlencoded", "cookie": cookies()},
    )
    assert status == 303, status
    keep(headers)
    return {"cookie": cookies(), "x-csrftoken": jar["csrf"].value}


def bare_rows(engine: AsyncEngine, statement: str, bounds: Mapping[str, Any]) -> Litestar:
    """Rows at `/rows` without the product: one statement, plain dicts, JSON."""
    asked = text(statement)

    @get("/rows")
    async def rows() -> list[dict[str, Any]]:
        async with engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(asked, bounds)).mappings()]

    return Litestar([rows], logging_config=None, openapi_config=None)


async def count_statements(engine: AsyncEngine, work: Callable[[], Awaitable[object]]) -> int:
    """How many statements `work` sends."""
    number = 0

    def count(*_arguments: object) -> None:
        nonlocal number
        number += 1

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    await work()
    event.remove(engine.sync_engine, "before_cursor_execute", count)
    return number


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of one call."""
    start = perf_counter()
    await work()
    return (perf_counter() - start) * 1000


async def medians(
    works: Mapping[str, Callable[[], Awaitable[object]]], *, rounds: int, warm_up: int
) -> dict[str, float]:
    """Milliseconds of each, done in turns, so that what disturbs one disturbs all.

    Args:
        warm_up: rounds before those that count.
    """
    spent: dict[str, list[float]] = {name: [] for name in works}
    for number in range(warm_up + rounds):
        for name, work in works.items():
            took = await timed(work)
            if number >= warm_up:
                spent[name].append(took)
    return {name: statistics.median(each) for name, each in spent.items()}
