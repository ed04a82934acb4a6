"""Applications for tests: one after another uses the same, because making one takes half a second.

Templates are compiled once for all processes and runs: all of them take two seconds.
"""

import hashlib
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import jinja2
from jinja2 import FileSystemBytecodeCache
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.ext.asyncio import AsyncEngine

import lopso
from lopso.application.app import create_app, state_of
from lopso.kernel.clock import Clock
from lopso.kernel.settings import Settings

_KEPT = Path(__file__).parents[1] / ".make" / "test-templates"


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates in files, each valid for one source and one version of the code behind templates."""

    def __init__(self) -> None:
        _KEPT.mkdir(parents=True, exist_ok=True)
        super().__init__(str(_KEPT))

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source + _fingerprint())


@cache
def _fingerprint() -> str:
    """Over what decides how a template is compiled: Jinja, and our filters, which it applies to constants."""
    digest = hashlib.sha256(jinja2.__version__.encode())
    for path in sorted(Path(lopso.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


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
