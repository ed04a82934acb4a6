"""The server over real sockets: slow, silent and oversized clients, and headers of proxies."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import uvicorn

from lopso.application.serving import BoundedProtocol, server_config
from lopso.kernel.settings import Settings

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"


class Quick(BoundedProtocol):
    """The same with a tenth of the patience."""

    head_within = 0.4
    body_pause = 0.4
    body_within = 1.2
    write_pause = 0.4


async def answer_with_client(scope: Any, receive: Any, send: Any) -> None:
    """Reads the whole body, answers with the client's address, the scheme and the length of the body."""
    if scope["type"] != "http":
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    body = f"{scope['client'][0]} {scope['scheme']} {length}".encode()
    if scope["path"] == "/long":
        body = b"x" * 50_000_000
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[int]:
    app: Any = answer_with_client
    config = server_config(app, settings, host="127.0.0.1", port=0)
    config.http = Quick
    config.lifespan = "off"
    server = uvicorn.Server(config)
    server.config.load()
    running = asyncio.create_task(server._serve())  # pyright: ignore[reportPrivateUsage]  (`serve` takes the signals)
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


async def ended_within(connection: Connection, seconds: float) -> tuple[bytes, float]:
    """What the server says until it closes, and after how many seconds."""
    began = time.monotonic()
    reader, _writer = connection
    try:
        said = await asyncio.wait_for(reader.read(), seconds)
    except ConnectionResetError:
        said = b""
    return said, time.monotonic() - began


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET", GET, GET + b"X-Long: ", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"],
)
async def test_connection_that_stays_silent_ends(settings: Settings, sent: bytes) -> None:
    async with serving(settings) as port:
        connection = await asyncio.open_connection("127.0.0.1", port)
        connection[1].write(sent)
        said, seconds = await ended_within(connection, 3)
    assert (said, seconds > 0.3) == (b"", True)


async def test_headers_that_trickle_in_end(settings: Settings) -> None:
    async with serving(settings) as port:
        connection = await asyncio.open_connection("127.0.0.1", port)
        began = time.monotonic()
        connection[1].write(GET)
        ended = asyncio.create_task(ended_within(connection, 3))
        while not ended.done() and time.monotonic() - began < 3:
            connection[1].write(b"X-A: b\r\n")
            await asyncio.sleep(0.05)
        said, seconds = await ended
    assert said == b""
    assert seconds < 1.5


async def test_body_that_trickles_in_ends(settings: Settings) -> None:
    async with serving(settings) as port:
        connection = await asyncio.open_connection("127.0.0.1", port)
        began = time.monotonic()
        connection[1].write(POST + b"Content-Length: 100000\r\n\r\n")
        ended = asyncio.create_task(ended_within(connection, 4))
        while not ended.done() and time.monotonic() - began < 4:
            connection[1].write(b"a")
            await asyncio.sleep(0.1)
        said, seconds = await ended
    assert said == b""
    assert 1.0 < seconds < 3


async def test_second_request_of_a_connection_is_bounded_too(settings: Settings) -> None:
    async with serving(settings) as port:
        connection = await asyncio.open_connection("127.0.0.1", port)
        connection[1].write(GET + b"\r\n")
        assert b"200 OK" in await connection[0].readuntil(b"127.0.0.1 http 0")
        connection[1].write(b"GET / HT")
        said, seconds = await ended_within(connection, 3)
    assert (said, seconds > 0.3) == (b"", True)


async def test_client_that_reads_nothing_is_dropped(settings: Settings) -> None:
    async with serving(settings) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(2)
        with pytest.raises(asyncio.IncompleteReadError):
            await reader.readexactly(50_000_000)


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X-Long: " + b"a" * 40_000,
        GET + b"X-Long: " + b"a" * 40_000 + b"\r\n\r\n",
        GET + b"".join(b"X-%d: b\r\n" % n for n in range(120)) + b"\r\n",
        b"GET /" + b"a" * 40_000,
    ],
)
async def test_head_beyond_the_bounds_is_refused(settings: Settings, head: bytes) -> None:
    async with serving(settings) as port:
        connection = await asyncio.open_connection("127.0.0.1", port)
        connection[1].write(head)
        said, _seconds = await ended_within(connection, 3)
    assert said.startswith(b"HTTP/1.1 431 ")


async def test_ordinary_requests_pass(settings: Settings) -> None:
    async with serving(settings) as port:
        connection = await asyncio.open_connection("127.0.0.1", port)
        for _each in range(3):
            connection[1].write(GET + b"X-Long: " + b"a" * 8000 + b"\r\n\r\n")
            assert b"200 OK" in await connection[0].readuntil(b"127.0.0.1 http 0")
        connection[1].write(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + b"a" * 3_000_000
        )
        assert b"200 OK" in await connection[0].readuntil(b"127.0.0.1 http 3000000")
        connection[1].close()


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [
        ((), b"127.0.0.1 http 0"),
        (("10.0.0.0/8",), b"127.0.0.1 http 0"),
        (("127.0.0.0/8",), b"203.0.113.9 https 0"),
        (("127.0.0.1", "203.0.113.9"), b"198.51.100.7 https 0"),
    ],
)
async def test_forwarded_headers_are_believed_from_named_proxies(
    settings: Settings, trusted: tuple[str, ...], seen: bytes
) -> None:
    async with serving(replace(settings, trusted_proxies=trusted)) as port:
        connection = await asyncio.open_connection("127.0.0.1", port)
        forwarded = b"X-Forwarded-For: 6.6.6.6, 198.51.100.7, 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"
        connection[1].write(GET + forwarded + b"Connection: close\r\n\r\n")
        said, _seconds = await ended_within(connection, 3)
    assert said.endswith(b"\r\n\r\n" + seen)
