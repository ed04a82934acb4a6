"""A provider on loopback that behaves like Twilio, and keeps everything it saw.

It counts calls, not messages: what was sent twice shows, whatever the ledger believes. `script` decides
for each create call what happens to it.
"""

import asyncio
import base64
import json
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from typing import Any, Literal

import aiohttp
from aiohttp import web
from twilio.request_validator import (  # pyright: ignore[reportMissingTypeStubs]  (Twilio ships none)
    RequestValidator,
)

from lopso.kernel.settings import TwilioSettings

SID = "AC" + "0" * 32
TOKEN = "t" * 32

Happening = Literal[
    "accept",  # taken, and said so
    "accept_late",  # taken, the answer comes after `hang` seconds
    "accept_and_reset",  # taken, then the connection is cut
    "accept_and_500",  # taken, then an error of its own
    "reset",  # cut before anything was taken
    "500",  # an error before anything was taken
    "429",
    "21610",  # opted out
    "21614",  # no mobile number
    "21211",  # no number at all
    "30007",  # filtered
    "21606",  # not our sender
    "63999",  # a code nobody has heard of
    "html",  # 200 and a page of some proxy's
    "html_400",  # that proxy says no itself
    "strange",  # 200 and JSON that is no message
    "failed",  # 201 and a message that has failed already
]


_REPORTS = 16  # at a time


