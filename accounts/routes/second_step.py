"""The second step of a log-in: the code of the app, or its set-up where the role demands one."""

from datetime import datetime
from typing import Any, TypeVar

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.authentication import (
    client_of,
    cookie_name,
    device_cookie,
    device_token,
    session_cookie,
    session_id,
)
from accounts.forms import CodeForm, LogInPage
from accounts.models import User
from accounts.queries.second_factor import second_factor_of
from accounts.queries.sessions import awaiting_session
from accounts.routes.attempts import CodeCheck, check_typed_code
from accounts.routes.log_in import signed_in_answer
from accounts.routes.step_pages import SECOND_STEPS, code_page, set_up_page
from accounts.rules.clients import Client
from accounts.service.log_in import OpenedSession, open_after_step
from accounts.service.second_factor import check_code, confirm_set_up
from accounts.service.sessions import Awaits
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.settings import Settings
from lopso.web.forms import Form
from lopso.web.guards import PUBLIC
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from lopso.web.unsent import read_unsent

T = TypeVar("T")

CODE, SET_UP = SECOND_STEPS["code"], SECOND_STEPS["set_up"]


async def _waiting(request: Request, db: AsyncSession, now: datetime, awaits: Awaits) -> User | None:
    """Whose log-in waits for this step, or None."""
    found = await awaiting_session(db, session_id(request), now)
    return found[1] if found is not None and found[0].awaits == awaits else None


@get(CODE, opt=PUBLIC)
async def ask_for_code(request: Request, params: LogInPage, db: AsyncSession, now: datetime) -> Response[Any]:
    """Asks for the code of the app."""
    if await _waiting(request, db, now, "code") is None:
        return redirect("/dang-nhap")
    return code_page(Form.of(CodeForm(code="", tiep=params.tiep)))


@post(CODE, opt=PUBLIC)
async def check_second_step(
    request: Request, form: Form[CodeForm], db: AsyncSession, now: datetime
) -> Response[Any]:
    """Check the code; the log-in is complete."""
    user = await _waiting(request, db, now, "code")
    if user is None:
        return redirect("/dang-nhap")
    device = device_token(request)
    client = client_of(request, device)
    try:
        await _checked(request, form, check_code, db, user, client, now)
    except InvalidInput as error:
        return code_page(form.refused(error))
    opened = await _opened(request, db, user, client, now)
    return signed_in_answer(request, opened, device, form.value())


@get(SET_UP, opt=PUBLIC)
async def begin_at_log_in(
    request: Request, params: LogInPage, db: AsyncSession, now: datetime
) -> Response[Any]:
    """The QR code for the app, where the role demands a second factor."""
    user = await _waiting(request, db, now, "set_up")
    if user is None:
        return redirect("/dang-nhap")
    return await _set_up_page(request, db, user, Form.of(CodeForm(code="", tiep=params.tiep)))


@post(SET_UP, opt=PUBLIC)
async def confirm_second_factor(
    request: Request, form: Form[CodeForm], db: AsyncSession, now: datetime
) -> Response[Any]:
    """Check the first code of the app; the log-in is complete, and the recovery codes are shown once."""
    user = await _waiting(request, db, now, "set_up")
    if user is None:
        return redirect("/dang-nhap")
    device = device_token(request)
    client = client_of(request, device)
    try:
        fresh = await _checked(request, form, confirm_set_up, db, user, client, now)
    except InvalidInput as error:
        return await _set_up_page(request, db, user, form.refused(error))
    opened = await _opened(request, db, user, client, now)
    typed = form.value()
    answer = page(
        "accounts/recovery_codes.html",
        codes=fresh,
        onward=typed.tiep,
        unsent=read_unsent(typed.unsent),
        here_again="/",
    )
    settings: Settings = request.app.state.settings
    answer.set_cookie(session_cookie(settings, opened.token))
    answer.set_cookie(device_cookie(settings, device))
    return answer


async def _checked(
    request: Request,
    form: Form[CodeForm],
    check: CodeCheck[T],
    db: AsyncSession,
    user: User,
    client: Client,
    now: datetime,
) -> T:
    by = Actor(user.id, user.name)
    return await check_typed_code(request, form, check, db, user.id, client=client, by=by, now=now)


async def _set_up_page(request: Request, db: AsyncSession, user: User, form: Form[CodeForm]) -> Response[Any]:
    factor = await second_factor_of(db, user.id)
    if factor is None:
        return redirect("/dang-nhap")
    return set_up_page(form, factor, user, app_secret=request.app.state.settings.secret)


async def _opened(
    request: Request, db: AsyncSession, user: User, client: Client, now: datetime
) -> OpenedSession:
    old_token = request.cookies.get(cookie_name(request.app.state.settings), "")
    return await open_after_step(db, user, old_token=old_token, client=client, now=now)


HANDLERS = [ask_for_code, check_second_step, begin_at_log_in, confirm_second_factor]
