"""Security headers on every response, errors and downloads included."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

CSP = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_SECRET = ("hv/", "lich-rieng/", "loi-moi/")
"""Prefixes of addresses that hold a secret: a learner's page, a calendar feed, an invitation."""

_STYLE = "lopso_style"

_UNSEEN = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow"}

_CSRF_COOKIE = (b"csrf=", b"__Host-csrf=")
CSRF_KEPT = 30 * 86400  # seconds; as long as a log-in lasts at most

_ALWAYS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}

_OF_DOCUMENTS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}
"""Not for static files: scripts and stylesheets open no window and ask for no camera."""


def carries_secret(path: str) -> bool:
    """Whether this path holds a secret that no referrer, log or index may have."""
    return path.lstrip("/").startswith(_SECRET)


def allow_style(scope: Scope, source: str) -> None:
    """Let the page that answers this request have one inline style, named by its hash."""
    scope["state"][_STYLE] = source


async def secure(message: Message, scope: Scope) -> None:
    """``before_send`` hook. Only static files, and responses that say so, may be stored."""
    if message["type"] != "http.response.start":
        return
    message["headers"] = [(name, _kept_longer(name, value)) for name, value in message.get("headers", [])]
    headers = MutableScopeHeaders.from_message(message)
    wanted = dict(_ALWAYS)
    if style := scope["state"].get(_STYLE):
        wanted["content-security-policy"] = f"{CSP}; style-src 'self' {style}"
    if carries_secret(scope["path"]):
        wanted |= _UNSEEN
    if not scope["path"].startswith("/static/"):
        wanted |= _OF_DOCUMENTS
        for name in ("HX-Request", "Cookie"):
            headers.extend_header_value("vary", name)
    if scope["litestar_app"].state.settings.secure_cookies:
        wanted["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    for name, value in wanted.items():
        if name not in headers:
            headers[name] = value


def _kept_longer(name: bytes, value: bytes) -> bytes:
    # The framework's CSRF cookie ends with the browser, a log-in does not: a form on a page that the browser
    # brings back on its next start would be refused, and what was typed there lost.
    if name == b"set-cookie" and value.startswith(_CSRF_COOKIE) and b"Max-Age" not in value:
        return value + b"; Max-Age=%d" % CSRF_KEPT
    return value
