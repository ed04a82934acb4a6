"""What this process did: requests by route template, statements, the pool of connections."""

import importlib
import time
from typing import Any

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Send
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

_METHODS = ("GET", "POST", "HEAD", "OPTIONS")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BEGAN = "lopso_statement_began"


class ProcessMetrics:
    """Counts requests and statements of this process.

    Args:
        engine: its statements are counted; each process has one.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        # Loaded where it is wanted: without a token nothing is counted.
        self._library: Any = importlib.import_module("prometheus_client")
        self.registry: Any = self._library.CollectorRegistry()
        counter, histogram = self._library.Counter, self._library.Histogram
        self._requests: Any = counter(
            "lopso_requests", "Answers by route", ["method", "route", "status"], registry=self.registry
        )
        self._request_seconds: Any = histogram(
            "lopso_request_seconds",
            "Time to the end of an answer",
            ["route"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._statements: Any = counter(
            "lopso_statements", "Statements sent to the database", ["outcome"], registry=self.registry
        )
        self._statement_seconds: Any = histogram(
            "lopso_statement_seconds", "Time of a statement", registry=self.registry, buckets=_SECONDS
        )
        self._watch_statements(engine)
        self._watch_pool(engine)

    def text(self) -> bytes:
        """All of it in the text format of Prometheus."""
        return self._library.generate_latest(self.registry)

    async def measure(self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request with `app`, and count it."""
        began, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, sending)
        finally:
            # Set where a route was found; else the path is whatever somebody typed.
            route = str(scope.get("path_template", "none"))  # pyright: ignore[reportUnknownMemberType]  (overloads of the framework's dict)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._requests.labels(method, route, status).inc()
            self._request_seconds.labels(route).observe(time.perf_counter() - began)

    def _watch_statements(self, engine: AsyncEngine) -> None:
        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def _began(connection: Any, *_rest: object) -> None:  # pyright: ignore[reportUnusedFunction]  (the event calls it)
            connection.info[_BEGAN] = time.perf_counter()

        @event.listens_for(engine.sync_engine, "after_cursor_execute")
        def _ended(connection: Any, *_rest: object) -> None:  # pyright: ignore[reportUnusedFunction]  (the event calls it)
            self._statements.labels("ok").inc()
            self._statement_seconds.observe(time.perf_counter() - connection.info[_BEGAN])

        @event.listens_for(engine.sync_engine, "handle_error")
        def _failed(_context: object) -> None:  # pyright: ignore[reportUnusedFunction]  (the event calls it)
            self._statements.labels("error").inc()

    def _watch_pool(self, engine: AsyncEngine) -> None:
        def pool() -> QueuePool:
            found = engine.sync_engine.pool
            assert isinstance(found, QueuePool)  # noqa: S101  (as `create_engine` makes it)
            return found

        gauge = self._library.Gauge
        in_use = gauge("lopso_pool_in_use", "Connections that requests hold", registry=self.registry)
        in_use.set_function(lambda: pool().checkedout())
        size = gauge("lopso_pool_size", "Most connections without overflow", registry=self.registry)
        size.set_function(lambda: pool().size())
