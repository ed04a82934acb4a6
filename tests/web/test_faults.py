"""A fault of ours: a number to read out, and a log without the secret of the address."""

from typing import Any, cast

import httpx
from litestar import Litestar, get
from structlog.testing import capture_logs

from lopso.web import errors


@get("/lich-rieng/{name:str}")
async def broken(name: str) -> str:
    raise RuntimeError("a fault")


async def test_secret_in_an_address_is_not_logged() -> None:
    app = Litestar([broken], exception_handlers={Exception: errors.unexpected}, logging_config=None)
    transport = httpx.ASGITransport(cast("Any", app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        with capture_logs() as logged:
            answer = await client.get("/lich-rieng/bi-mat.ics", headers={"accept": "application/json"})
    assert answer.status_code == 500
    assert [entry["route"] for entry in logged] == ["/lich-rieng/{name}"]
    assert logged[0]["reference"] == answer.json()["reference"]
    assert "bi-mat" not in str({**logged[0], "exc_info": ""})
