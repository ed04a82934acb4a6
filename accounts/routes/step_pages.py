"""Pages on which a code of the app is typed; the log-in and the own account show them."""

from typing import Any

from litestar.response import Response

from accounts.forms import CodeForm
from accounts.models import SecondFactor, User
from accounts.rules.authenticator import set_up_uri
from accounts.rules.codes import grouped
from accounts.service.second_factor import secret_of
from accounts.service.sessions import Awaits
from lopso.kernel.qr import qr_svg
from lopso.web.forms import Form
from lopso.web.pages import page

SECOND_STEPS: dict[Awaits, str] = {"code": "/dang-nhap/ma", "set_up": "/dang-nhap/cai-dat"}


def code_page(form: Form[CodeForm]) -> Response[Any]:
    """Asks for the code of the app, at log-in."""
    return page("accounts/second_step.html", form=form, here=SECOND_STEPS["code"], here_again="/")


def set_up_page(form: Form[CodeForm], factor: SecondFactor, user: User, *, app_secret: str) -> Response[Any]:
    """The QR code for the app and its first code, at log-in, where the role demands a second factor."""
    return page(
        "accounts/set_up_at_log_in.html",
        form=form,
        here=SECOND_STEPS["set_up"],
        here_again="/",
        **authenticator_context(factor, user, app_secret=app_secret),
    )


def authenticator_context(factor: SecondFactor, user: User, *, app_secret: str) -> dict[str, Any]:
    """`uri` for an app on the same phone, `qr` (SVG) of it, and `key` (in groups, to be typed by hand)."""
    secret = secret_of(factor, app_secret=app_secret)
    account = user.email or user.phone or user.name
    uri = set_up_uri(secret, account)
    return {"uri": uri, "qr": qr_svg(uri), "key": grouped(secret, 4)}
