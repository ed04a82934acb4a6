"""Description of an operator's brand-name gateway, read from a JSON file written by the operator of Lớp Số.

These gateways differ in URL, field names and result codes. The file describes one of them; docs/running.md
explains it with an example. A mistake in it stops the start with a sentence that names the field.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from gateways.protocol import FailureKind, ReportedStatus
from lopso.kernel.json_values import is_list, is_object
from lopso.kernel.settings import BrandnameSettings, SettingsError

CodeMeaning = FailureKind | Literal["busy", "no_credit", "credentials", "repeated", "unknown"]
"""Meaning of a result code: a final refusal; busy; credit used up; credentials refused; already accepted;
outcome unknown."""

PLACE = re.compile(r"\{(\w+)\}")
PLACES = frozenset(
    {"phone", "body", "body_base64", "template", "reference", "callback", "user", "secret", "provider_id"}
)
EACH = "for_each_value"
"""In a JSON body ``{"for_each_value": {…}}`` is a list, an item for each value of the wording, which may hold
{number} and {value}."""

_NEVER_IN_A_LOG = frozenset({"user", "secret"})
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class RequestTemplate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request. Values may hold placeholders in braces, see PLACES; `basic` is "{user}:{secret}"."""

    url: str
    method: Literal["POST", "GET"] = "POST"
    body: Literal["json", "form", "query"] = "json"
    headers: dict[str, str] = {}
    basic: str = ""
    fields: dict[str, Any] = {}


class ResponseRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Path of the result code in a response ("data.code"), and the meaning of codes."""

    code: str
    ok: list[str]
    codes: dict[str, CodeMeaning] = {}
    id: str = ""


class SendRequest(RequestTemplate, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a text is sent."""

    answer: ResponseRules


class LookupResponseRules(ResponseRules, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Response of a lookup: codes for a text never seen, and the path of its status."""

    unseen: list[str]
    status: str
    error: str = ""


class LookupRequest(RequestTemplate, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a text is looked up."""

    answer: LookupResponseRules


class ReportFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields of a delivery report; `reference` when the callback address has none."""

    status: str
    id: str = ""
    error: str = ""
    reference: str = ""


class BrandnameConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole description of a gateway.

    Attributes:
        phone: format of numbers: 84912345678, +84912345678 or 0912345678.
        registered_only: only wordings with a registered id are accepted.
        busy_for: seconds to wait when the response names none.
        statuses: their status → our state.
        plain_http: allow an address without TLS, on a private line.
    """

    send: SendRequest
    lookup: LookupRequest | None = None
    callback: ReportFields | None = None
    statuses: dict[str, ReportedStatus] = {}
    phone: Literal["84", "+84", "0"] = "84"
    registered_only: bool = False
    busy_for: float = 30
    plain_http: bool = False


@cache
def read_config(settings: BrandnameSettings) -> BrandnameConfig:
    """The description named by the settings.

    Raises:
        SettingsError: unreadable or inconsistent.
    """
    try:
        raw = json.loads(settings.config.read_text(encoding="utf-8"))
    except OSError as error:
        raise _config_error(settings, f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise _config_error(settings, f"is no JSON: {error}") from error
    try:
        config = msgspec.convert(raw, BrandnameConfig)
    except msgspec.ValidationError as error:
        raise _config_error(settings, str(error).replace("$.", "")) from error
    for name, call in (("send", config.send), ("lookup", config.lookup)):
        if call is not None and (complaint := _problem_of(name, call, config, settings)):
            raise _config_error(settings, complaint)
    if config.callback is not None and not settings.callback_token:
        raise _config_error(settings, "has a callback, but LOPSO_BRANDNAME_CALLBACK_TOKEN is missing")
    if (config.lookup or config.callback) and not config.statuses:
        raise _config_error(settings, "has no statuses, which lookup and callback need")
    return config


def strings_in(value: object) -> Iterator[str]:
    """Every string inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif is_object(value):
        for each in value.values():
            yield from strings_in(each)
    elif is_list(value):
        for each in value:
            yield from strings_in(each)


def placeholders_of(call: RequestTemplate) -> set[str]:
    """All placeholders of a request."""
    texts = (call.url, call.basic, *call.headers.values(), *strings_in(call.fields))
    return {place for text in texts for place in PLACE.findall(text)}


def _problem_of(
    name: str, call: RequestTemplate, config: BrandnameConfig, settings: BrandnameSettings
) -> str | None:
    """The problem of a request as the end of a sentence, or None."""
    where = urlsplit(call.url)
    if where.scheme not in ("https", "http") or not where.hostname or "{" in where.netloc:
        return f"{name}.url must look like https://sms.example.vn/send"
    if where.scheme == "http" and where.hostname not in _LOOPBACK and not config.plain_http:
        return f"{name}.url is not https, and plain_http is not set"
    if where.username is not None:
        return f"{name}.url holds a password; use {name}.basic"
    places = placeholders_of(call)
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


def _config_error(settings: BrandnameSettings, complaint: str) -> SettingsError:
    return SettingsError(f"LOPSO_BRANDNAME_CONFIG ({settings.config}): {complaint}.")
