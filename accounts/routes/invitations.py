"""The page behind an invitation link: choose a password."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import queries, service
from accounts.errors import InvitationInvalid
from accounts.forms import NewPasswordForm
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import PUBLIC
from lopso.web.pages import page, redirect


@get("/loi-moi/{token:str}", opt=PUBLIC)
async def choose_password_page(token: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """The form, while the link is valid."""
    if await queries.valid_invitation(db, service.token_id(token), now) is None:
        raise InvitationInvalid
    return page("accounts/choose_password.html", token=token)


@post("/loi-moi/{token:str}", opt=PUBLIC)
async def choose_password(
    form: Form[NewPasswordForm], token: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """Set the password; then log in with it."""
    try:
        await service.accept_invitation(db, token, password=form.value().password, now=now)
    except InvalidInput as error:
        return page("accounts/choose_password.html", token=token, form=form.refused(error))
    return redirect("/dang-nhap", flash=_("Đã đặt mật khẩu. Xin đăng nhập."))


HANDLERS = [choose_password_page, choose_password]
