"""Applications for tests: one after another uses the same, because making one takes a third of a second."""

from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from lopso.application.app import create_app, state_of
from lopso.kernel.clock import Clock
from lopso.kernel.settings import Settings


class Applications:
    """Applications that wait for the next test, by what of the settings is fixed when one is made."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, bool], list[Litestar]] = defaultdict(list)

    @contextmanager
    def one(self, settings: Settings, engine: AsyncEngine, clock: Clock) -> Generator[Litestar]:
        """An application as `create_app` makes it, for nobody else while the block runs."""
        idle = self._idle[settings.secret, settings.secure_cookies]
        if idle:
            app = idle.pop()
            app.state.clear()
            app.state.update(state_of(settings, engine, clock))
        else:
            app = create_app(settings, engine, clock=clock)
        routes = len(app.routes)
        try:
            yield app
        finally:
            if len(app.routes) == routes:  # else the test added some of its own
                idle.append(app)
