"""The session cookie and the actor it stands for."""

import secrets
from datetime import datetime

from litestar.datastructures import Cookie
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy import update

from accounts import queries, service
from accounts.models import LoginSession
from accounts.rules.clients import Client
from lopso.kernel.i18n import known_language, speak
from lopso.kernel.settings import Settings
from lopso.web.client import client_address
from lopso.web.request import BoundedRequest, Request
from lopso.web.transaction import session_of

_DEVICE_KEPT = 365 * 86400  # seconds
_LONGEST_USER_AGENT = 500


def cookie_name(settings: Settings) -> str:
    """``__Host-`` wherever there is TLS: bound to this host, whole site, secure."""
    return "__Host-lopso" if settings.secure_cookies else "lopso"


def session_cookie(settings: Settings, token: str) -> Cookie:
    """The cookie for a new session; an empty `token` removes it."""
    return Cookie(
        key=cookie_name(settings),
        value=token,
        max_age=int(queries.LONGEST.total_seconds()) if token else 0,
        path="/",
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
    )


def session_id(request: Request) -> bytes:
    """The session of this request, as it is kept; of a request without one, an id that no session has."""
    return service.token_id(request.cookies.get(cookie_name(request.app.state.settings), ""))


def device_token(request: Request) -> str:
    """The cookie that marks this browser, or a new value for it; it opens nothing."""
    settings: Settings = request.app.state.settings
    return request.cookies.get(_device_cookie_name(settings)) or secrets.token_urlsafe(32)


def client_of(request: Request, device: str | None = None) -> Client:
    """Who asks, as the throttle and the list of sessions know them; `device`: from `device_token`."""
    kept = device or request.cookies.get(_device_cookie_name(request.app.state.settings))
    return Client(
        client_address(request),
        service.token_id(kept) if kept else None,
        request.headers.get("user-agent", "")[:_LONGEST_USER_AGENT],
    )


def device_cookie(settings: Settings, token: str) -> Cookie:
    """Set at log-in; stays after log-out, so that the browser is known next time."""
    return Cookie(
        key=_device_cookie_name(settings),
        value=token,
        max_age=_DEVICE_KEPT,
        path="/",
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
    )


def _device_cookie_name(settings: Settings) -> str:
    return "__Host-lopso-device" if settings.secure_cookies else "lopso-device"


def authentication_middleware(app: ASGIApp) -> ASGIApp:
    """Set ``scope["user"]`` to the signed-in Actor or None, and the language of the answer."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["user"] = None
            if not scope["path"].startswith(("/static/", "/-/")):
                await _recognise(BoundedRequest(scope), scope)
        await app(scope, receive, send)

    return middleware


async def _recognise(request: Request, scope: Scope) -> None:
    state = scope["litestar_app"].state
    now: datetime = state.clock()
    chosen = known_language(request.cookies.get("lang"))
    speak(chosen or "vi")
    token = request.cookies.get(cookie_name(state.settings))
    if not token:
        return
    db = session_of(scope)
    known = await queries.signed_in(db, service.token_id(token), now)
    if known is None:
        return
    actor, language, seen_at = known
    scope["user"] = actor
    speak(chosen or known_language(language) or "vi")
    if now - seen_at > service.SEEN_EVERY:
        async with state.sessions.begin() as own:  # kept even when this request fails
            await own.execute(
                update(LoginSession).where(LoginSession.id == service.token_id(token)).values(seen_at=now)
            )
