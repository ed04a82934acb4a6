"""The page behind an invitation link: choose a password."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import queries, service
from accounts.authentication import client_of, device_cookie, device_token
from accounts.errors import InvitationInvalid
from accounts.forms import NewPasswordForm
from accounts.service.sessions import remember_device
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import PUBLIC
from lopso.web.pages import page, redirect
from lopso.web.request import Request


@get("/loi-moi/{token:str}", opt=PUBLIC)
async def choose_password_page(token: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """The form, while the link is valid."""
    if await queries.valid_invitation(db, service.token_id(token), now) is None:
        raise InvitationInvalid
    return page("accounts/choose_password.html", token=token)


@post("/loi-moi/{token:str}", opt=PUBLIC)
async def choose_password(
    request: Request, form: Form[NewPasswordForm], token: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """Set the password; then log in with it, on a device that is known from now on."""
    device = device_token(request)
    try:
        user = await service.accept_invitation(db, token, password=form.value().password, now=now)
    except InvalidInput as error:
        return page("accounts/choose_password.html", token=token, form=form.refused(error))
    await remember_device(db, user.id, client_of(request, device), now=now)
    answer = redirect("/dang-nhap", flash=_("Đã đặt mật khẩu. Xin đăng nhập."))
    answer.set_cookie(device_cookie(request.app.state.settings, device))
    return answer


HANDLERS = [choose_password_page, choose_password]
