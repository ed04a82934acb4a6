"""The HTTP server: uvicorn, with bounds on how long and how large a request may be before it is understood.

uvicorn waits for ever for a request's first byte and for the end of its headers, and takes headers of any
size; a few hundred idle connections would use up what the process may open.
"""

import asyncio
from typing import Any, cast

import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lopso.kernel.settings import Settings


class BoundedProtocol(HttpToolsProtocol):
    """A connection that ends when its client is too slow or says too much.

    Attributes:
        head_within: seconds from the first moment of a connection, or the first byte of a later request, to
            the end of its headers.
        body_pause, body_within: seconds without a byte of the body, and for all of it.
        write_pause: seconds in which a client reads nothing of a full buffer.
        head_bytes, header_count: the largest head; beyond it the answer is 431.
    """

    head_within = 10.0
    body_pause = 30.0
    body_within = 300.0
    write_pause = 60.0
    head_bytes = 32 * 1024
    header_count = 100

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._in_head = True
        self._heads = 0
        self._received = 0  # bytes of this head
        self._too_large = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  (uvicorn narrows it too)
        super().connection_made(transport)
        self._close_after("head", self.head_within)

    def connection_lost(self, exc: Exception | None) -> None:
        for name in list(self._timers):
            self._stop(name)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head and "head" not in self._timers:
            self._close_after("head", self.head_within)
        elif not self._in_head:
            self._close_after("pause", self.body_pause)
        in_head, heads = self._in_head, self._heads
        super().data_received(data)
        if in_head and self._heads == heads:  # all of it belongs to a head that has not ended
            self._received += len(data)
            if self._received > self.head_bytes and not self.transport.is_closing():
                self._refuse_head()

    def on_message_begin(self) -> None:
        self._received = 0
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        size = len(self.url) + sum(len(key) + len(each) for key, each in self.headers)
        if size > self.head_bytes or len(self.headers) > self.header_count:
            self._too_large = True
            raise ValueError("head too large")  # ends the parsing: `send_400_response` is called

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._heads += 1
        self._stop("head")
        self._close_after("pause", self.body_pause)
        self._close_after("body", self.body_within)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop("pause")
        self._stop("body")
        self._in_head = True
        self._received = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._close_after("write", self.write_pause)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stop("write")
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that cannot be parsed; 431 where only its size is wrong."""
        if self._too_large:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        self.transport.close()

    def _close_after(self, name: str, seconds: float) -> None:
        self._stop(name)
        self._timers[name] = self.loop.call_later(seconds, self._close, name)

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _close(self, name: str) -> None:
        if name == "pause" and self.flow.read_paused:  # it is we who do not read
            self._close_after(name, self.body_pause)
        else:
            self.transport.abort()


def server_config(app: Litestar, settings: Settings, *, host: str, port: int) -> uvicorn.Config:
    """How `app` is served; forwarded headers are believed from the proxies that the settings name."""
    return uvicorn.Config(
        cast("Any", app),  # Litestar's and uvicorn's types of an ASGI scope differ
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        log_config=None,
    )
