"""A provider of texts in a process of its own on loopback: takes every message, answers as Twilio does."""

import asyncio
import json
from itertools import count
from typing import Any

from aiohttp import web

ACCOUNT = "AC" + "0" * 32
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


async def serve() -> None:
    """Print the port, then answer until killed."""
    numbers = count()

    async def create(request: web.Request) -> web.Response:
        await request.read()
        message: dict[str, Any] = {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": "",
            "date_created": "Wed, 25 Nov 2026 11:00:00 +0000",
            "date_sent": None,
            "date_updated": "Wed, 25 Nov 2026 11:00:00 +0000",
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": "LopSo",
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": f"SM{next(numbers):032x}",
            "status": "queued",
            "subresource_uris": {},
            "to": "",
            "uri": "",
        }
        return web.Response(text=json.dumps(message), status=201, content_type="application/json")

    app = web.Application()
    app.add_routes([web.post(PATH, create)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
