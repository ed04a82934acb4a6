"""Twilio. The only module that imports its client; the import takes a second, so import this module lazily.

Twilio's message-create has no idempotency key. An answer that does not come is therefore an unknown
outcome, settled by the status callback, whose address names our row, or by listing (`find`).
"""

# Twilio ships no stubs and types its objects partly: only `_receipt` reads them.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from yarl import URL

from gateways.placeholders import values_in
from gateways.protocol import (
    CREDENTIALS,
    SENDER,
    GatewayError,
    GatewayRejected,
    GatewayUnavailable,
    OutcomeUnknown,
    OutgoingText,
    Receipt,
)
from gateways.twilio_codes import KINDS, REPORTED_STATUS, failure_kind
from lopso.kernel.clock import Clock
from lopso.kernel.settings import TwilioSettings

TIMEOUT = 10.0  # seconds for a whole call; the outcome of a slower call is looked up later
CONNECT = 4.0  # seconds to connect; nothing was sent when this expires
BUSY_FOR = 30.0  # seconds to wait when the response names none
UNREACHED_FOR = (
    4.0  # seconds to wait after a failed connection; repeated failures are handled by provider health
)
MISCONFIGURED_FOR = 300.0  # seconds to wait when credentials are refused: a person has to correct them

_NOT_FOUND = 20404
_UNKNOWN_TO_IT = ("20003", "20404")  # token or account refused: says nothing about a text
_NOT_OUR_SENDER = (
    "21212",
    "21603",
    "21606",
    "21659",
    "21660",
    "21701",
)  # sender refused: says nothing about a text
_LONGEST_VALIDITY = 36_000  # seconds; Twilio's own limit
_CLOCKS_APART = timedelta(minutes=2)
_NO_ANSWER = (
    TwilioException,
    aiohttp.ClientError,
    TimeoutError,
    OSError,
    ValueError,
    TypeError,
    AttributeError,  # the client treats any JSON as a message
)
_LISTED = 50  # texts in one response
_MOST_LISTED = 500  # texts to one number that are searched


class _HttpClient(AsyncTwilioHttpClient):
    """Twilio's client with a timeout, our base URL, no redirects, and no log line with a number in it."""

    def __init__(self, base_url: str, *, connections: int, timeout: float) -> None:
        super().__init__(pool_connections=False)
        self._base = base_url
        self.session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=min(CONNECT, timeout)),
            connector=aiohttp.TCPConnector(limit=connections),
        )

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  (the signature is Twilio's; ours is on the session)
        allow_redirects: bool = False,
    ) -> Response:
        async with self.session.request(
            method,
            _address(self._base, url),
            params=params,
            data=_form(data) if data else None,
            headers={**(headers or {}), "Authorization": _basic(*auth)} if auth else headers,
            allow_redirects=False,
        ) as answer:
            if answer.status == 429:
                raise GatewayUnavailable("429", retry_after=_seconds(answer.headers.get("Retry-After")))
            return Response(answer.status, await answer.text(), answer.headers)


