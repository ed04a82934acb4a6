"""Codes, second factors and log-ins of others, for the city's administrator."""

from datetime import datetime
from typing import Any

from litestar import post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import service
from accounts.forms import UserForm
from accounts.models import User
from accounts.routes.users import ADMINISTERED, HERE, MadeCode, list_page
from accounts.rules.codes import grouped
from accounts.service.second_factor import remove_second_factor
from accounts.service.sessions import end_all_sessions
from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.pages import redirect


@post(HERE + "/{user_id:int}/ma", status_code=200, opt=ADMINISTERED)
async def make_code(user_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """A code for a new password, to be read out; shown once."""
    code = await service.make_reset_code(db, user_id, by=actor, now=now)
    user = await db.get_one(User, user_id)
    return await list_page(db, Form.blank(UserForm), code=MadeCode(user.name, grouped(code)))


@post(HERE + "/{user_id:int}/hai-buoc/bo", opt=ADMINISTERED)
async def reset_second_factor(user_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Remove the second factor of somebody who lost the phone and the recovery codes."""
    if await remove_second_factor(db, user_id, by=actor, now=now):
        return redirect(HERE, flash=_("Đã bỏ xác thực hai bước của người này."))
    return redirect(HERE, flash=_("Người này không dùng xác thực hai bước."), kind="warn")


@post(HERE + "/{user_id:int}/dang-xuat", opt=ADMINISTERED)
async def log_out_everywhere(user_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """End all log-ins of somebody: a lost phone, say."""
    await end_all_sessions(db, user_id, by=actor, now=now)
    return redirect(HERE, flash=_("Người này đã bị đăng xuất ở mọi nơi."))


HANDLERS = [make_code, reset_second_factor, log_out_everywhere]
