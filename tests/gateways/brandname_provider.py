"""A brand-name gateway on loopback, in a dialect of its own, that keeps everything it saw.

It takes JSON, wants a key and a secret in the body, knows our reference as RequestId and refuses to take the
same one twice, and answers 200 whatever happened: what did is in CodeResult.
"""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

from lopso.kernel.settings import BrandnameSettings

USER = "lop-so"
SECRET = "s" * 24
TOKEN = "c" * 40

Happening = Literal[
    "accept",
    "accept_and_reset",
    "accept_and_500",
    "reset",
    "500",
    "429",
    "busy",  # code 131
    "no_number",  # code 99
    "opted_out",  # code 145
    "no_credit",  # code 103
    "strange",  # code 777
    "html",
    "html_404",
    "redirect",
    "endless",  # more than anybody wants to read
]


@dataclass
class BrandnameText:
    """A text the gateway took; `state` in its words: 1 waiting, 5 arrived, 4 not arrived."""

    id: str
    reference: str
    phone: str
    content: str
    sender: str
    callback: str
    state: str = "1"
    error: str = ""


@dataclass
class BrandnameProvider:
    """The state of the stand-in; `script` decides what happens to the n-th call to send, from 0."""

    script: Callable[[int], Happening] = lambda _n: "accept"
    base_url: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    taken: dict[str, BrandnameText] = field(default_factory=dict[str, BrandnameText])
    strangers: int = 0

    async def send(self, request: web.Request) -> web.StreamResponse:
        """POST /send, or with everything in the address."""
        said: dict[str, Any] = dict(request.query) or await _body(request)
        if (said.get("ApiKey"), said.get("SecretKey")) != (USER, SECRET):
            self.strangers += 1
            return _answer("101")
        happening = self.script(len(self.calls))
        self.calls.append(said)
        if happening == "429":
            return web.Response(status=429, headers={"Retry-After": "7"})
        if happening == "html":
            return web.Response(text="<h1>Bảo trì</h1>", content_type="text/html")
        if happening == "html_404":
            return web.Response(text="<h1>Not Found</h1>", content_type="text/html", status=404)
        if happening == "redirect":
            raise web.HTTPFound("/elsewhere")
        if happening == "endless":
            return web.Response(body=b"x" * 200_000)
        if happening == "500":
            return _answer("999", status=500)
        if happening == "reset":
            return _cut(request)
        codes = {"busy": "131", "no_number": "99", "opted_out": "145", "no_credit": "103", "strange": "777"}
        if happening in codes:
            return _answer(codes[happening])
        if said["RequestId"] in self.taken:
            return _answer("124")
        text = BrandnameText(
            f"V{len(self.taken) + 1}",
            said["RequestId"],
            said["Phone"],
            said["Content"],
            said["BrandnameConfig"],
            said.get("Callback", ""),
        )
        self.taken[text.reference] = text
        if happening == "accept_and_reset":
            return _cut(request)
        if happening == "accept_and_500":
            return _answer("999", status=500)
        return _answer("100", SMSID=text.id)

    async def status(self, request: web.Request) -> web.StreamResponse:
        """GET /status?RequestId=…"""
        if request.headers.get("X-Api-Key") != SECRET:
            self.strangers += 1
            return _answer("101", status=401)
        text = self.taken.get(request.query["RequestId"])
        if text is None:
            return _answer("118")
        return _answer("100", data=[{"SMSID": text.id, "State": int(text.state), "Error": text.error}])


def description(base_url: str, **changes: Any) -> dict[str, Any]:
    """How to speak with it, as an operator would write it."""
    return {
        "send": {
            "url": f"{base_url}/send",
            "fields": {
                "ApiKey": "{user}",
                "SecretKey": "{secret}",
                "Phone": "{phone}",
                "Content": "{body}",
                "BrandnameConfig": "LOPSO",
                "SmsType": 2,
                "RequestId": "{reference}",
                "Callback": "{callback}",
            },
            "answer": {
                "code": "CodeResult",
                "ok": ["100"],
                "id": "SMSID",
                "codes": {
                    "99": "bad_number",
                    "145": "opted_out",
                    "101": "credentials",
                    "103": "no_credit",
                    "124": "repeated",
                    "131": "busy",
                    "70": "unreachable",
                },
            },
        },
        "lookup": {
            "url": f"{base_url}/status?RequestId={{reference}}",
            "method": "GET",
            "body": "query",
            "headers": {"X-Api-Key": "{secret}"},
            "answer": {
                "code": "CodeResult",
                "ok": ["100"],
                "unseen": ["118"],
                "id": "data.0.SMSID",
                "status": "data.0.State",
                "error": "data.0.Error",
            },
        },
        "callback": {"reference": "RequestId", "id": "SMSID", "status": "SendStatus", "error": "Error"},
        "statuses": {"1": "sent", "5": "delivered", "4": "undelivered"},
        **changes,
    }


def settings_for(described: dict[str, Any], folder: Path, *, secret: str = SECRET) -> BrandnameSettings:
    """Settings that name a file with this description."""
    number = len(list(folder.glob("brandname-*.json")))
    file = folder / f"brandname-{number}.json"
    file.write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
    return BrandnameSettings(file, USER, secret, TOKEN)


@asynccontextmanager
async def brandname_running() -> AsyncGenerator[BrandnameProvider, None]:
    """The stand-in on a free port of 127.0.0.1."""
    provider = BrandnameProvider()
    app = web.Application()
    app.add_routes(
        [
            web.post("/send", provider.send),
            web.get("/send", provider.send),
            web.get("/status", provider.status),
        ]
    )
    runner = web.AppRunner(app, access_log=None, handler_cancellation=False, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    [address] = runner.addresses
    provider.base_url = f"http://127.0.0.1:{address[1]}"
    try:
        yield provider
    finally:
        await runner.cleanup()


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        said: dict[str, Any] = await request.json()
        return said
    return {name: str(value) for name, value in (await request.post()).items()}


def _answer(code: str, *, status: int = 200, **more: Any) -> web.Response:
    return web.json_response({"CodeResult": code, **more}, status=status)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
