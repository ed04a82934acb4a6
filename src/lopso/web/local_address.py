"""Addresses of our own pages, as they come back from a browser."""

import re

# ASCII as the framework and browsers write it: a control character, a backslash or a second slash at the
# beginning would be read by some browsers as the address of another host.
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]{0,2000}")


def local_path(url: str | None, fallback: str = "/") -> str:
    """`url` when it is a path of ours, else `fallback`: no redirect to foreign addresses."""
    return url if url and _LOCAL.fullmatch(url) else fallback
