"""Static files: what the build compressed is sent as it is, everything else is read from disk.

Names of built files carry a hash of their content, so that browsers may keep each for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

from litestar import Router
from litestar.datastructures import CacheControlHeader, Cookie, Headers, State
from litestar.middleware import DefineMiddleware
from litestar.response.base import ASGIResponse
from litestar.static_files import (
    create_static_files_router,  # pyright: ignore[reportUnknownVariableType]  (partly typed in Litestar)
)
from litestar.types import ASGIApp, Receive, Scope, Send

from lopso.web.cookies import host_cookie
from lopso.web.first_screen import Stylesheet
from lopso.web.guards import PUBLIC

NOT_COMPRESSED = "not_compressed"
"""Set in `opt=` of routes whose answers the framework does not compress."""

_PATH = "/static"
_YEAR = 365 * 86400  # seconds
_COOKIE_KEPT = 30 * 86400  # seconds
_KEPT = CacheControlHeader(max_age=_YEAR, immutable=True)
_ENCODINGS = {"br": ".br", "gzip": ".gz"}  # best first


@dataclass(frozen=True, slots=True)
class _Compressed:
    """A built file as it was compressed, by encoding."""

    media_type: str
    bodies: Mapping[str, bytes]

    def for_browser(self, accepted: str) -> tuple[str, bytes] | None:
        """Encoding and body; None: the browser takes no encoding we have."""
        wanted = [each.replace(" ", "").partition(";") for each in accepted.split(",")]
        offered = {name for name, _sign, weight in wanted if weight not in ("q=0", "q=0.0")}
        return next((pair for pair in self.bodies.items() if pair[0] in offered), None)


def static_files(directory: Path) -> Router:
    """The routes below ``/static/``. A stylesheet brings a cookie that says which version is there."""
    compressed = {f"{_PATH}/built/{file.stem}": _read(file) for file in (directory / "built").glob("*.br")}

    def send_compressed(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            path: str = scope["path"]
            file = compressed.get(path)
            chosen = file.for_browser(Headers.from_scope(scope).get("accept-encoding", "")) if file else None
            if file is None or chosen is None or scope["type"] != "http":
                await app(scope, receive, send)
                return
            encoding, body = chosen
            answer = ASGIResponse(
                body=body,
                media_type=file.media_type,
                headers={
                    "cache-control": _KEPT.to_header(),
                    "content-encoding": encoding,
                    "vary": "Accept-Encoding",
                },
                cookies=_cookies(path, scope["litestar_app"].state),
            )
            await answer(scope, receive, send)

        return middleware

    middleware: Sequence[DefineMiddleware] = [DefineMiddleware(send_compressed)]
    return create_static_files_router(
        _PATH,
        directories=[directory],
        cache_control=_KEPT,
        include_in_schema=False,
        middleware=middleware,
        opt={**PUBLIC, "exclude_from_csrf": True, NOT_COMPRESSED: True},
    )


def _cookies(path: str, state: State) -> list[Cookie]:
    """With a stylesheet of today: which version the browser has from now on."""
    stylesheets: Mapping[str, Stylesheet] = state.stylesheets
    return [
        host_cookie(each.cookie, each.version, max_age=_COOKIE_KEPT, settings=state.settings)
        for each in stylesheets.values()
        if path.endswith(f"-{each.version}.css")
    ]


def _read(file: Path) -> _Compressed:
    """`file` ends with ``.br``; the other encodings lie beside it."""
    media_type = guess_type(file.stem)[0] or "application/octet-stream"
    bodies = {name: file.with_suffix(ending).read_bytes() for name, ending in _ENCODINGS.items()}
    return _Compressed(media_type, bodies)
