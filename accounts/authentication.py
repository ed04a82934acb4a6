"""The session cookie and the actor it stands for."""

from datetime import datetime

from litestar.datastructures import Cookie
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy import update

from accounts import queries, service
from accounts.models import LoginSession
from lopso.kernel.i18n import known_language, speak
from lopso.kernel.settings import Settings
from lopso.web.request import BoundedRequest, Request
from lopso.web.transaction import session_of


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