class TwilioGateway:
    """Sends through Twilio's API; construct it inside a running event loop.

    Args:
        public_url: where Twilio reaches our webhook, without a slash at the end.
        connections: most calls at a time.
    """

    name = "twilio"
    has_lookup = True

    def __init__(
        self,
        settings: TwilioSettings,
        *,
        public_url: str,
        clock: Clock,
        connections: int = 64,
        timeout: float = TIMEOUT,
    ) -> None:
        self._http = _HttpClient(settings.base_url, connections=connections, timeout=timeout)
        self._messages = Client(
            settings.account_sid, settings.auth_token, http_client=self._http
        ).api.v2010.account.messages
        self._content = settings.content
        self.registered_only = settings.registered_only
        self._public_url = public_url
        self._clock = clock
        self._from: dict[str, str] = (
            {"messaging_service_sid": settings.sender}
            if settings.sender.startswith("MG")
            else {"from_": settings.sender}
        )

    async def send(self, text: OutgoingText) -> Receipt:
        """Create one message."""
        validity = int((text.useless_after - self._clock()).total_seconds())
        try:
            made = await self._messages.create_async(
                to=text.to,
                status_callback=f"{self._public_url}/webhook/twilio/{text.reference}",
                validity_period=max(1, min(validity, _LONGEST_VALIDITY)),
                **self._words(text),
                **self._from,
            )
        except (TwilioRestException, TwilioServiceException) as refusal:
            raise _meaning(refusal) from refusal
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise GatewayUnavailable(type(error).__name__, retry_after=UNREACHED_FOR) from error
        except _NO_ANSWER as error:
            raise OutcomeUnknown(type(error).__name__) from error
        if not made.sid:
            raise OutcomeUnknown("no_sid")
        return _receipt(made)

    def _words(self, text: OutgoingText) -> dict[str, str]:
        """The content: the full text, or a content template with its values in order."""
        if self._content and text.registered_id and text.registered_id.startswith("HX"):
            values = values_in(text.wording, text.body)
            if values is not None:
                numbered = {str(number): value for number, value in enumerate(values.values(), 1)}
                return {"content_sid": text.registered_id, "content_variables": json.dumps(numbered)}
        return {"body": text.body}

    async def find(self, text: OutgoingText, *, since: datetime) -> Sequence[Receipt]:
        """List the messages to this number back to `since`, and keep those with this body.

        What Twilio makes of a template may differ by a sign: then the others are told too, as not certain.

        Raises:
            GatewayUnavailable: also where `since` was not reached among as many as we look at.
        """
        earliest, found = since - _CLOCKS_APART, list[Receipt]()
        templated = "content_sid" in self._words(text)
        try:
            listed = await self._messages.stream_async(to=text.to, limit=_MOST_LISTED, page_size=_LISTED)
            seen = 0
            async for made in listed:
                if (made.date_created or since) < earliest:
                    return found
                seen += 1
                if made.body == text.body or templated:
                    found.append(replace(_receipt(made), certain=made.body == text.body))
        except _NO_ANSWER as error:
            raise _not_asked(error) from error
        if seen == _MOST_LISTED and not any(each.certain for each in found):
            raise GatewayUnavailable("too_many_texts", retry_after=BUSY_FOR, one_text=True)
        return found

    async def fetch(self, text: OutgoingText, provider_id: str) -> Receipt | None:
        """Fetch one message by its sid."""
        try:
            made = await self._messages(provider_id).fetch_async()
        except TwilioRestException as refusal:
            if refusal.status == 404 and refusal.code == _NOT_FOUND:
                return None
            raise _not_asked(refusal) from refusal
        except _NO_ANSWER as error:
            raise _not_asked(error) from error
        return _receipt(made) if made.sid else None

    async def check(self) -> None:
        """List one message: that needs the credentials and sends nothing."""
        try:
            await self._messages.list_async(limit=1, page_size=1)
        except _NO_ANSWER as error:
            raise _not_asked(error) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _meaning(refusal: TwilioRestException | TwilioServiceException) -> GatewayError:
    """The error behind an unsuccessful response to a send."""
    code = str(refusal.code or refusal.status)
    if code in _UNKNOWN_TO_IT or refusal.status in (401, 403):
        return GatewayUnavailable(CREDENTIALS, retry_after=MISCONFIGURED_FOR)
    if code in _NOT_OUR_SENDER:
        return GatewayUnavailable(SENDER, retry_after=MISCONFIGURED_FOR)
    if code == "20429":
        return GatewayUnavailable("429", retry_after=BUSY_FOR)
    # Without a Twilio code the response came from a proxy and says nothing about the text.
    if refusal.status >= 500 or refusal.code in (None, refusal.status):
        return OutcomeUnknown(code)
    return GatewayRejected(code, KINDS.get(code, "refused"))


def _not_asked(error: Exception) -> GatewayUnavailable:
    """The error behind a failed lookup."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        meaning = _meaning(error)
        if isinstance(meaning, GatewayUnavailable):
            return meaning
        return GatewayUnavailable(str(error.code or error.status), retry_after=BUSY_FOR)
    # For a failed list the client returns the response unparsed.
    if any(isinstance(each, Response) and each.status_code in (401, 403) for each in error.args):
        return GatewayUnavailable(CREDENTIALS, retry_after=MISCONFIGURED_FOR)
    return GatewayUnavailable(type(error).__name__, retry_after=BUSY_FOR)


def _receipt(made: Any) -> Receipt:
    """A receipt from Twilio's untyped object."""
    code = str(made.error_code) if made.error_code else None
    state = REPORTED_STATUS.get(made.status or "", "sent")
    detail = {"status": made.status, "segments": made.num_segments}
    if made.price is not None:
        detail |= {"price": str(made.price), "price_unit": made.price_unit}
    return Receipt(made.sid, state, code, detail, failure_kind(state, code))


@lru_cache(maxsize=64)  # nearly all requests share one
def _address(base: str, url: str) -> URL:
    """The same path and query at `base`."""
    there, here = urlsplit(url), urlsplit(base)
    return URL(urlunsplit((here.scheme, here.netloc, here.path + there.path, there.query, "")), encoded=True)


def _form(fields: dict[str, Any]) -> bytes:
    """Encode a form; aiohttp's own encoder took a quarter of the delivery time."""
    return URL.build(query={name: str(value) for name, value in fields.items()}).raw_query_string.encode()


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _seconds(retry_after: str | None) -> float:
    """A Retry-After header in seconds; its date form is ignored."""
    return min(float(retry_after), 3600.0) if retry_after and retry_after.isdigit() else BUSY_FOR
