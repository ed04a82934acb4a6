"""Addresses and headers, checked once where they enter; forms are checked by their fields.

What no page of ours links to and no browser sends is answered before a handler sees it: an address that
cannot be read is not found, one that is too long is refused.
"""

import re
from typing import Any
from urllib.parse import quote

from litestar import Litestar
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from lopso.kernel.errors import NotFound
from lopso.kernel.parsing import LARGEST_ID
from lopso.kernel.text import nfc
from lopso.web.head_requests import answer_head
from lopso.web.request import readable

LONGEST_PATH = 2000  # characters
LONGEST_PART = 200  # characters between two slashes; a file system takes 255 bytes, a token of ours has 43
LONGEST_QUERY = 16 * 1024  # bytes; a preview carries the whole form of a session
LONGEST_COOKIES = 16 * 1024  # bytes of the header
LARGEST_HEAD = 32 * 1024  # bytes of all headers; the server reads not much more

NO_PAGE = "/-/"
"""An address that no route has; what cannot be read is answered as it is."""

_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_TOKEN = re.compile(rb"[0-9a-f]{0,256}")


class CheckedApplication(Litestar):
    """The application behind the check of addresses: nothing is routed that could not be one of ours.

    HEAD is routed as GET.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]  (its own names other types)
        if scope["type"] == "http" and not possible_path(scope["path"]):
            scope["path"], scope["raw_path"] = NO_PAGE, NO_PAGE.encode()
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await answer_head(super().__call__, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def possible_path(path: str) -> bool:
    """Whether a route of ours could have this path, decoded as the server hands it over."""
    return (
        len(path) <= LONGEST_PATH
        and readable(path)
        and all(len(part) <= LONGEST_PART for part in path.split("/"))
    )


def input_middleware(app: ASGIApp) -> ASGIApp:
    """Refuse what no browser sends; path parameters arrive in NFC, numbers in the range of ids."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            _check_query(scope)
            _check_headers(scope)
            _check_parameters(scope)
        await app(scope, receive, send)

    return middleware


def _check_query(scope: HTTPScope) -> None:
    query = scope["query_string"]
    if len(query) > LONGEST_QUERY:
        raise HTTPException(status_code=414)
    if not query.isascii() or any(byte <= 0x20 or byte == 0x7F for byte in query):
        scope["query_string"] = quote(query, safe=_VISIBLE).encode()


def _check_headers(scope: HTTPScope) -> None:
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
        raise HTTPException(status_code=431)
    hosts = sum(name == b"host" for name, _value in scope["headers"])
    if hosts > 1 or (hosts == 0 and scope["http_version"] == "1.1"):  # RFC 9112, 3.2
        raise HTTPException(status_code=400)
    for name, value in scope["headers"]:
        if name == b"cookie" and len(value) > LONGEST_COOKIES:
            raise HTTPException(status_code=431)
        if name == b"x-csrftoken" and not _TOKEN.fullmatch(value):
            raise PermissionDeniedException  # as a wrong one; the framework compares ASCII only


def _check_parameters(scope: HTTPScope) -> None:
    given: dict[str, Any] = {**scope["path_params"]}  # with ids as numbers, whatever their declared type
    for value in given.values():
        if isinstance(value, int) and not 0 < value <= LARGEST_ID:
            raise NotFound
    # A copy: the router keeps its own for the next request to this address.
    scope["path_params"] = {
        name: nfc(value) if isinstance(value, str) else value for name, value in given.items()
    }
