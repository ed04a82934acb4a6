"""A forgotten password: a mail with a link, or a code that somebody reads out."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.authentication import client_of, device_cookie, device_token
from accounts.forms import ForgottenPasswordForm, ResetCodeForm
from accounts.routes.attempts import counted_attempt
from accounts.service.log_in import account_of
from accounts.service.resets import request_reset_mail, reset_with_code
from accounts.service.sessions import remember_device
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import PUBLIC
from lopso.web.pages import page, redirect
from lopso.web.request import Request

FORGOTTEN = "/quen-mat-khau"
WITH_CODE = "/dat-lai-mat-khau"


def _forgotten_page(
    request: Request, form: Form[ForgottenPasswordForm], *, sent: bool = False
) -> Response[Any]:
    by_mail: bool = request.app.state.settings.sends_account_mail
    return page("accounts/forgotten.html", form=form, by_mail=by_mail, sent=sent)


@get(FORGOTTEN, opt=PUBLIC)
async def forgotten_page(request: Request) -> Response[Any]:
    """What to do about a forgotten password."""
    return _forgotten_page(request, Form.blank(ForgottenPasswordForm))


@post(FORGOTTEN, status_code=200, opt=PUBLIC)
async def ask_for_link(
    request: Request, form: Form[ForgottenPasswordForm], db: AsyncSession, now: datetime
) -> Response[Any]:
    """The same answer after the same statement, whether there is such an account or not."""
    try:
        identifier = form.value().identifier
    except InvalidInput as error:
        return _forgotten_page(request, form.refused(error))
    if request.app.state.settings.sends_account_mail:
        await request_reset_mail(db, identifier, now=now)
    return _forgotten_page(request, Form.blank(ForgottenPasswordForm), sent=True)


@get(WITH_CODE, opt=PUBLIC)
async def reset_code_page() -> Response[Any]:
    """Where somebody types a code that was read out."""
    return page("accounts/reset_with_code.html", form=Form.blank(ResetCodeForm))


@post(WITH_CODE, opt=PUBLIC)
async def reset_password(
    request: Request, form: Form[ResetCodeForm], db: AsyncSession, now: datetime
) -> Response[Any]:
    """Check the code and set the password; then log in with it."""
    device = device_token(request)
    client = client_of(request, device)
    try:
        typed = form.value()
        known = await account_of(db, typed.identifier)
        user_id = known.id if known else None
        async with counted_attempt(
            request, "reset", client, user_id=user_id, typed=typed.identifier, now=now
        ):
            user = await reset_with_code(
                db, identifier=typed.identifier, code=typed.code, password=typed.password, now=now
            )
    except InvalidInput as error:
        return page("accounts/reset_with_code.html", form=form.refused(error))
    await remember_device(db, user.id, client, now=now)
    answer = redirect("/dang-nhap", flash=_("Đã đặt mật khẩu. Xin đăng nhập."))
    answer.set_cookie(device_cookie(request.app.state.settings, device))
    return answer


HANDLERS = [forgotten_page, ask_for_link, reset_code_page, reset_password]
