"""Log-in, log-out, language."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service
from accounts.authentication import cookie_name, session_cookie
from accounts.errors import WrongLogin
from accounts.forms import LanguageForm, LogInForm, LogInPage
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.web.forms import Form
from lopso.web.guards import PUBLIC
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from lopso.web.unsent import read_unsent


@get("/dang-nhap", opt=PUBLIC)
async def log_in_page(actor: Actor, params: LogInPage) -> Response[Any]:
    """The log-in form; somebody already signed in goes on."""
    if actor.user_id is not None:
        return redirect(params.tiep)
    return page("accounts/log_in.html", form=Form.of(LogInForm(tiep=params.tiep)))


@post("/dang-nhap", opt=PUBLIC)
async def log_in(request: Request, form: Form[LogInForm], db: AsyncSession, now: datetime) -> Response[Any]:
    """Check the password; every refusal keeps what was typed but the password."""
    state = request.app.state
    try:
        typed = form.value()
        address = client_address(request)
        await service.check_attempts(db, identifier=typed.identifier, address=address, now=now)
        token = await _begin_session(request, db, typed, address, now)
    except InvalidInput as error:
        return page("accounts/log_in.html", form=form.refused(error))
    answer = _onward(typed)
    answer.set_cookie(session_cookie(state.settings, token))
    return answer


def _onward(typed: LogInForm) -> Response[Any]:
    """Where one was; with a form that was not sent, a page that sends it."""
    unsent = read_unsent(typed.unsent)
    if unsent is None:
        return redirect(typed.tiep)
    return page("accounts/send_again.html", unsent=unsent, here_again="/")


async def _begin_session(
    request: Request, db: AsyncSession, typed: LogInForm, address: str, now: datetime
) -> str:
    """The cookie's value of a new session; a wrong password is counted.

    Raises:
        WrongLogin: no such account, or not its password.
    """
    state = request.app.state
    old_token = request.cookies.get(cookie_name(state.settings))
    try:
        _, token = await service.log_in(
            db, identifier=typed.identifier, password=typed.password, old_token=old_token, now=now
        )
    except WrongLogin:
        async with state.sessions.begin() as own:  # the answer is a refusal: this must stay all the same
            await service.note_failure(own, identifier=typed.identifier, address=address, now=now)
        raise
    return token


@post("/dang-xuat", opt=PUBLIC)
async def log_out(request: Request, db: AsyncSession) -> Response[Any]:
    """End this session."""
    settings = request.app.state.settings
    await service.log_out(db, request.cookies.get(cookie_name(settings)))
    answer = redirect("/dang-nhap")
    answer.set_cookie(session_cookie(settings, ""))
    return answer


@post("/ngon-ngu", opt=PUBLIC)
async def choose_language(
    request: Request, form: Form[LanguageForm], db: AsyncSession, actor: Actor
) -> Response[Any]:
    """Read the pages in another language, from now on and on other devices too."""
    chosen = form.value()
    if actor.user_id is not None:
        await service.set_language(db, actor.user_id, chosen.lang)
    answer = redirect(chosen.tiep)
    answer.set_cookie(
        Cookie(
            key="lang",
            value=chosen.lang,
            max_age=365 * 86400,
            path="/",
            httponly=True,
            samesite="lax",
            secure=request.app.state.settings.secure_cookies,
        )
    )
    return answer


def client_address(request: Request) -> str:
    """The client's address; forwarded headers count only where a proxy is configured (uvicorn sets it)."""
    return request.client.host if request.client else "unknown"


HANDLERS = [log_in_page, log_in, log_out, choose_language]
