"""Log-in, log-out, language."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service
from accounts.authentication import (
    client_of,
    cookie_name,
    device_cookie,
    device_token,
    language_cookie,
    renewed_csrf_cookie,
    session_cookie,
)
from accounts.forms import CodeForm, LanguageForm, LogInForm, LogInPage
from accounts.routes.attempts import counted_attempt
from accounts.routes.step_pages import SECOND_STEPS, code_page, set_up_page
from accounts.rules.clients import Client
from accounts.service.log_in import OpenedSession, account_of
from accounts.service.second_factor import begin_set_up
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.settings import Settings
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
    device = device_token(request)
    try:
        opened = await _checked_log_in(request, db, form.value(), client_of(request, device), now)
    except InvalidInput as error:
        return page("accounts/log_in.html", form=form.refused(error))
    if opened.awaits is None:
        return signed_in_answer(request, opened, device, form.value())
    answer = await _to_second_step(request, db, opened, form.value(), now)
    answer.set_cookie(session_cookie(request.app.state.settings, opened.token))
    return answer


async def _checked_log_in(
    request: Request, db: AsyncSession, typed: LogInForm, client: Client, now: datetime
) -> OpenedSession:
    """A new session.

    Raises:
        WrongLogin: no such account, or not its password.
        TooManyAttempts: nothing was checked.
    """
    settings: Settings = request.app.state.settings
    user = await account_of(db, typed.identifier)
    user_id = user.id if user else None
    async with counted_attempt(request, "password", client, user_id=user_id, typed=typed.identifier, now=now):
        return await service.log_in(
            db,
            identifier=typed.identifier,
            password=typed.password,
            old_token=request.cookies.get(cookie_name(settings)),
            client=client,
            demanded=settings.second_factor_roles,
            now=now,
        )


async def _to_second_step(
    request: Request, db: AsyncSession, opened: OpenedSession, typed: LogInForm, now: datetime
) -> Response[Any]:
    """To the page of the step that is missing; a form that was not sent goes along."""
    secret: str = request.app.state.settings.secret
    form = Form.of(CodeForm(code="", tiep=typed.tiep, unsent=typed.unsent))
    if opened.awaits == "set_up":
        factor = await begin_set_up(db, opened.user.id, app_secret=secret, now=now)
        if typed.unsent:
            return set_up_page(form, factor, opened.user, app_secret=secret)
    elif typed.unsent:
        return code_page(form)
    return redirect(f"{SECOND_STEPS[opened.awaits or 'code']}?tiep={quote(typed.tiep)}")


def signed_in_answer(
    request: Request, opened: OpenedSession, device: str, typed: LogInForm | CodeForm
) -> Response[Any]:
    """On to where one was, with the cookies of session and device; a form that was not sent can be sent."""
    settings: Settings = request.app.state.settings
    unsent = read_unsent(typed.unsent)
    answer: Response[Any] = redirect(typed.tiep)
    if unsent is not None:
        answer = page("accounts/send_again.html", unsent=unsent, here_again="/")
    answer.set_cookie(device_cookie(settings, device))
    answer.set_cookie(session_cookie(settings, opened.token))
    answer.set_cookie(renewed_csrf_cookie(request))
    return answer


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
    answer.set_cookie(language_cookie(request.app.state.settings, chosen.lang))
    return answer


HANDLERS = [log_in_page, log_in, log_out, choose_language]