@dataclass
class Taken:
    """A message the provider took."""

    sid: str
    to: str
    body: str
    callback: str
    validity: int
    at: datetime
    status: str = "queued"
    error_code: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As Twilio shows a message."""
        moment = format_datetime(self.at)
        return {
            "sid": self.sid,
            "account_sid": SID,
            "to": self.to,
            "from": "LopSo",
            "body": self.body,
            "status": self.status,
            "num_segments": "1",
            "num_media": "0",
            "direction": "outbound-api",
            "api_version": "2010-04-01",
            "price": None,
            "price_unit": "USD",
            "error_code": self.error_code,
            "error_message": None,
            "uri": f"/2010-04-01/Accounts/{SID}/Messages/{self.sid}.json",
            "messaging_service_sid": None,
            "date_created": moment,
            "date_updated": moment,
            "date_sent": None,
            "subresource_uris": {},
        }


@dataclass(frozen=True)
class News:
    """Something that happens to a message `after` so many seconds, and how often it is reported.

    Attributes:
        told: reports of it: 0 is lost on the way, 2 doubled.
        late: seconds between it and its report.
    """

    after: float
    status: str
    code: int | None = None
    told: int = 1
    late: float = 0.0


@dataclass
class Provider:
    """The state of the stand-in.

    Attributes:
        lives: what happens to a message once it is taken, in order; nothing when left out.
        retry_after: seconds it asks for with a 429.
        templates: its own wordings by content sid, their places as {{1}}.
        answers: how our webhook answered reports, by status.
        script: what happens to the n-th create call (from 0), given its form.
        calls: every create call, taken or not: number and text.
        taken: what would have reached phones, in order.
    """

    script: Callable[[int, dict[str, str]], Happening] = lambda _n, _form: "accept"
    hang: float = 30.0
    latency: float = 0.0
    listing_latency: float = 0.0
    lives: Callable[[Taken], Sequence[News]] = lambda _message: ()
    retry_after: int = 1
    templates: dict[str, str] = field(default_factory=dict[str, str])
    token: str = TOKEN
    base_url: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    taken: list[Taken] = field(default_factory=list[Taken])
    answers: Counter[int] = field(default_factory=Counter[int])
    _by_phone: dict[str, list[Taken]] = field(default_factory=lambda: defaultdict[str, list[Taken]](list))
    listings: int = 0
    fetches: int = 0
    _numbers: "count[int]" = field(default_factory=count)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _lines: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_REPORTS))
    _called: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def settings(self) -> TwilioSettings:
        """Settings that lead here."""
        return TwilioSettings(SID, TOKEN, "LopSo", self.base_url)

    def received(self) -> Counter[tuple[str, str]]:
        """How often each text reached each phone."""
        return Counter((each.to, each.body) for each in self.taken)

    def successor(self) -> "Provider":
        """Another stand-in, which knows what this one was called with and what it took."""
        taken = [replace(each) for each in self.taken]
        other = Provider(calls=list(self.calls), taken=taken, _numbers=count(len(taken)))
        for message in taken:
            other._by_phone[message.to].append(message)
        return other

    async def until_called(self, times: int) -> None:
        """Wait for so many create calls."""
        async with self._called:
            await self._called.wait_for(lambda: len(self.calls) >= times)

    async def create(self, request: web.Request) -> web.StreamResponse:
        """POST …/Messages.json"""
        if refusal := self._stranger(request):
            return refusal
        form = {name: str(value) for name, value in (await request.post()).items()}
        form.setdefault("Body", self._rendered(form))
        number = len(self.calls)
        self.calls.append((form["To"], form["Body"]))
        async with self._called:
            self._called.notify_all()
        happening = self.script(number, form)
        if self.latency:
            await asyncio.sleep(self.latency)
        if happening == "429":
            return web.json_response(
                {"code": 20429, "status": 429, "message": "Too Many Requests"},
                status=429,
                headers={"Retry-After": str(self.retry_after)},
            )
        if happening == "500":
            return web.json_response({"code": 20500, "status": 500, "message": "oops"}, status=500)
        if happening in ("html", "html_400"):
            status = 200 if happening == "html" else 400
            return web.Response(text="<h1>Hello</h1>", content_type="text/html", status=status)
        if happening == "strange":
            return web.json_response(["no", "message"])
        if happening.isdigit():
            return web.json_response(
                {"code": int(happening), "status": 400, "message": "no", "more_info": ""}, status=400
            )
        if happening == "reset":
            return self._cut(request)
        message = Taken(
            f"SM{next(self._numbers):032x}",
            form["To"],
            form["Body"],
            form["StatusCallback"],
            int(form["ValidityPeriod"]),
            datetime.now(UTC).replace(microsecond=0),
        )
        if happening == "failed":
            message.status, message.error_code = "failed", 30006
            return web.json_response(message.as_json(), status=201)
        self.taken.append(message)
        self._by_phone[message.to].append(message)
        self._later(self._live(message))
        if happening == "accept_and_reset":
            return self._cut(request)
        if happening == "accept_and_500":
            return web.json_response({"code": 20500, "status": 500, "message": "oops"}, status=500)
        if happening == "accept_late":
            await asyncio.sleep(self.hang)
        return web.json_response(message.as_json(), status=201)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """GET …/Messages.json?To=…&DateSent>=…, newest first, in pages."""
        if refusal := self._stranger(request):
            return refusal
        self.listings += 1
        if self.listing_latency:
            await asyncio.sleep(self.listing_latency)
        wanted = dict(request.query)
        to, since, until = (wanted.get(name) for name in ("To", "DateSent>", "DateSent<"))
        found = [
            each.as_json()
            for each in reversed(self.taken if to is None else self._by_phone[to])
            if (since is None or f"{each.at:%Y-%m-%d}" >= since[:10])
            and (until is None or f"{each.at:%Y-%m-%d}" <= until[:10])
        ]
        number, size = int(wanted.get("Page", 0)), int(wanted.get("PageSize", 50))
        more = len(found) > (number + 1) * size
        following = request.url.update_query({"Page": number + 1}) if more else None
        return web.json_response(
            {
                "messages": found[number * size : (number + 1) * size],
                "next_page_uri": following and following.raw_path_qs,
                "page": number,
                "page_size": size,
            }
        )

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        """GET …/Messages/SM….json"""
        if refusal := self._stranger(request):
            return refusal
        self.fetches += 1
        wanted = request.match_info["sid"]
        for each in self.taken:
            if each.sid == wanted:
                return web.json_response(each.as_json())
        return web.json_response({"code": 20404, "status": 404, "message": "not found"}, status=404)

    def callback(
        self, message: Taken, status: str, **extra: str
    ) -> tuple[str, dict[str, str], dict[str, str]]:
        """Address, form and headers of a status callback, signed as Twilio signs."""
        form = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "AccountSid": SID,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": message.to,
            "From": "LopSo",
            "ApiVersion": "2010-04-01",
            **extra,
        }
        signature: str = RequestValidator(self.token).compute_signature(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  (untyped)
            message.callback, form
        )
        return message.callback, form, {"X-Twilio-Signature": signature}

    async def _live(self, message: Taken) -> None:
        for news in self.lives(message):
            await asyncio.sleep(news.after)
            message.status, message.error_code = news.status, news.code
            for _ in range(news.told):
                self._later(self._tell(message, news))

    async def _tell(self, message: Taken, news: News) -> None:
        """Report to the address that came with the message; Twilio tries once more."""
        await asyncio.sleep(news.late)
        extra = {"ErrorCode": str(news.code)} if news.code else {}
        address, form, headers = self.callback(message, news.status, **extra)
        async with self._lines, aiohttp.ClientSession() as http:
            for _ in range(2):
                try:
                    async with http.post(address, data=form, headers=headers) as answer:
                        self.answers[answer.status] += 1
                        if answer.status < 500:
                            return
                except aiohttp.ClientError:
                    self.answers[0] += 1

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def quiet(self) -> None:
        """Wait until nothing more happens by itself."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def stop(self) -> None:
        """Whatever would still have happened does not."""
        for task in self._tasks:
            task.cancel()

    def _stranger(self, request: web.Request) -> web.Response | None:
        wanted = base64.b64encode(f"{SID}:{self.token}".encode()).decode()
        if request.headers.get("Authorization") == f"Basic {wanted}":
            return None
        return web.json_response({"code": 20003, "status": 401, "message": "Authenticate"}, status=401)

    def _rendered(self, form: dict[str, str]) -> str:
        """What it makes of a template of its own and the values."""
        body = self.templates.get(form.get("ContentSid", ""), "")
        for name, value in json.loads(form.get("ContentVariables", "{}")).items():
            body = body.replace("{{" + name + "}}", value)
        return body

    def _cut(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


@asynccontextmanager
async def provider_running(provider: Provider | None = None) -> AsyncGenerator[Provider, None]:
    """The stand-in on a free port of 127.0.0.1."""
    provider = provider or Provider()
    app = web.Application()
    messages = f"/2010-04-01/Accounts/{SID}/Messages.json"
    app.add_routes([web.post(messages, provider.create), web.get(messages, provider.list)])
    app.add_routes([web.get(messages.replace(".json", "/{sid}.json"), provider.fetch)])
    runner = web.AppRunner(app, access_log=None, handler_cancellation=False, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [address] = runner.addresses
    provider.base_url = f"http://127.0.0.1:{address[1]}"
    try:
        yield provider
    finally:
        provider.stop()
        await runner.cleanup()
