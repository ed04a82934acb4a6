"""Accounts and roles, for the city's administrator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import queries, service
from accounts.forms import GrantForm, UserForm, UserSearch
from accounts.labels import role_name
from accounts.models import User
from lopso.kernel.access import Actor, Permission, Role
from lopso.kernel.errors import Forbidden, InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_city
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from venues.models import Ward

HERE = "/tai-khoan"
ADMINISTERED = in_city(Permission.MANAGE_USERS)


@dataclass(frozen=True, slots=True)
class MadeCode:
    """A code to be read out, in groups, and to whom."""

    name: str
    code: str


async def list_page(
    db: AsyncSession,
    form: Form[UserForm],
    *,
    search: str = "",
    number: int = 1,
    link: str | None = None,
    code: MadeCode | None = None,
) -> Response[Any]:
    rows = await db.execute(select(Ward.id, Ward.full_name).order_by(Ward.slug))
    names: dict[str | None, str] = {row.id: row.full_name for row in rows}
    return page(
        "accounts/users.html",
        form=form,
        found=await queries.accounts_page(db, search=search, number=number),
        search=search,
        roles=[(role.value, role_name(role)) for role in Role],
        role_name=role_name,
        ward_options=list(names.items()),
        ward_name={**names, None: _("Cả thành phố")}.__getitem__,
        link=link,
        code=code,
    )


@get(HERE, opt=ADMINISTERED)
async def users(db: AsyncSession, params: UserSearch) -> Response[Any]:
    """Everybody who may log in, with their roles; five statements with the log-in."""
    return await list_page(db, Form.blank(UserForm), search=params.q, number=params.trang)


@post(HERE, opt=ADMINISTERED)
async def add_user(
    request: Request, form: Form[UserForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Make an account and an invitation link to hand over."""
    try:
        user = await _user_with_role(db, form.value(), actor, now)
    except InvalidInput as error:
        return await list_page(db, form.refused(error))
    return await _page_with_link(request, db, user.id, actor, now)


async def _user_with_role(db: AsyncSession, typed: UserForm, by: Actor, now: datetime) -> User:
    user = await service.add_user(
        db,
        name=typed.name,
        password=None,
        email=typed.email,
        phone=typed.phone.e164,
        by=by,
        now=now,
    )
    if typed.ward and await db.get(Ward, typed.ward) is None:
        raise InvalidInput({"ward": _("Không có phường, xã mang mã %(code)s.", code=typed.ward)})
    await service.grant_role(db, user.id, typed.role, typed.ward, by=by, now=now)
    return user


@post(HERE + "/{user_id:int}/loi-moi", opt=ADMINISTERED)
async def invite_again(
    request: Request, user_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """A new link, for a lost one or a forgotten password."""
    return await _page_with_link(request, db, user_id, actor, now)


async def _page_with_link(
    request: Request, db: AsyncSession, user_id: int, actor: Actor, now: datetime
) -> Response[Any]:
    token = await service.invite(db, user_id, by=actor, now=now)
    link = f"{request.app.state.settings.public_url}/loi-moi/{token}"
    return await list_page(db, Form.blank(UserForm), link=link)


@post(HERE + "/{user_id:int}/vai-tro", opt=ADMINISTERED)
async def grant_role(
    form: Form[GrantForm], user_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Give one more role."""
    typed = form.value()
    await service.grant_role(db, user_id, typed.role, typed.ward, by=actor, now=now)
    return redirect(HERE, flash=_("Đã giao thêm vai trò."))


@post(HERE + "/vai-tro/{grant_id:int}/thu-hoi", opt=ADMINISTERED)
async def revoke_role(grant_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Revoke a role."""
    await service.revoke_role(db, grant_id, by=actor, now=now)
    return redirect(HERE, flash=_("Đã thu hồi vai trò."))


@post(HERE + "/{user_id:int}/khoa", opt=ADMINISTERED)
async def disable_user(user_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Disable an account. Not one's own: somebody must be left to enable it again."""
    if user_id == actor.user_id:
        raise Forbidden(_("Không thể tự khóa tài khoản của mình."))
    await service.disable_user(db, user_id, by=actor, now=now)
    return redirect(HERE, flash=_("Đã khóa tài khoản."))


HANDLERS = [users, add_user, invite_again, grant_role, revoke_role, disable_user]
