"""A request of this application, as handlers, dependencies and error pages take it."""

import re
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request as LitestarRequest
from litestar.datastructures import FormMultiDict, MultiDict, State
from litestar.enums import RequestEncodingType

from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import has_unreadable

MOST_VALUES = 20_000
"""Values in one form: a sheet of five hundred people with a dozen skills each has seven thousand."""

MOST_PARAMETERS = 1000
"""Values in one query: a preview sends the ticked sessions of a long series."""

_LONGEST_COOKIE = 4096  # characters; what browsers keep of one
_COOKIE = re.compile(r"[\x21-\x7e]*")
_TOKEN, _TOKEN_FIELD = re.compile(r"[0-9a-f]{1,256}"), "_csrf_token"
_FORM, _QUERY = "lopso_form", "lopso_query"


Request = LitestarRequest[Actor | None, Any, State]
"""What handlers take; a `BoundedRequest` always. Its user is the signed-in Actor or None; nothing is known
under `auth`."""


class BoundedRequest(Request):
    """A request whose form, query and cookies are bounded text.

    The framework's own readers keep the last thousand bodies, queries and cookie headers for the whole
    process; ours keep nothing beyond the request.
    """

    async def form(self) -> FormMultiDict:
        """What was posted, as a form or with files; empty when it is neither.

        Raises:
            InvalidInput: more values than any page of ours sends, or bytes that are no text.
        """
        kept: dict[str, Any] = self.scope["state"]
        if _FORM not in kept:
            pairs = (await self._read_form()).multi_items()
            kept[_FORM] = FormMultiDict([(name, value) for name, value in pairs if _possible(name, value)])
        return kept[_FORM]

    async def _read_form(self) -> FormMultiDict:
        if self.content_type[0] == RequestEncodingType.URL_ENCODED:
            return FormMultiDict(_pairs(await self.body(), most=MOST_VALUES))
        try:
            return await super().form()
        except (UnicodeDecodeError, LookupError) as error:  # a part in no encoding we know
            raise InvalidInput({"": _("Có ký tự lạ không đọc được. Xin gõ lại mục này.")}) from error

    @property
    def query_params(self) -> MultiDict[Any]:
        """What the query says.

        Raises:
            InvalidInput: more values than any page of ours sends.
        """
        kept: dict[str, Any] = self.scope["state"]
        if _QUERY not in kept:
            kept[_QUERY] = MultiDict(_pairs(self.scope["query_string"], most=MOST_PARAMETERS))
        return kept[_QUERY]

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies as we set them: visible ASCII; others do not count. The last of one name counts."""
        header = self.headers.get("cookie", "")
        pairs = (each.strip().partition("=") for each in header.split(";"))
        return {
            name: value.strip('"')
            for name, _equals, value in pairs
            if len(value) <= _LONGEST_COOKIE and _COOKIE.fullmatch(value)
        }


def _possible(name: str, value: object) -> bool:
    # A CSRF token that is no ASCII counts as missing: the framework could not compare it.
    return name != _TOKEN_FIELD or bool(_TOKEN.fullmatch(str(value)))


def _pairs(raw: bytes, *, most: int) -> list[tuple[str, str]]:
    # What is no UTF-8 becomes U+FFFD, which every field refuses.
    text = raw.decode("utf-8", "replace")
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=most)
    except ValueError as error:
        raise too_many_values() from error


def too_many_values() -> InvalidInput:
    """The refusal of a body or query with more values than any page of ours sends."""
    return InvalidInput({"": _("Trang gửi quá nhiều mục một lần. Xin chia nhỏ rồi gửi lại.")})


def readable(text: str) -> bool:
    """Whether `text` of an address or a header can be looked up and shown."""
    return not has_unreadable(text) and not re.search(r"[\t\r\n\v\f]", text)
