"""Applications for tests: one after another uses the same, because making one takes a third of a second."""

from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import CodeType
from typing import Any, cast

from jinja2.bccache import Bucket, BytecodeCache
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application.app import create_app, state_of
from lopso.kernel.clock import Clock
from lopso.kernel.settings import Settings


class CompiledTemplates(BytecodeCache):
    """Templates that one application of this process compiled, for the others."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code


class Applications:
    """Applications that wait for the next test, by what of the settings is fixed when one is made."""

    def __init__(self) -> None:
        self._idle: dict[tuple[object, ...], list[Litestar]] = defaultdict(list)
        self._templates = CompiledTemplates()

    @contextmanager
    def one(
        self, settings: Settings, engine: AsyncEngine, clock: Clock, routes: Sequence[HTTPRouteHandler] = ()
    ) -> Generator[Litestar]:
        """What `create_app` makes, and these `routes`; for nobody else while the block runs."""
        idle = self._idle[settings.secret, settings.secure_cookies, *routes]
        if idle:
            app = idle.pop()
            app.state.clear()
            app.state.update(state_of(settings, engine, clock))
        else:
            app = create_app(settings, engine, clock=clock)
            # Any: Litestar leaves the type of its template engine open.
            cast("Any", app).template_engine.engine.bytecode_cache = self._templates
            for route in routes:
                app.register(route)
        known = len(app.routes)
        try:
            yield app
        finally:
            if len(app.routes) == known:  # else the test added some of its own
                idle.append(app)
