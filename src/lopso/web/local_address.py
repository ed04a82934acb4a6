"""Addresses of our own pages, as they come back from a browser: the one judge of all redirects.

A browser does not read an address as it is written: it drops tabs and line breaks, takes a backslash for a
slash, resolves ``.`` and ``..``, and two slashes in front begin another host. So only what every browser
reads as written is ours: the letters of RFC 3986, whole percent-escapes, single slashes.
"""

import re
from urllib.parse import quote

from litestar.types import HTTPScope

LONGEST = 2000  # characters

_UNESCAPED = "!$&'()*+,;=:@/?#%-._~"  # with letters and digits: what RFC 3986 lets stand
_ADDRESS = re.compile(r"/(?:[A-Za-z0-9!$&'()*+,;=:@/?#._~-]|%[0-9A-Fa-f]{2})*")
_PATH = re.compile(r"[^?#]*")
# An empty part or one of dots would be resolved away; an escaped control character, slash, backslash or dot
# may be read for itself by whatever stands in between.
_MISREAD = re.compile(r"//|/\.{1,2}(?:/|$)|%(?:[01][0-9A-F]|7F|2E|2F|5C|25)", re.IGNORECASE)
_CONTROL_ESCAPE = re.compile(r"%(?:[01][0-9A-F]|7F)", re.IGNORECASE)


def is_local(address: str) -> bool:
    """Whether every browser reads `address` as a page of this site."""
    if len(address) > LONGEST or not _ADDRESS.fullmatch(address) or _CONTROL_ESCAPE.search(address):
        return False
    path = _PATH.match(address)
    return path is not None and not _MISREAD.search(path[0])


def local_path(address: str | None, fallback: str = "/") -> str:
    """`address` when it is a page of ours, else `fallback`: no redirect to foreign addresses."""
    return address if address and is_local(address) else fallback


def written(address: str) -> str:
    """An address that we put together, with what may not stand in one percent-escaped."""
    return quote(address, safe=_UNESCAPED, errors="replace")


def address_of(scope: HTTPScope) -> str:
    """The address that was asked for, to come back to; "/" when it cannot be written safely."""
    query = scope["query_string"].decode("latin-1")
    return local_path(quote(scope["path"], safe="/:@!$&'()*+,;=-._~") + (f"?{query}" if query else ""))
