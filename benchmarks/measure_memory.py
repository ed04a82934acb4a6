"""Memory of the web process over a day of mixed and hostile use, with imports in between.

The server is `lopso serve` as it is run; its resident memory is read from the system. The first fifth of the
requests and imports warms it up; after that it may grow by `GOAL` per cent. `--requests` and `--imports` make
it shorter.
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import city
from benchmarks.hostile_mix import WARD, calls, learners_list, upload
from benchmarks.running import analyze, migrated, postgres, report
from benchmarks.server_process import ServerProcess, server_running
from lopso.application import reference
from lopso.application.app import LARGEST_REQUEST
from lopso.kernel import db as database
from lopso.kernel.clock import utc_now

GOAL = 10.0  # per cent of growth after the warm-up
REQUESTS = 50_000
IMPORTS = 200
AT_ONCE = 4
SAMPLES = 50


async def fill(url: str) -> None:
    """A city whose administrator the requests come from."""
    engine = database.create_engine(url, pool_size=2)
    async with database.session_maker(engine, {}).begin() as db:
        await city.build(db)
        await reference.load(db, now=utc_now())
    await analyze(engine)
    await engine.dispose()


async def log_in(client: aiohttp.ClientSession) -> None:
    """From here on `client` is the administrator; its CSRF token goes with every request."""
    async with client.get("/dang-nhap"):
        pass
    client.headers["x-csrftoken"] = _csrf(client)
    form = {"identifier": city.ADMIN, "password": city.PASSWORD}
    async with client.post("/dang-nhap", data=form, allow_redirects=False) as answer:
        assert answer.status == 303, answer.status


def _csrf(client: aiohttp.ClientSession) -> str:
    return next(cookie.value for cookie in client.cookie_jar if cookie.key == "csrf")


async def ask_all(client: aiohttp.ClientSession, number: int, seed: int) -> None:
    """`number` requests of the mix, one after another."""
    chance = random.Random(seed)
    for _n in range(number):
        call = calls(chance)
        too_large = len(call.body) > LARGEST_REQUEST
        headers = {**call.headers, "connection": "close"} if too_large else call.headers
        request = client.request(
            call.method, call.path, data=call.body or None, headers=headers, allow_redirects=False
        )
        try:
            async with request as answer:
                await answer.read()
                assert answer.status < 500, (call.method, call.path, answer.status)
        except aiohttp.ClientOSError:  # the server may close before all of a refused body is sent
            assert too_large, (call.method, call.path, len(call.body))


async def import_list(client: aiohttp.ClientSession, seed: int) -> None:
    """Upload a list, look at its review; save every fourth, drop the others."""
    chance = random.Random(seed)
    here = f"/nguoi-hoc/{WARD}/nhap"
    async with client.post(here, data=upload(learners_list(chance)), allow_redirects=False) as answer:
        assert answer.status == 303, (answer.status, await answer.text())
        review = answer.headers["location"]
    async with client.get(review) as answer:
        assert answer.status == 200, answer.status
        await answer.read()
    async with client.post(f"{review}/{'luu' if seed % 4 == 0 else 'bo'}", allow_redirects=False) as answer:
        assert answer.status < 500, answer.status


async def use(server: ServerProcess, requests: int, imports: int) -> Sequence[float]:
    """All requests and imports, evenly mixed; the memory in MiB after each of `SAMPLES` parts."""
    samples: list[float] = []
    done = 0
    # Idle connections go before the server ends them: a request on one would fail by chance.
    connector = aiohttp.TCPConnector(keepalive_timeout=1)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(server.url, cookie_jar=jar, connector=connector) as client:
        await log_in(client)
        for part in range(SAMPLES):
            each = requests * (part + 1) // SAMPLES - requests * part // SAMPLES
            work = [ask_all(client, each // AT_ONCE, part * AT_ONCE + n) for n in range(AT_ONCE)]
            wanted = imports * (part + 1) // SAMPLES
            await asyncio.gather(*work, *(import_list(client, n) for n in range(done, wanted)))
            done = wanted
            samples.append(server.resident())
    return samples


async def measure(url: str, home: Path, requests: int, imports: int) -> dict[str, Any]:
    """The figures in MiB."""
    await fill(url)
    async with server_running(url, home) as server:
        at_start = server.resident()
        samples = await use(server, requests, imports)
    warm = max(samples[: SAMPLES // 5])
    growth = (max(samples[-SAMPLES // 5 :]) / warm - 1) * 100
    return {
        "measure": "memory of the web process, MiB",
        "requests": requests,
        "imports": imports,
        "at_start": round(at_start),
        "after_warm_up": round(warm),
        "at_end": round(samples[-1]),
        "most": round(max(samples)),
        "growth_percent": round(growth, 1),
        "goal": GOAL,
        "samples": [round(each) for each in samples],
        "ok": growth <= GOAL,
    }


def main() -> int:
    """Print one line of JSON; 0 when the goal is met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--imports", type=int, default=IMPORTS)
    options = parser.parse_args()
    with postgres() as (server, folder):
        result = asyncio.run(measure(migrated(server), folder, options.requests, options.imports))
    return report(result)


if __name__ == "__main__":
    sys.exit(main())
