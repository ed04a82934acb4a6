"""Responses of the learner's page: their headers, refusals, and who may change something."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from litestar.exceptions import HTTPException
from litestar.response import Response
from psycopg.errors import NumericValueOutOfRange
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncSession

from learner_portal.queries.pages import PageOwner, page_owner
from learner_portal.rules.page_tokens import token_hash
from lopso.kernel.errors import DomainError, Forbidden, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import known_language, speak
from lopso.web import errors
from lopso.web.guards import PUBLIC
from lopso.web.pages import TemplatePage, page, redirect
from lopso.web.request import Request

PAGE = "/hv/{token:str}"
NO_LOG_IN = {**PUBLIC, "exclude_from_csrf": True}


def _compact(file: Path) -> str:
    """A stylesheet without its comments and the white space that only people need."""
    rules = re.sub(r"/\*.*?\*/|\s+", " ", file.read_text(), flags=re.DOTALL)
    rules = re.sub(r"\s*([{};,>])\s*", r"\1", rules)
    return re.sub(r":\s+(?=[^{}]*[;}])", ":", rules).replace(";}", "}").strip()


CSS = _compact(Path(__file__).parents[1] / "page.css")
_CSS_HASH = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_CSS_HASH}'",
            "img-src data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
}


def learner_response(name: str, *, status: int = 200, large: bool = False, **context: Any) -> TemplatePage:
    """A page for the learner; `large`: with larger letters."""
    response = page(name, status=status, css=CSS, large=large, **context)
    response.headers |= HEADERS
    return response


def redirect_to_page(token: str, fragment: str = "") -> Response[Any]:
    """Redirect to the page, to the section with id `fragment`."""
    response = redirect(f"/hv/{token}" + (f"#{fragment}" if fragment else ""))
    response.headers |= HEADERS
    return response


async def owner_of(db: AsyncSession, token: str) -> PageOwner:
    """The owner of the card; from here on their language is used.

    Raises:
        NotFound: the token is unknown, replaced or revoked, or the learner is archived: all alike.
    """
    owner = await page_owner(db, token_hash(token))
    if owner is None:
        raise NotFound
    speak(known_language(owner.page.language) or "vi")
    return owner


async def acting_owner(request: Request, db: AsyncSession, token: str) -> PageOwner:
    """The owner of the card, for a change. A form sent from another site is refused.

    Raises:
        NotFound: as `owner_of`.
        Forbidden: the browser says that another site sent the form.
    """
    owner = await owner_of(db, token)
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(_("Xin mở trang từ thẻ học viên rồi thử lại."))
    return owner


def refusal(request: Request, error: DomainError) -> Response[Any]:
    """A refusal as a page; an address without a page has the same answer whatever the reason."""
    if isinstance(error, NotFound):
        speak("vi")
        return learner_response("learner_portal/not_found.html", status=404)
    return _refusal_page(request, error.status, error.sentence)


def invalid_request(request: Request, error: HTTPException) -> Response[Any]:
    """A request that the framework refuses."""
    status, sentences = error.status_code, errors.sentences()
    return _refusal_page(request, status, sentences.get(status, sentences[400]))


def invalid_number(request: Request, error: DataError) -> Response[Any]:
    """A number in the address that is larger than any id: not found."""
    if isinstance(error.orig, NumericValueOutOfRange):
        return refusal(request, NotFound())
    return errors.unexpected(request, error)


def _refusal_page(request: Request, status: int, sentence: str) -> TemplatePage:
    back = f"/hv/{request.path_params['token']}"
    return learner_response("learner_portal/refused.html", status=status, sentence=sentence, back=back)


REFUSALS: dict[Any, Any] = {
    DomainError: refusal,
    HTTPException: invalid_request,
    DataError: invalid_number,
}
