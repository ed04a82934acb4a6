"""Requests straight into the application, byte by byte, as no browser and no HTTP library would send them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, unquote, urlencode

from litestar import Litestar

from tests.factories import PASSWORD

FORM = b"application/x-www-form-urlencoded"

# What a server may write: anything else makes it drop the connection (RFC 9110, 5.5).
_HEADER_VALUE = re.compile(rb"[\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff\t]*[\x21-\x7e\x80-\xff])?|")
_HEADER_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

Pairs = Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class Answer:
    """What the application sent."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for each, value in self.headers if each.lower() == name), "")

    def faults(self) -> list[str]:
        """What no answer may have, whatever was asked."""
        found = [f"status {self.status}"] if self.status >= 500 else []
        for name, value in self.headers:
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                found.append(f"header no server can write: {name!r}: {value[:80]!r}")
        if self.header(b"content-type").startswith("text/html") and b"\0" in self.body:
            found.append("NUL in the page")
        return found


def encoded(pairs: Pairs) -> bytes:
    """A form or a query."""
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs).encode()


@dataclass
class Client:
    """A browser of one person; `cookies` and `token` come from a real log-in."""

    app: Litestar
    cookies: dict[str, str]

    async def ask(
        self,
        method: str,
        path: bytes,
        *,
        query: bytes = b"",
        body: bytes = b"",
        headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> Answer:
        """One request; `path` as it stands on the line, percent-encoded. Headers given replace our own."""
        own = {
            b"host": b"127.0.0.1",
            b"accept": b"text/html",
            b"content-type": FORM,
            b"content-length": str(len(body)).encode(),
            b"x-csrftoken": self.cookies.get("csrf", "").encode(),
            b"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()).encode(),
        }
        own |= dict(headers)
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path.decode("latin-1")),  # as uvicorn does
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": list(own.items()),
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        app: Any = self.app
        await app(scope, receive, send)
        start = sent[0]
        body = b"".join(each.get("body", b"") for each in sent[1:])
        return Answer(start["status"], start["headers"], body)


async def visitor(app: Litestar) -> Client:
    """Nobody signed in, with a CSRF token."""
    client = Client(app, {})
    _keep(client, await client.ask("GET", b"/dang-nhap"))
    return client


async def signed_in(app: Litestar, email: str, password: str = PASSWORD) -> Client:
    """Somebody signed in."""
    client = await visitor(app)
    form = urlencode({"identifier": email, "password": password}).encode()
    answer = await client.ask("POST", b"/dang-nhap", body=form)
    assert answer.status == 303, answer
    assert not answer.header(b"location").startswith("/dang-nhap"), answer
    _keep(client, answer)
    return client


def _keep(client: Client, answer: Answer) -> None:
    for name, value in answer.headers:
        if name.lower() == b"set-cookie":
            jar: SimpleCookie = SimpleCookie(value.decode())
            client.cookies |= {key: morsel.value for key, morsel in jar.items()}
