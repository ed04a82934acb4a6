"""The session cookie and the actor it stands for."""

import secrets
from datetime import datetime

import structlog
from litestar.datastructures import Cookie
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import queries, service
from accounts.models import LoginSession
from accounts.rules.clients import Client
from lopso.kernel.i18n import known_language, speak
from lopso.kernel.settings import Settings
from lopso.web import cookies
from lopso.web.client import client_address
from lopso.web.headers import CSRF_KEPT
from lopso.web.request import BoundedRequest, Request
from lopso.web.transaction import session_of

log = structlog.get_logger()

_DEVICE = "lopso-device"
_DEVICE_KEPT = _LANGUAGE_KEPT = 365 * 86400  # seconds
_LONGEST_USER_AGENT = 500


def cookie_name(settings: Settings) -> str:
    """The cookie of a session."""
    return cookies.cookie_name("lopso", settings)


def session_cookie(settings: Settings, token: str) -> Cookie:
    """The cookie for a new session; an empty `token` removes it."""
    longest = int(queries.LONGEST.total_seconds()) if token else 0
    return cookies.host_cookie("lopso", token, max_age=longest, settings=settings)


def session_id(request: Request) -> bytes:
    """The session of this request, as it is kept; of a request without one, an id that no session has."""
    return service.token_id(request.cookies.get(cookie_name(request.app.state.settings), ""))


def device_token(request: Request) -> str:
    """The cookie that marks this browser, or a new value for it; it opens nothing."""
    settings: Settings = request.app.state.settings
    return request.cookies.get(cookies.cookie_name(_DEVICE, settings)) or secrets.token_urlsafe(32)


def client_of(request: Request, device: str | None = None) -> Client:
    """Who asks, as the throttle and the list of sessions know them; `device`: from `device_token`."""
    kept = device or request.cookies.get(cookies.cookie_name(_DEVICE, request.app.state.settings))
    return Client(
        client_address(request),
        service.token_id(kept) if kept else None,
        request.headers.get("user-agent", "")[:_LONGEST_USER_AGENT],
    )


def device_cookie(settings: Settings, token: str) -> Cookie:
    """Set at log-in; stays after log-out, so that the browser is known next time."""
    return cookies.host_cookie(_DEVICE, token, max_age=_DEVICE_KEPT, settings=settings)


def renewed_csrf_cookie(request: Request) -> Cookie:
    """The same token for another while: a form must not outlive it while its log-in lasts."""
    settings: Settings = request.app.state.settings
    token = request.cookies.get(cookies.cookie_name("csrf", settings), "")
    return cookies.host_cookie("csrf", token, max_age=CSRF_KEPT, settings=settings)


def language_cookie(settings: Settings, language: str) -> Cookie:
    """The language to read, for this browser."""
    return cookies.host_cookie("lang", language, max_age=_LANGUAGE_KEPT, settings=settings)


def authentication_middleware(app: ASGIApp) -> ASGIApp:
    """Set ``scope["user"]`` to the signed-in Actor or None, and the language of the answer."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["user"] = None
            if not scope["path"].startswith(("/static/", "/-/")):
                await _recognise(BoundedRequest(scope))
        await app(scope, receive, send)

    return middleware


async def recognise_late(request: Request) -> None:
    """Recognise who sent a request that was refused before the middleware: no such address, a stale token.

    In a database session of its own, because the request has none yet. Where the database cannot be asked
    nobody is signed in: the refusal is shown all the same.
    """
    scope, state = request.scope, request.app.state
    scope["user"] = None
    if not scope["path"].startswith(("/static/", "/-/")):
        try:
            async with state.sessions() as db:
                await _set_actor(request, db)
            await state.frame.refresh()
        except (SQLAlchemyError, OSError) as error:
            log.warning("sender of a refused request not read", error=type(error).__name__)


async def _recognise(request: Request) -> None:
    seen_at = await _set_actor(request, None)
    state = request.app.state
    now: datetime = state.clock()
    if seen_at is not None and now - seen_at > service.SEEN_EVERY:
        async with state.sessions.begin() as own:  # kept even when this request fails
            await own.execute(
                update(LoginSession).where(LoginSession.id == session_id(request)).values(seen_at=now)
            )


async def _set_actor(request: Request, db: AsyncSession | None) -> datetime | None:
    """Set the actor and the language of `request`, and say when the session was last seen.

    Without a session cookie the database is not asked; without `db` in the session of the request.
    """
    state = request.app.state
    chosen = known_language(request.cookies.get(cookies.cookie_name("lang", state.settings)))
    speak(chosen or "vi")
    token = request.cookies.get(cookie_name(state.settings))
    if not token:
        return None
    db = db or session_of(request.scope)
    known = await queries.signed_in(db, service.token_id(token), state.clock())
    if known is None:
        return None
    request.scope["user"], language, seen_at = known
    speak(chosen or known_language(language) or "vi")
    return seen_at
