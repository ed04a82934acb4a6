"""A posted form that met the end of its log-in: kept through log-in as text, then offered to be sent."""

from collections.abc import Iterable

import msgspec

from lopso.web.forms.declaration import fields_of
from lopso.web.forms.injection import form_kind
from lopso.web.forms.typed import Typed
from lopso.web.local_address import address_of, local_path
from lopso.web.request import MOST_VALUES, Request

LONGEST_KEPT = 1_000_000
"""Bytes of a form that are kept; no page of ours asks for that much text."""

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class UnsentForm(msgspec.Struct, frozen=True):
    """What was posted where.

    Attributes:
        action: path and query of the post, of this site.
        page: path and query of the page that held the form; "/" when the browser does not say.
        fields: names and texts in the order sent, without CSRF token, passwords and files.
        had_files: files were chosen; they have to be chosen again.
    """

    action: str
    page: str
    fields: list[tuple[str, str]]
    had_files: bool = False

    def __str__(self) -> str:
        """As a hidden field carries it."""
        return msgspec.json.encode(self).decode()


def read_unsent(text: str) -> UnsentForm | None:
    """What a hidden field carries; None when it is empty or not from a page of ours."""
    try:
        unsent = msgspec.json.decode(text, type=UnsentForm)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    ours = local_path(unsent.action, "") and local_path(unsent.page, "")
    return unsent if ours and len(unsent.fields) <= MOST_VALUES else None


async def unsent_form(request: Request) -> UnsentForm | None:
    """What this request posts, to be sent again after log-in; None when it posts no form."""
    if request.method != "POST" or not request.headers.get("content-type", "").startswith(_FORM_TYPES):
        return None
    if (request.content_length or 0) > LONGEST_KEPT:
        return None
    items = list((await request.form()).multi_items())
    kind = form_kind(request.route_handler)
    secret = [field.name for field in fields_of(kind) if not field.type.shown_again] if kind else []
    return UnsentForm(
        action=address_of(request.scope),
        page=page_of(request),
        fields=Typed.sent(items).fit_to_show().pairs(without=secret),
        had_files=_any_file(items),
    )


def page_of(request: Request) -> str:
    """Path and query of the page that holds what was pressed; "/" when the browser does not say."""
    page = request.headers.get("hx-current-url") or request.headers.get("referer") or ""
    site = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    return local_path(page.removeprefix(site).partition("#")[0])


def _any_file(items: Iterable[tuple[str, object]]) -> bool:
    return any(getattr(value, "filename", "") for _, value in items)
