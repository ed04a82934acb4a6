"""What only a real server shows: connections dropped in the middle of an answer, and bytes that are no HTTP.

Whatever is sent, an answer comes that is whole and no 5xx, and the server goes on.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lopso.kernel.settings import Settings
from lopso.web.input_checks import LARGEST_HEAD
from tests.conftest import TestApp
from tests.factories import PASSWORD, add_user, add_ward
from tests.hostile.serving import served

MIB = 1024 * 1024
HOST = b"Host: 127.0.0.1\r\n"


@dataclass(frozen=True)
class RawAnswer:
    """An answer as it came over the wire; `status` 0 when nothing came."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        found = re.search(rb"(?im)^" + name + rb":[ \t]*([^\r\n]*)", self.head)
        return found[1] if found else b""

    @property
    def whole(self) -> bool:
        """Whether as much came as was announced."""
        length = self.header(b"content-length")
        return not length or self.status in (204, 304) or len(self.body) == int(length)


@dataclass(frozen=True)
class RawServer:
    """A running server, spoken to in bytes."""

    port: int

    async def send(self, request: bytes, *, patience: float = 20.0) -> RawAnswer:
        """The answer to `request` on a connection of its own; `patience` in seconds until it is whole."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            with contextlib.suppress(ConnectionError):  # answered before all was sent
                await writer.drain()
            return _parsed(await _read_all(reader, patience))
        finally:
            writer.close()

    async def get(self, target: bytes, headers: bytes = b"") -> RawAnswer:
        return await self.send(b"GET " + target + b" HTTP/1.1\r\n" + HOST + headers + _CLOSE)

    async def post(self, target: bytes, body: bytes, headers: bytes = b"") -> RawAnswer:
        length = b"Content-Length: %d\r\n" % len(body)
        kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
        return await self.send(
            b"POST " + target + b" HTTP/1.1\r\n" + HOST + kind + length + headers + _CLOSE + body
        )


_CLOSE = b"Connection: close\r\n\r\n"


async def _read_all(reader: asyncio.StreamReader, patience: float) -> bytes:
    came = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(patience):
            while part := await reader.read(MIB):
                came += part
    return came


def _parsed(came: bytes) -> RawAnswer:
    head, _blank, body = came.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    return RawAnswer(int(found[1]) if found else 0, head, body)


@pytest.fixture
async def raw(app: TestApp, settings: Settings, caplog: pytest.LogCaptureFixture) -> AsyncIterator[RawServer]:
    """The application as `lopso serve` serves it; an exception that reaches the server fails the test."""
    async with app.sessions.begin() as db:
        await add_ward(db)
        await add_user(db)
    with caplog.at_level(logging.ERROR, "uvicorn.error"):
        async with served(app.app, settings) as url:
            server = RawServer(urlsplit(url).port or 0)
            yield server
            assert (await server.get(b"/-/live")).status == 200
    assert [record.getMessage() for record in caplog.records if record.name == "uvicorn.error"] == []


TARGETS = (
    b"/static/%00", b"/%00", b"/static/a%00b", b"/%ff", b"/static/%ff%fe", b"/\xff", b"/dang-nhap?tiep=%ff",
    b"/dang-nhap?tiep=\xff", b"/dang-nhap?tiep=%00", b"/dang-nhap?%", b"/dang-nhap?tiep=/l%E1%BB%8Bch",
    b"/dang-nhap?tiep=%0d%0aX:y", b"//", b"//evil.example/", b"/../..", b"/static/../../etc/passwd", b"*",
    b"http://evil.example/", b"/" + b"a" * 3000, b"/?" + b"a" * 20_000, b"/kiem-tra/" + b"%E1%BB%8B" * 60,
    b"/a b", b"", b"/#x", b"/%zz", b"/\x7f", b"/\x01",
)  # fmt: skip
HEADERS = (
    b"Cookie: \xff\xfe\r\n", b"Cookie: flash=\xff; csrf=\xff; lopso=\xff; lang=\xff\r\n",
    b"Cookie: %00=%00\r\n",
    b"Cookie: " + b"a=b; " * 4000 + b"\r\n", b"Accept: \x80\r\n", b"X: a\x00b\r\n", b"X: a\rb\r\n", b"X\r\n",
    b": x\r\n", b"X : y\r\n", b"Host: evil.example\r\n",
    b"Accept-Language: " + b"\xe1\xba\xa0" * 99 + b"\r\n",
    b"If-Modified-Since: \xff\r\n", b"HX-Request: true\r\nHX-Current-URL: http://[\r\n",
    b"Referer: http://[::1\r\n", b"Range: bytes=9-1\r\n", b"Accept-Encoding: \xff, gzip;q=x\r\n",
    b"X: " + b"y" * MIB + b"\r\n", b"".join(b"X-%d: y\r\n" % n for n in range(20_000)),
    b"Transfer-Encoding: nonsense\r\n", b"Content-Length: -1\r\n", b"Content-Length: 1e3\r\n",
    b"Content-Length: " + b"9" * 5000 + b"\r\n", b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
)  # fmt: skip
NO_HTTP = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b"\0" * 5000, b"GET / HTTP/9.9\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"x" * MIB,
    b"GET / HTTP/1.1\r\n" + HOST + HOST + b"Connection: close\r\n\r\n", b"\r\n" * 2000,
    b"POST /dang-nhap HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
)  # fmt: skip


async def test_every_target_gets_a_whole_answer(raw: RawServer) -> None:
    for target in TARGETS:
        answer = await raw.get(target)
        assert 200 <= answer.status < 500, target[:80]
        assert answer.whole, target[:80]


async def test_every_header_gets_a_whole_answer(raw: RawServer) -> None:
    for header in HEADERS:
        answer = await raw.get(b"/dang-nhap", header)
        assert 100 <= answer.status < 500, header[:80]
        assert answer.whole, header[:80]


async def test_what_is_no_http_is_refused_or_ends(raw: RawServer) -> None:
    for request in NO_HTTP:
        answer = await raw.send(request, patience=0.5)  # some are waited for until more comes
        assert answer.status < 500, request[:80]


@pytest.mark.parametrize("hosts", [b"", HOST + HOST, HOST + b"Host: evil.example\r\n"])
async def test_request_without_exactly_one_host_is_refused(raw: RawServer, hosts: bytes) -> None:
    answer = await raw.send(b"GET /dang-nhap HTTP/1.1\r\n" + hosts + _CLOSE)

    assert answer.status == 400


async def test_head_of_a_request_is_bounded(raw: RawServer) -> None:
    # The last is cut off before all was sent, so that its answer may be lost on the way.
    expected = {LARGEST_HEAD - 1000: {200}, LARGEST_HEAD: {431}, 4 * MIB: {431, 0}}
    for size, statuses in expected.items():
        answer = await raw.get(b"/dang-nhap", b"X: " + b"y" * size + b"\r\n")
        assert answer.status in statuses, size


async def test_every_method_gets_a_whole_answer(raw: RawServer) -> None:
    for method in (b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT", b"PUT", b"DELETE", b"PATCH", b"X", b"get"):
        for target in (b"/dang-nhap", b"/static/x.css", b"/lich/19753"):
            answer = await raw.send(method + b" " + target + b" HTTP/1.1\r\n" + HOST + _CLOSE)
            assert 200 <= answer.status < 500, (method, target)


async def test_head_is_followed_at_once_by_the_next_answer(raw: RawServer) -> None:
    next_request = b"GET /-/live HTTP/1.1\r\n" + HOST + _CLOSE
    for target, status in ((b"/dang-nhap", 200), (b"/-/ready", 200), (b"/lich/19753", 303), (b"/none", 404)):
        answer = await raw.send(b"HEAD " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n" + next_request)
        assert (answer.status, answer.body[:12]) == (status, b"HTTP/1.1 200"), target


async def test_broken_bodies_get_a_whole_answer(raw: RawServer) -> None:
    parts = b"Content-Type: multipart/form-data; boundary=b\r\n"
    for body in (
        b"--b",
        b"--b\r\n\r\nx",
        b"--b\r\nContent-Disposition: \xff\r\n\r\n\r\n--b--",
        b"\xff" * 5000,
    ):
        request = b"POST /dang-nhap HTTP/1.1\r\n" + HOST + parts
        answer = await raw.send(request + b"Content-Length: %d\r\n" % len(body) + _CLOSE + body)
        assert 400 <= answer.status < 500, body[:80]
    assert (await raw.post(b"/dang-nhap", b"a=" + b"x" * 3 * MIB)).status == 413


async def test_log_in_to_a_target_that_no_header_can_hold_goes_home(raw: RawServer) -> None:
    page = await raw.get(b"/dang-nhap")
    token = page.header(b"set-cookie").partition(b"csrf=")[2].partition(b";")[0]
    cookie = b"Cookie: csrf=" + token + b"\r\nX-CSRFToken: " + token + b"\r\n"
    for target in ("/lịch", "/\n", "/\x00", "/%09/evil.example", "/\U0001f600", "/x\r\nSet-Cookie: a=b"):
        form = f"identifier=ha@example.org&password={quote(PASSWORD)}&tiep={quote(target)}"
        answer = await raw.post(b"/dang-nhap", form.encode(), cookie)
        assert (answer.status, answer.header(b"location")) == (303, b"/"), target


@hypothesis_settings(
    max_examples=40, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(target=st.binary(max_size=40), name=st.binary(max_size=10), value=st.binary(max_size=40))
async def test_random_bytes_get_no_server_error(
    raw: RawServer, target: bytes, name: bytes, value: bytes
) -> None:
    answer = await raw.get(b"/" + target, name + b": " + value + b"\r\n")
    assert answer.status < 500
