"""One's own second factor: set up, recovery codes, removed."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.authentication import client_of, session_id
from accounts.forms import CodeForm, PasswordForm
from accounts.models import User
from accounts.queries.second_factor import second_factor_of
from accounts.routes.attempts import check_own_password, check_typed_code
from accounts.routes.own_account import HERE
from accounts.routes.step_pages import authenticator_context
from accounts.service.second_factor import (
    begin_set_up,
    confirm_set_up,
    remove_second_factor,
    renew_recovery_codes,
)
from accounts.service.sessions import end_sessions
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import SIGNED_IN
from lopso.web.pages import page, redirect
from lopso.web.request import Request

FACTOR = HERE + "/hai-buoc"


@get(FACTOR, opt=SIGNED_IN)
async def second_factor_page(request: Request, db: AsyncSession, actor: Actor) -> Response[Any]:
    """What a second factor is; its QR code while it is being set up; what can be done with one in use."""
    return await _factor_page(request, db, actor, Form.blank(PasswordForm))


async def _factor_page(
    request: Request, db: AsyncSession, actor: Actor, form: Form[PasswordForm] | Form[CodeForm]
) -> Response[Any]:
    user = await db.get_one(User, actor.user_id)
    factor = await second_factor_of(db, user.id)
    if factor is not None and factor.confirmed_at is None:
        return page(
            "accounts/set_up_second_factor.html",
            form=form,
            here=FACTOR + "/xac-nhan",
            **authenticator_context(factor, user, app_secret=_secret(request)),
        )
    demanded = any(actor.has_role(role) for role in request.app.state.settings.second_factor_roles)
    return page("accounts/second_factor.html", form=form, factor=factor, here=FACTOR, demanded=demanded)


@post(FACTOR, opt=SIGNED_IN)
async def begin_second_factor(
    request: Request, form: Form[PasswordForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Make a secret for the app, after the password was asked once more."""
    try:
        await check_own_password(request, db, form.value().old, by=actor, now=now)
    except InvalidInput as error:
        return await _factor_page(request, db, actor, form.refused(error))
    await begin_set_up(db, actor.user_id or 0, app_secret=_secret(request), now=now)
    return redirect(FACTOR)


@post(FACTOR + "/xac-nhan", status_code=200, opt=SIGNED_IN)
async def confirm_own_second_factor(
    request: Request, form: Form[CodeForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The first code of the app; other devices are logged out, the recovery codes are shown once."""
    user_id = actor.user_id or 0
    try:
        client = client_of(request)
        fresh = await check_typed_code(
            request, form, confirm_set_up, db, user_id, client=client, by=actor, now=now
        )
    except InvalidInput as error:
        return await _factor_page(request, db, actor, form.refused(error))
    await end_sessions(db, user_id, but=session_id(request))
    return page("accounts/recovery_codes.html", codes=fresh, onward=HERE, unsent=None)


@post(FACTOR + "/ma-du-phong", status_code=200, opt=SIGNED_IN)
async def new_recovery_codes(
    request: Request, form: Form[PasswordForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """New recovery codes in place of the old ones."""
    try:
        await check_own_password(request, db, form.value().old, by=actor, now=now)
    except InvalidInput as error:
        return await _factor_page(request, db, actor, form.refused(error))
    factor = await second_factor_of(db, actor.user_id or 0)
    if factor is None or factor.confirmed_at is None:
        return redirect(FACTOR)
    fresh = await renew_recovery_codes(db, actor.user_id or 0, by=actor, now=now)
    return page("accounts/recovery_codes.html", codes=fresh, onward=HERE, unsent=None)


@post(FACTOR + "/tat", opt=SIGNED_IN)
async def remove_own_second_factor(
    request: Request, form: Form[PasswordForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Remove the second factor; other devices are logged out."""
    try:
        await check_own_password(request, db, form.value().old, by=actor, now=now)
    except InvalidInput as error:
        return await _factor_page(request, db, actor, form.refused(error))
    await remove_second_factor(db, actor.user_id or 0, but_session=session_id(request), by=actor, now=now)
    return redirect(HERE, flash=_("Đã tắt xác thực hai bước."))


def _secret(request: Request) -> str:
    return request.app.state.settings.secret


HANDLERS = [
    second_factor_page,
    begin_second_factor,
    confirm_own_second_factor,
    new_recovery_codes,
    remove_own_second_factor,
]
