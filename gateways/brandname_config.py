"""How to speak with an operator's brand-name gateway, read from a JSON file that whoever runs Lớp Số writes.

Vietnamese operators and resellers offer the same thing in many dialects: an address, fields with other names,
a code that means "taken". The file describes one dialect; docs/running.md explains it with an example. A
mistake in it stops the start with one sentence that names the field.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from gateways.protocol import Kind, ReportedStatus
from lopso.kernel.settings import BrandnameSettings, SettingsError

Meaning = Kind | Literal["busy", "no_credit", "credentials", "repeated", "unknown"]
"""What a code of theirs says: why a text is refused for good; try later; our credit is used up; they do not
know us; they have this text already; nobody can say."""

PLACE = re.compile(r"\{(\w+)\}")
PLACES = frozenset(
    {"phone", "body", "body_base64", "template", "reference", "callback", "user", "secret", "provider_id"}
)
EACH = "for_each_value"
"""In a JSON body ``{"for_each_value": {…}}`` is a list, an item for each value of the wording, which may hold
{number} and {value}."""

_NEVER_IN_A_LOG = frozenset({"user", "secret"})
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Call(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request. Values may hold places in braces, see PLACES; `basic` is "{user}:{secret}"."""

    url: str
    method: Literal["POST", "GET"] = "POST"
    body: Literal["json", "form", "query"] = "json"
    headers: dict[str, str] = {}
    basic: str = ""
    fields: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the code of an answer stands ("data.code"), which ones mean yes, what the others mean."""

    code: str
    ok: list[str]
    codes: dict[str, Meaning] = {}
    id: str = ""


class Sending(Call, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a text is handed over."""

    answer: Answer


class Finding(Answer, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer about one text: `unseen` codes say that they never had it; where its status stands."""

    unseen: list[str]
    status: str
    error: str = ""


class Asking(Call, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How they are asked about a text."""

    answer: Finding


class Reporting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields of their report: the status, their id, an error code; `reference` where the address has none."""

    status: str
    id: str = ""
    error: str = ""
    reference: str = ""


class Brandname(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole description.

    Attributes:
        phone: how they want a number: 84912345678, +84912345678, 0912345678.
        registered_only: they take only wordings with a registered id.
        busy_for: seconds to wait where they name none.
        statuses: their words for the state of a text, in ours.
        plain_http: the address may do without TLS, where a private line leads there.
    """

    send: Sending
    lookup: Asking | None = None
    callback: Reporting | None = None
    statuses: dict[str, ReportedStatus] = {}
    phone: Literal["84", "+84", "0"] = "84"
    registered_only: bool = False
    busy_for: float = 30
    plain_http: bool = False


@cache
def read_config(settings: BrandnameSettings) -> Brandname:
    """The description that the settings name.

    Raises:
        SettingsError: it cannot be read or makes no sense.
    """
    try:
        raw = json.loads(settings.config.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(settings, f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise _wrong(settings, f"is no JSON: {error}") from error
    try:
        config = msgspec.convert(raw, Brandname)
    except msgspec.ValidationError as error:
        raise _wrong(settings, str(error).replace("$.", "")) from error
    for name, call in (("send", config.send), ("lookup", config.lookup)):
        if call is not None and (complaint := _complaint(name, call, config, settings)):
            raise _wrong(settings, complaint)
    if config.callback is not None and not settings.callback_token:
        raise _wrong(settings, "has a callback, but LOPSO_BRANDNAME_CALLBACK_TOKEN is missing")
    if (config.lookup or config.callback) and not config.statuses:
        raise _wrong(settings, "has no statuses, which lookup and callback need")
    return config


def words_in(value: Any) -> Iterator[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():  # pyright: ignore[reportUnknownVariableType]  (whatever JSON holds)
            yield from words_in(each)
    elif isinstance(value, list):
        for each in value:  # pyright: ignore[reportUnknownVariableType]  (whatever JSON holds)
            yield from words_in(each)


def places_of(call: Call) -> set[str]:
    """The places that a call has anywhere."""
    texts = (call.url, call.basic, *call.headers.values(), *words_in(call.fields))
    return {place for text in texts for place in PLACE.findall(text)}


def _complaint(name: str, call: Call, config: Brandname, settings: BrandnameSettings) -> str | None:
    """What is wrong with a call, as the end of a sentence."""
    where = urlsplit(call.url)
    if where.scheme not in ("https", "http") or not where.hostname or "{" in where.netloc:
        return f"{name}.url must look like https://sms.example.vn/send"
    if where.scheme == "http" and where.hostname not in _LOOPBACK and not config.plain_http:
        return f"{name}.url is not https, and plain_http is not set"
    if where.username is not None:
        return f"{name}.url holds a password; use {name}.basic"
    places = places_of(call)
    allowed = PLACES | ({"number", "value"} if call.body == "json" else frozenset[str]())
    if strange := sorted(places - allowed):
        return f"{name} has a place {{{strange[0]}}} that is not known"
    if "provider_id" in places and name == "send":
        return "send has a place {provider_id}, which only lookup knows"
    for place, value in (("user", settings.user), ("secret", settings.secret)):
        if place in places and not value:
            return f"{name} refers to {{{place}}}, but LOPSO_BRANDNAME_{place.upper()} is missing"
    if any(set(PLACE.findall(text)) - _NEVER_IN_A_LOG for text in (call.basic, *call.headers.values())):
        return f"{name}.headers and {name}.basic may refer to {{user}} and {{secret}} only"
    if name == "send" and not {"phone"} <= places:
        return "send has no {phone}"
    if name == "send" and not places & {"body", "body_base64", "template"}:
        return "send has neither {body} nor {template}"
    if name == "lookup" and not places & {"reference", "provider_id"}:
        return "lookup has neither {reference} nor {provider_id}"
    if "callback" in places and config.callback is None:
        return f"{name} has a place {{callback}}, but there is no callback"
    if call.method == "GET" and call.body != "query":
        return f"{name}.method is GET, so {name}.body must be query"
    if call.body != "json" and any(isinstance(each, dict | list) for each in call.fields.values()):
        return f"{name}.fields holds lists or objects, which only a json body can carry"
    return None


def _wrong(settings: BrandnameSettings, complaint: str) -> SettingsError:
    return SettingsError(f"LOPSO_BRANDNAME_CONFIG ({settings.config}): {complaint}.")
