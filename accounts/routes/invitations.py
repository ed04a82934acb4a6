"""The page behind an invitation link: choose a password."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import queries, service
from accounts.errors import DeadInvitation
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import PUBLIC
from lopso.web.pages import page, redirect


@get("/loi-moi/{token:str}", opt=PUBLIC)
async def choose_password_page(token: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """The form, while the link is good."""
    if await queries.standing_invitation(db, service.token_id(token), now) is None:
        raise DeadInvitation
    return page("accounts/choose_password.html", token=token)


@post("/loi-moi/{token:str}", opt=PUBLIC)
async def choose_password(
    request: Request[Any, Any, Any], token: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """Set the password; then log in with it."""
    form = await request.form()
    try:
        await service.accept_invitation(db, token, password=str(form.get("password", "")), now=now)
    except InvalidInput as error:
        return page("accounts/choose_password.html", status=422, token=token, errors=error.fields)
    return redirect("/dang-nhap", flash=_("Đã đặt mật khẩu. Xin đăng nhập."))


HANDLERS = [choose_password_page, choose_password]
