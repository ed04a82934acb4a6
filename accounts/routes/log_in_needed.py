"""The answer to a request of somebody who is not signed in, or no longer."""

from typing import Any
from urllib.parse import quote

from litestar.exceptions import NotAuthorizedException
from litestar.response import Response

from lopso.kernel.i18n import gettext as _
from lopso.web.errors import refusal
from lopso.web.forms.typed import Typed
from lopso.web.guards import LogInNeeded
from lopso.web.local_address import address_of
from lopso.web.pages import SeeOther, page
from lopso.web.request import Request
from lopso.web.unsent import UnsentForm, page_of

LOG_IN = "/dang-nhap"


def not_signed_in(request: Request, error: NotAuthorizedException) -> Response[Any]:
    """Log in first, then back; a form that was posted is kept through log-in."""
    if "application/json" in request.headers.get("accept", ""):
        return refusal(request, 401, _("Xin đăng nhập trước."))
    if isinstance(error, LogInNeeded) and error.unsent is not None:
        return _keeping(request, error.unsent)
    if request.headers.get("hx-request"):
        return _from_part(request, stays=isinstance(error, LogInNeeded) and error.partial)
    here = address_of(request.scope)
    nowhere = here == "/" or request.method != "GET"
    return SeeOther(LOG_IN if nowhere else f"{LOG_IN}?tiep={quote(here)}", None)


def _keeping(request: Request, unsent: UnsentForm) -> Response[Any]:
    typed = Typed().changed(unsent=str(unsent), tiep=unsent.page)
    answer = page("accounts/log_in.html", status=401, typed=typed, here_again="/")
    if request.headers.get("hx-request"):  # in place of the whole page, whose form it holds
        answer.headers |= {"hx-retarget": "body", "hx-reswap": "innerHTML show:window:top"}
    return answer


def _from_part(request: Request, *, stays: bool) -> Response[Any]:
    if not stays:
        headers = {"hx-redirect": f"{LOG_IN}?tiep={quote(page_of(request))}"}
        return Response(b"", status_code=401, media_type="text/plain", headers=headers)
    sentence = _(
        "Phiên đăng nhập đã hết. Những gì bạn đã gõ vẫn còn trên trang này: cứ bấm nút lưu, hệ thống sẽ hỏi "
        "đăng nhập rồi gửi tiếp."
    )
    return refusal(request, 401, sentence)
