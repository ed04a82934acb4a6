"""One's own account: password, devices with a log-in, second factor."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.authentication import client_of, session_id
from accounts.forms import ChangePasswordForm, EndSessionsForm
from accounts.models import User
from accounts.queries.second_factor import recovery_codes_left, second_factor_of
from accounts.queries.sessions import sessions_of
from accounts.routes.attempts import check_own_password, counted_attempt
from accounts.service.own_password import change_password
from accounts.service.sessions import end_chosen_sessions, session_name
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import SIGNED_IN
from lopso.web.pages import page, redirect
from lopso.web.request import Request

HERE = "/tai-khoan-cua-toi"


@get(HERE, opt=SIGNED_IN)
async def own_account(request: Request, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Password, second factor, devices; five statements with the log-in."""
    user = await db.get_one(User, actor.user_id)
    return page(
        "accounts/own_account.html",
        user=user,
        sessions=await sessions_of(db, user.id, now),
        factor=await second_factor_of(db, user.id),
        codes_left=await recovery_codes_left(db, user.id),
        this_session=session_id(request),
    )


@get(HERE + "/mat-khau", opt=SIGNED_IN)
async def password_page(actor: Actor) -> Response[Any]:
    """The form for another password."""
    return page("accounts/change_password.html", form=Form.blank(ChangePasswordForm))


@post(HERE + "/mat-khau", opt=SIGNED_IN)
async def change_own_password(
    request: Request, form: Form[ChangePasswordForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Change the password; other devices are logged out."""
    try:
        typed = form.value()
        async with counted_attempt(request, "password", client_of(request), user_id=actor.user_id, now=now):
            await change_password(
                db,
                actor.user_id or 0,
                old=typed.old,
                new=typed.password,
                session_id=session_id(request),
                by=actor,
                now=now,
            )
    except InvalidInput as error:
        return page("accounts/change_password.html", form=form.refused(error))
    return redirect(HERE, flash=_("Đã đổi mật khẩu. Các thiết bị khác đã được đăng xuất."))


@get(HERE + "/thiet-bi", opt=SIGNED_IN)
async def devices_page(request: Request, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """The devices with a log-in; those to end are picked here."""
    return await _devices_page(request, db, actor, now, Form.blank(EndSessionsForm))


@post(HERE + "/thiet-bi", opt=SIGNED_IN)
async def end_own_sessions(
    request: Request, form: Form[EndSessionsForm], db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """End the picked log-ins, or all but this one."""
    try:
        typed = form.value()
        if not typed.every and not typed.device:
            raise InvalidInput({"device": _("Xin chọn ít nhất một thiết bị.")})
        await check_own_password(request, db, typed.old, by=actor, now=now)
    except InvalidInput as error:
        return await _devices_page(request, db, actor, now, form.refused(error))
    ended = await end_chosen_sessions(
        db,
        actor.user_id or 0,
        None if typed.every else typed.device,
        but=session_id(request),
        by=actor,
        now=now,
    )
    sentence = ngettext("Đã đăng xuất %(n)s thiết bị.", "Đã đăng xuất %(n)s thiết bị.", ended)
    return redirect(HERE, flash=sentence)


async def _devices_page(
    request: Request, db: AsyncSession, actor: Actor, now: datetime, form: Form[EndSessionsForm]
) -> Response[Any]:
    this = session_id(request)
    sessions = await sessions_of(db, actor.user_id or 0, now)
    return page(
        "accounts/devices.html",
        form=form,
        others=[(session_name(each), each) for each in sessions if each.id != this],
        current=next((each for each in sessions if each.id == this), None),
    )


HANDLERS = [own_account, password_page, change_own_password, devices_page, end_own_sessions]
