"""Accounts and roles, for the city's administrator."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts import queries, service
from accounts.words import role_name
from lopso.kernel.access import Actor, Permission, Role
from lopso.kernel.errors import Forbidden, InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_city
from lopso.web.pages import page, redirect
from venues.models import Ward

HERE = "/tai-khoan"


def _city(actor: Actor) -> None:
    if not actor.everywhere(Permission.MANAGE_USERS):
        raise Forbidden


async def _list(
    db: AsyncSession,
    *,
    search: str = "",
    number: int = 1,
    status: int = 200,
    typed: dict[str, str] | None = None,
    link: str | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    found = await queries.accounts_page(db, search=search, number=number)
    wards = [
        (ward_id, name)
        for ward_id, name in await db.execute(select(Ward.id, Ward.full_name).order_by(Ward.slug))
    ]
    names = dict(wards)

    def ward_name(ward_id: str | None) -> str:
        return names[ward_id] if ward_id else _("Cả thành phố")

    return page(
        "accounts/users.html",
        status=status,
        found=found,
        search=search,
        roles=[(role.value, role_name(role)) for role in Role],
        role_name=role_name,
        ward_options=wards,
        ward_name=ward_name,
        typed=defaultdict(str, typed or {}),
        link=link,
        errors=errors or {},
    )


@get(HERE, opt=in_city(Permission.MANAGE_USERS))
async def users(db: AsyncSession, actor: Actor, q: str = "", trang: int = 1) -> Response[Any]:
    """Everybody who may log in, with their roles; five statements with the log-in."""
    _city(actor)
    return await _list(db, search=q[:100], number=max(1, trang))


@post(HERE, opt=in_city(Permission.MANAGE_USERS))
async def add(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Make an account and an invitation link to hand over."""
    _city(actor)
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in ("name", "email", "phone", "role", "ward")}
    try:
        role = _role(typed["role"])
        user = await service.add_user(
            db,
            name=typed["name"],
            password=None,
            email=typed["email"] or None,
            phone=typed["phone"] or None,
            by=actor,
            now=now,
        )
        if typed["ward"] and await db.get(Ward, typed["ward"]) is None:
            raise InvalidInput({"ward": _("Không có phường, xã mang mã %(code)s.", code=typed["ward"])})
        await service.grant_role(db, user.id, role, typed["ward"] or None, by=actor, now=now)
    except InvalidInput as error:
        return await _list(db, status=422, typed=typed, errors=error.fields)
    return await _with_link(request, db, user.id, actor, now)


@post(HERE + "/{user_id:int}/loi-moi", opt=in_city(Permission.MANAGE_USERS))
async def invite_again(
    request: Request[Any, Any, Any], user_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """A new link, for a lost one or a forgotten password."""
    _city(actor)
    return await _with_link(request, db, user_id, actor, now)


async def _with_link(
    request: Request[Any, Any, Any], db: AsyncSession, user_id: int, actor: Actor, now: datetime
) -> Response[Any]:
    token = await service.invite(db, user_id, by=actor, now=now)
    link = f"{request.app.state.settings.public_url}/loi-moi/{token}"
    return await _list(db, link=link)


@post(HERE + "/{user_id:int}/vai-tro", opt=in_city(Permission.MANAGE_USERS))
async def grant(
    request: Request[Any, Any, Any], user_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Entrust one more role."""
    _city(actor)
    form = await request.form()
    await service.grant_role(
        db,
        user_id,
        _role(str(form.get("role", ""))),
        str(form.get("ward", "")).strip() or None,
        by=actor,
        now=now,
    )
    return redirect(HERE, flash=_("Đã giao thêm vai trò."))


@post(HERE + "/vai-tro/{grant_id:int}/thu-hoi", opt=in_city(Permission.MANAGE_USERS))
async def revoke(grant_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Take a role back."""
    _city(actor)
    await service.revoke_role(db, grant_id, by=actor, now=now)
    return redirect(HERE, flash=_("Đã thu hồi vai trò."))


@post(HERE + "/{user_id:int}/khoa", opt=in_city(Permission.MANAGE_USERS))
async def disable(user_id: int, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Close an account. Not one's own: somebody must be left to open it again."""
    _city(actor)
    if user_id == actor.user_id:
        raise Forbidden(_("Không thể tự khóa tài khoản của mình."))
    await service.disable_user(db, user_id, by=actor, now=now)
    return redirect(HERE, flash=_("Đã khóa tài khoản."))


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        raise NotFound from error


HANDLERS = [users, add, invite_again, grant, revoke, disable]
