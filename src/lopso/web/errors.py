"""Exception handlers: refusals as pages, parts of pages or JSON."""

import secrets
from collections.abc import Callable
from typing import Any, cast

import structlog
from litestar.exceptions import HTTPException
from litestar.response import Response
from litestar.types import Receive, Scope, Send
from psycopg.errors import DeadlockDetected, NumericValueOutOfRange
from sqlalchemy.exc import DataError, OperationalError

from lopso.kernel.errors import DomainError, InvalidInput, NotFound, Refused, TooMany
from lopso.kernel.i18n import gettext as _
from lopso.web.headers import carries_secret
from lopso.web.pages import page
from lopso.web.request import Request
from lopso.web.unsent import page_of

log = structlog.get_logger()


def titles() -> dict[int, str]:
    """Heading of an error page by status, in the reader's language."""
    return {
        400: _("Yêu cầu chưa đúng"),
        401: _("Cần đăng nhập lại"),
        403: _("Chưa được giao quyền"),
        404: _("Không tìm thấy"),
        405: _("Không tìm thấy"),
        409: _("Chưa thực hiện được"),
        413: _("Tệp quá lớn"),
        422: _("Cần xem lại"),
        429: _("Xin chờ một chút"),
        500: _("Hệ thống gặp trục trặc"),
    }


def sentences() -> dict[int, str]:
    """Sentence of an error page by status, where the error has none of its own."""
    return {
        400: _("Trình duyệt gửi thiếu thông tin. Xin quay lại và thử lần nữa."),
        403: _("Trang đã mở quá lâu hoặc tài khoản chưa được giao quyền. Xin tải lại trang rồi thử lần nữa."),
        404: _("Không tìm thấy trang hoặc mục này."),
        405: _("Không tìm thấy trang hoặc mục này."),
        413: _("Tệp gửi lên quá lớn. Xin chia nhỏ rồi gửi lại."),
        414: _("Địa chỉ này quá dài. Xin quay lại và thử lần nữa."),
        422: _("Có mục cần xem lại. Những gì bạn đã nhập vẫn còn nguyên."),
        429: _("Có quá nhiều yêu cầu trong thời gian ngắn. Xin thử lại sau ít phút."),
        431: _("Trình duyệt gửi kèm quá nhiều dữ liệu. Xin xóa cookie của trang này rồi thử lại."),
        500: _(
            "Việc vừa rồi chưa được lưu. Xin thử lại; nếu vẫn vậy, báo cho cán bộ kỹ thuật mã số bên dưới."
        ),
    }


class LateRefusal(Response[bytes]):
    """A refusal that came before it was known who asks: that is found out first, then the page is made.

    So an unknown address has the frame and the language of whoever is signed in.
    """

    def __init__(self, make: Callable[[], Response[Any]]) -> None:
        super().__init__(b"", media_type="text/html")
        self._make = make

    def to_asgi_response(self, app: Any, request: Request, **kwargs: Any) -> Any:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await request.app.state.recognise_late(request)
            made: Any = self._make().to_asgi_response(app, request, **kwargs)  # pyright: ignore[reportUnknownMemberType]  (its keywords are untyped)
            await made(scope, receive, send)

        return answer


def _once_known(request: Request, make: Callable[[], Response[Any]]) -> Response[Any]:
    """What `make` makes, once the person is known."""
    return make() if "user" in request.scope else LateRefusal(make)


def _named_ward(request: Request) -> str | None:
    """The ward that the address names, if the person works there."""
    actor, path = cast("dict[str, Any]", request.scope).get("user"), request.scope["path"]
    if actor is None:
        return None
    own = {ward.id for ward in request.app.state.frame(actor, path, None).wards}
    return next((part for part in path.split("/") if part in own), None)


def refusal(
    request: Request,
    status: int,
    sentence: str,
    *,
    fields: dict[str, str] | None = None,
    reference: str | None = None,
) -> Response[Any]:
    """The answer to a refused request: a page, a part of a page for htmx, or JSON, as the request asks."""
    if "application/json" in request.headers.get("accept", ""):
        body = {"status": status, "detail": sentence, "fields": fields or {}, "reference": reference}
        return Response(body, status_code=status, media_type="application/problem+json")
    htmx = request.headers.get("hx-request")
    # Screens with an error are photographed and passed on: the secret of the address stays out of it.
    unseen: dict[str, Any] = {"here_again": "/"} if carries_secret(request.scope["path"]) else {}
    answer = page(
        "errors/_problem.html" if htmx else "errors/error.html",
        ward_id=_named_ward(request),
        status=status,
        code=status,
        title=titles().get(status, titles()[500 if status >= 500 else 400]),
        sentence=sentence,
        fields=fields or {},
        reference=reference,
        form_page=page_of(request) if status == 413 and request.method == "POST" else "/",
        **unseen,
    )
    if htmx:  # where the page says what happened, not in place of what was to change (static/app.js)
        answer.headers |= {"hx-retarget": "#flash", "hx-reswap": "innerHTML show:#flash:top"}
    return answer


def domain_error(request: Request, error: DomainError) -> Response[Any]:
    """A refusal of the domain, with its own status and sentence."""
    if "user" not in request.scope and isinstance(error, NotFound):  # its sentence is of no language yet
        return LateRefusal(lambda: domain_error(request, NotFound()))
    fields = error.fields if isinstance(error, InvalidInput) else None
    answer = refusal(request, error.status, error.sentence, fields=fields)
    if isinstance(error, TooMany):
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


def no_such_number(request: Request, error: DataError) -> Response[Any]:
    """A number in an address that is out of the range of ids is a 404."""
    if isinstance(error.orig, NumericValueOutOfRange):
        return domain_error(request, NotFound())
    return unexpected(request, error)


def crossed(request: Request, error: OperationalError) -> Response[Any]:
    """A deadlock of two requests: this one was rolled back by the database."""
    if isinstance(error.orig, DeadlockDetected):
        return domain_error(
            request,
            Refused(_("Có người khác vừa sửa cùng lúc, việc của bạn chưa được lưu. Xin thử lần nữa.")),
        )
    return unexpected(request, error)


def http_error(request: Request, error: HTTPException) -> Response[Any]:
    """An error of the framework: unknown address, wrong method, too large, stale CSRF token."""
    status = error.status_code
    return _once_known(request, lambda: refusal(request, status, sentences().get(status, sentences()[400])))


def unexpected(request: Request, error: Exception) -> Response[Any]:
    """An unexpected exception: logged with a reference number that the person can read out."""
    reference = secrets.token_hex(4).upper()
    scope = request.scope
    # The route's pattern, not the address: a calendar feed and an invitation carry their secret there.
    route = cast("dict[str, Any]", scope).get("path_template")  # None: refused before routing
    log.error("fault", reference=reference, route=route, method=request.method, exc_info=error)
    return refusal(request, 500, sentences()[500], reference=reference)
