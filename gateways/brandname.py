"""A brand-name gateway as Vietnamese operators offer it: one HTTP request a text, in the dialect described by
`brandname_config`.

Such gateways have no common rules. What is sure: they get our own reference as the request's id, and may be
asked by it where they offer that. Where they do not, nobody can say what became of a call without an answer:
it waits for a report or for a person, and is never repeated blindly.
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
    Answer,
    Brandname,
    Call,
    places_of,
    read_config,
)
from gateways.brandname_receipts import at, receipt, word
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
from lopso.kernel.settings import BrandnameSettings

TIMEOUT = 10.0  # seconds for a whole call
CONNECT = 4.0  # seconds to reach it; nothing was sent when this runs out
UNREACHED_FOR = 4.0  # seconds to wait after one connection that failed; several in a row are judged elsewhere
MISCONFIGURED_FOR = 300.0  # seconds to wait where a person must look

_LARGEST = 64 * 1024  # bytes of an answer; theirs have a few hundred
_LONGEST_WAIT = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer as it came; `said` is its JSON, None where it was none."""

    status: int
    said: Any
    retry_after: float | None


class BrandnameGateway:
    """Sends through the gateway that the settings describe; construct it inside a running event loop.

    Args:
        public_url: where they reach our webhook, without a slash at the end.
        connections: most calls at a time.
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
        self._config: Brandname = read_config(settings)
        self._settings = settings
        self._public_url = public_url
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(CONNECT, timeout)),
            connector=aiohttp.TCPConnector(limit=connections),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        # aiohttp repeats a GET whose connection was cut, and has no other switch: a text would go twice.
        self._session._retry_connection = False  # pyright: ignore[reportPrivateUsage]  (see above)

    @property
    def registered_only(self) -> bool:
        """As described."""
        return self._config.registered_only

    @property
    def can_be_asked(self) -> bool:
        """Whether they can be asked by our reference."""
        lookup = self._config.lookup
        return lookup is not None and "provider_id" not in places_of(lookup)

    async def check(self) -> None:
        """Ask about a text that never was; where they cannot be asked, only a text would show."""
        if self.can_be_asked:
            await self._look_up(OutgoingText(uuid4(), "+84900000000", "", datetime.now(UTC)), "")

    async def send(self, text: OutgoingText) -> Receipt:
        """Hand one text over."""
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
        given = word(at(reply.said, call.answer.id)) if call.answer.id else None
        return Receipt(given or text.reference.hex, detail={"code": _code(call.answer, reply)})

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        """Ask by our reference, which names this text alone, whenever it was sent."""
        if not self.can_be_asked:
            raise GatewayUnavailable("cannot_be_asked", retry_after=MISCONFIGURED_FOR)
        found = await self._look_up(text, "")
        return [] if found is None else [found]

    async def fetch(self, text: OutgoingText, provider_id: str) -> Receipt | None:
        """Ask about one text, by our reference or their name for it, as described."""
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
        status = word(at(reply.said, lookup.answer.status)) or ""
        error_code = word(at(reply.said, lookup.answer.error)) if lookup.answer.error else None
        given = word(at(reply.said, lookup.answer.id)) if lookup.answer.id else None
        return receipt(self._config, given or provider_id or text.reference.hex, status, error_code)

    async def _reply(self, call: Call, values: Mapping[str, str], text: OutgoingText) -> _Reply:
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
            return _Reply(answer.status, _json(raw), _seconds(answer.headers.get("Retry-After")))

    def _values(self, text: OutgoingText, provider_id: str = "") -> dict[str, str]:
        """What stands in the places."""
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

    def _yes(self, answer: Answer, reply: _Reply) -> bool:
        return 200 <= reply.status < 300 and _code(answer, reply) in answer.ok

    def _meaning(self, answer: Answer, reply: _Reply) -> GatewayError | None:
        """What an answer means that is not plainly yes; None: they have this very text already."""
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


def _unlisted(code: str | None, reply: _Reply, answer: Answer) -> GatewayError:
    """What an answer means whose code the description does not list."""
    if reply.status in (401, 403):
        return GatewayUnavailable(CREDENTIALS, retry_after=MISCONFIGURED_FOR)
    if code is None and reply.status in (404, 405):  # no such address: the description is wrong
        return GatewayUnavailable(str(reply.status), retry_after=MISCONFIGURED_FOR)
    # No code at all is no word of theirs; a yes beside an HTTP error is none either.
    if code is None or code in answer.ok:
        return OutcomeUnknown(str(reply.status) if reply.status >= 300 else "no_code")
    return GatewayRejected(code, "refused")


def _code(answer: Answer, reply: _Reply) -> str | None:
    return word(at(reply.said, answer.code))


def _put(template: str, values: Mapping[str, str]) -> str:
    """Values into places, plainly: what a value contains is not read again."""
    return PLACE.sub(lambda place: values[place[1]], template)


def _filled(value: Any, values: Mapping[str, str], text: OutgoingText) -> Any:
    """A field of the description with its places filled, lists and objects included."""
    if isinstance(value, str):
        return _put(value, values)
    if isinstance(value, list):
        return [_filled(each, values, text) for each in value]  # pyright: ignore[reportUnknownVariableType]  (JSON)
    if isinstance(value, dict):
        if set(value) == {EACH}:  # pyright: ignore[reportUnknownArgumentType]  (JSON)
            said = values_in(text.wording, text.body) or {}
            return [
                _filled(value[EACH], {**values, "number": str(number), "value": each}, text)
                for number, each in enumerate(said.values(), 1)
            ]
        return {name: _filled(each, values, text) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType]  (JSON)
    return value


def _query(fields: Mapping[str, Any]) -> str:
    return URL.build(query={name: word(value) or "" for name, value in fields.items()}).raw_query_string


def _json(raw: bytearray) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _seconds(retry_after: str | None) -> float | None:
    """A Retry-After header in seconds; its other form, a date, counts as not given."""
    return min(float(retry_after), _LONGEST_WAIT) if retry_after and retry_after.isdigit() else None
