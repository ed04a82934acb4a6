"""Log-in, log-out, language."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service
from accounts.authentication import cookie_name, session_cookie
from accounts.errors import WrongLogin
from lopso.kernel.access import Actor
from lopso.kernel.i18n import known_language
from lopso.web.guards import PUBLIC
from lopso.web.pages import local_path, page, redirect


@get("/dang-nhap", opt=PUBLIC)
async def log_in_page(actor: Actor, tiep: str = "/") -> Response[Any]:
    """The log-in form; somebody already signed in goes on."""
    if actor.user_id is not None:
        return redirect(local_path(tiep))
    return page("accounts/log_in.html", identifier="", next_path=local_path(tiep))


@post("/dang-nhap", opt=PUBLIC)
async def log_in(request: Request[Any, Any, Any], db: AsyncSession, now: datetime) -> Response[Any]:
    """Check the password; every refusal keeps what was typed but the password."""
    form = await request.form()
    identifier, password = str(form.get("identifier", ""))[:200], str(form.get("password", ""))[:1000]
    next_path = local_path(str(form.get("tiep", "/")))
    state = request.app.state
    address = client_address(request)
    await service.check_tries(db, identifier=identifier, address=address, now=now)
    old_token = request.cookies.get(cookie_name(state.settings))
    try:
        _, token = await service.log_in(
            db, identifier=identifier, password=password, old_token=old_token, now=now
        )
    except WrongLogin as error:
        async with state.sessions.begin() as own:  # the answer is a refusal: this must stay all the same
            await service.note_failure(own, identifier=identifier, address=address, now=now)
        return page(
            "accounts/log_in.html",
            status=422,
            identifier=identifier,
            next_path=next_path,
            errors=error.fields,
        )
    answer = redirect(next_path)
    answer.set_cookie(session_cookie(state.settings, token))
    return answer


@post("/dang-xuat", opt=PUBLIC)
async def log_out(request: Request[Any, Any, Any], db: AsyncSession) -> Response[Any]:
    """End this session."""
    settings = request.app.state.settings
    await service.log_out(db, request.cookies.get(cookie_name(settings)))
    answer = redirect("/dang-nhap")
    answer.set_cookie(session_cookie(settings, ""))
    return answer


@post("/ngon-ngu", opt=PUBLIC)
async def choose_language(request: Request[Any, Any, Any], db: AsyncSession, actor: Actor) -> Response[Any]:
    """Read the pages in another language, from now on and on other devices too."""
    form = await request.form()
    chosen = known_language(str(form.get("lang", ""))) or "vi"
    if actor.user_id is not None:
        await service.set_language(db, actor.user_id, chosen)
    answer = redirect(local_path(str(form.get("tiep", "/"))))
    answer.set_cookie(
        Cookie(
            key="lang",
            value=chosen,
            max_age=365 * 86400,
            path="/",
            httponly=True,
            samesite="lax",
            secure=request.app.state.settings.secure_cookies,
        )
    )
    return answer


def client_address(request: Request[Any, Any, Any]) -> str:
    """Where a request comes from; the proxy's word counts only where one is configured (uvicorn sets it)."""
    return request.client.host if request.client else "unknown"


HANDLERS = [log_in_page, log_in, log_out, choose_language]
