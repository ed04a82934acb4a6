"""A brand-name gateway of a Vietnamese operator: one HTTP request a text, as `brandname_config` describes it.

Such gateways have no common protocol. They get our reference as the request's id, and some offer a lookup by
it. Without one, the outcome of an unanswered request stays unknown until a delivery report or a person
settles it; it is never repeated blindly.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import aiohttp
from yarl import URL

from gateways.brandname_config import (
    EACH,
    PLACE,
    BrandnameConfig,
    RequestTemplate,
    ResponseRules,
    placeholders_of,
    read_config,
)
from gateways.brandname_receipts import as_text, receipt_of, value_at
from gateways.placeholders import values_in
from gateways.protocol import (
    CREDENTIALS,
    GatewayError,
    GatewayRejected,
    GatewayUnavailable,
    OutcomeUnknown,
    OutgoingText,
    Receipt,
)
from lopso.kernel.json_values import is_list, is_object
from lopso.kernel.settings import BrandnameSettings

TIMEOUT = 10.0  # seconds for a whole call
CONNECT = 4.0  # seconds to connect; nothing was sent when this expires
UNREACHED_FOR = (
    4.0  # seconds to wait after a failed connection; repeated failures are handled by provider health
)
MISCONFIGURED_FOR = 300.0  # seconds to wait when a person has to correct the configuration

_LARGEST = 64 * 1024  # bytes of an answer; theirs have a few hundred
_LONGEST_WAIT = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class _Response:
    """A response; `said` is its JSON, None when it is not JSON."""

    status: int
    said: Any
    retry_after: float | None


class BrandnameGateway:
    """Sends through the gateway that the settings describe; construct it inside a running event loop.

    Args:
        public_url: base address of our webhooks, without a trailing slash.
        connections: maximum of concurrent requests.
    """

    name = "brandname"

    def __init__(
        self,
        settings: BrandnameSettings,
        *,
        public_url: str,
        connections: int = 64,
        timeout: float = TIMEOUT,
    ) -> None:
        self._config: BrandnameConfig = read_config(settings)
        self._settings = settings
        self._public_url = public_url
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(CONNECT, timeout)),
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        # aiohttp retries a GET after a lost connection and has no public switch: a text could be sent twice.
        self._session._retry_connection = False  # pyright: ignore[reportPrivateUsage]  (as said above)

    @property
    def registered_only(self) -> bool:
        """From the description."""
        return self._config.registered_only

    @property
    def has_lookup(self) -> bool:
        """Whether a lookup by our reference is described."""
        lookup = self._config.lookup
        return lookup is not None and "provider_id" not in placeholders_of(lookup)

    async def check(self) -> None:
        """Look up a reference that does not exist; without a lookup nothing can be checked."""
        if self.has_lookup:
            await self._look_up(OutgoingText(uuid4(), "+84900000000", "", datetime.now(UTC)), "")

    async def send(self, text: OutgoingText) -> Receipt:
        """Send one text."""
        call = self._config.send
        try:
            reply = await self._reply(call, self._values(text), text)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise GatewayUnavailable(type(error).__name__, retry_after=UNREACHED_FOR) from error
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise OutcomeUnknown(type(error).__name__) from error
        if not self._yes(call.answer, reply):
            meaning = self._meaning(call.answer, reply)
            if meaning is not None:
                raise meaning
        given = as_text(value_at(reply.said, call.answer.id)) if call.answer.id else None
        return Receipt(given or text.reference.hex, detail={"code": _code(call.answer, reply)})

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        """Look the text up by our reference, which is unique."""
        if not self.has_lookup:
            raise GatewayUnavailable("cannot_be_asked", retry_after=MISCONFIGURED_FOR)
        found = await self._look_up(text, "")
        return [] if found is None else [found]

    async def fetch(self, text: OutgoingText, provider_id: str) -> Receipt | None:
        """Look one text up, by our reference or their id, as described."""
        return await self._look_up(text, provider_id)

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _look_up(self, text: OutgoingText, provider_id: str) -> Receipt | None:
        lookup = self._config.lookup
        if lookup is None:
            return None
        try:
            reply = await self._reply(lookup, self._values(text, provider_id), text)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise GatewayUnavailable(type(error).__name__, retry_after=self._config.busy_for) from error
        if _code(lookup.answer, reply) in lookup.answer.unseen and reply.status < 500:
            return None
        if not self._yes(lookup.answer, reply):
            meaning = self._meaning(lookup.answer, reply)
            if isinstance(meaning, GatewayUnavailable):
                raise meaning
            why = _code(lookup.answer, reply) or str(reply.status)
            raise GatewayUnavailable(why, retry_after=self._config.busy_for, one_text=True)
        status = as_text(value_at(reply.said, lookup.answer.status)) or ""
        error_code = as_text(value_at(reply.said, lookup.answer.error)) if lookup.answer.error else None
        given = as_text(value_at(reply.said, lookup.answer.id)) if lookup.answer.id else None
        return receipt_of(self._config, given or provider_id or text.reference.hex, status, error_code)

    async def _reply(self, call: RequestTemplate, values: Mapping[str, str], text: OutgoingText) -> _Response:
        url = URL(
            _put(call.url, {name: quote(value, safe="") for name, value in values.items()}), encoded=True
        )
        headers = {name: _put(value, values) for name, value in call.headers.items()}
        if call.basic:
            credentials = base64.b64encode(_put(call.basic, values).encode()).decode()
            headers["Authorization"] = f"Basic {credentials}"
        fields: dict[str, Any] = {name: _filled(value, values, text) for name, value in call.fields.items()}
        body: bytes | None = None
        if call.body == "json":
            body = json.dumps(fields, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json; charset=utf-8")
        elif call.body == "form":
            body = _query(fields).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif fields:
            joint = "&" if url.raw_query_string else "?"
            url = URL(f"{url}{joint}{_query(fields)}", encoded=True)
        async with self._session.request(
            call.method, url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            raw = bytearray()
            async for chunk in answer.content.iter_any():
                raw += chunk
                if len(raw) > _LARGEST:
                    raise ValueError("answer too large")
            return _Response(answer.status, _json(raw), _seconds(answer.headers.get("Retry-After")))

    def _values(self, text: OutgoingText, provider_id: str = "") -> dict[str, str]:
        """Values of the placeholders."""
        token = quote(self._settings.callback_token, safe="")
        return {
            "phone": {"84": text.to[1:], "+84": text.to, "0": "0" + text.to[3:]}[self._config.phone],
            "body": text.body,
            "body_base64": base64.b64encode(text.body.encode()).decode(),
            "template": text.registered_id or "",
            "reference": text.reference.hex,
            "callback": f"{self._public_url}/webhook/tin-nhan/{text.reference}?khoa={token}",
            "user": self._settings.user,
            "secret": self._settings.secret,
            "provider_id": provider_id,
        }

    def _yes(self, answer: ResponseRules, reply: _Response) -> bool:
        return 200 <= reply.status < 300 and _code(answer, reply) in answer.ok

    def _meaning(self, answer: ResponseRules, reply: _Response) -> GatewayError | None:
        """The error behind a response that is not a clear yes; None: they already have this text."""
        code = _code(answer, reply)
        wait = reply.retry_after or self._config.busy_for
        if reply.status == 429:
            return GatewayUnavailable("429", retry_after=wait)
        if reply.status >= 500:
            return OutcomeUnknown(code or str(reply.status))
        meaning = answer.codes.get(code or "")
        match meaning:
            case "repeated":
                return None
            case "busy":
                return GatewayUnavailable(code or "busy", retry_after=wait)
            case "no_credit":
                return GatewayUnavailable("no_credit", retry_after=MISCONFIGURED_FOR)
            case "credentials":
                return GatewayUnavailable(CREDENTIALS, retry_after=MISCONFIGURED_FOR)
            case "unknown":
                return OutcomeUnknown(code or "unknown")
            case None:
                return _unlisted(code, reply, answer)
            case kind:
                return GatewayRejected(code or "", kind)


def _unlisted(code: str | None, reply: _Response, answer: ResponseRules) -> GatewayError:
    """The error behind a code that the description does not list."""
    if reply.status in (401, 403):
        return GatewayUnavailable(CREDENTIALS, retry_after=MISCONFIGURED_FOR)
    if code is None and reply.status in (404, 405):  # the described URL does not exist
        return GatewayUnavailable(str(reply.status), retry_after=MISCONFIGURED_FOR)
    # Neither a missing code nor a yes with an HTTP error is an answer.
    if code is None or code in answer.ok:
        return OutcomeUnknown(str(reply.status) if reply.status >= 300 else "no_code")
    return GatewayRejected(code, "refused")


def _code(answer: ResponseRules, reply: _Response) -> str | None:
    return as_text(value_at(reply.said, answer.code))


def _put(template: str, values: Mapping[str, str]) -> str:
    """Substitute values for placeholders once: placeholders inside values are left alone."""
    return PLACE.sub(lambda place: values[place[1]], template)


def _filled(value: object, values: Mapping[str, str], text: OutgoingText) -> Any:
    """A described field with its placeholders filled, also inside lists and objects."""
    if isinstance(value, str):
        return _put(value, values)
    if is_list(value):
        return [_filled(each, values, text) for each in value]
    if is_object(value):
        if set(value) == {EACH}:
            said = values_in(text.wording, text.body) or {}
            return [
                _filled(value[EACH], {**values, "number": str(number), "value": each}, text)
                for number, each in enumerate(said.values(), 1)
            ]
        return {name: _filled(each, values, text) for name, each in value.items()}
    return value


def _query(fields: Mapping[str, Any]) -> str:
    return URL.build(query={name: as_text(value) or "" for name, value in fields.items()}).raw_query_string


def _json(raw: bytearray) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _seconds(retry_after: str | None) -> float | None:
    """A Retry-After header in seconds; its date form is ignored."""
    return min(float(retry_after), _LONGEST_WAIT) if retry_after and retry_after.isdigit() else None
