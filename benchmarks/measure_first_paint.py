"""First paint on slow 3G with a slow processor: four pages against one static page of the same server.

Chromium is slowed down as its own tools do it: 400 kbit/s, answers 2 s late, the processor six times slower.
A page is opened cold, by a browser that has nothing of this site but the log-in, then as the second page
after another one. The static page is a text file of the same server, opened cold in the same round. First
contentful paint is what the browser reports; bytes are all of the cold visit on the wire, scripts included.

`--rounds` takes more of each; the medians are compared.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from playwright.async_api import Browser, Page, StorageState, async_playwright
from sqlalchemy import select

from benchmarks.running import migrated, postgres, report
from benchmarks.server_process import ROOT, ServerProcess, server_running
from lopso.application import example, reference
from lopso.kernel import db as database
from lopso.kernel.clock import utc_now
from scheduling.models import Assignment, ClassSession

COLD_GOAL, SECOND_GOAL, MOST_KILOBYTES = 1.3, 1.1, 40
STATIC_PAGE = "/static/built/fonts/OFL.txt"
COORDINATOR = "dieuphoi@lopso.example"
SECRET = "b" * 40  # of `server_running`

SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
TIMES_SLOWER = 6

_FIRST_PAINT = """
() => new Promise(resolve => new PerformanceObserver((list, observer) => {
  const entry = list.getEntriesByName("first-contentful-paint")[0];
  if (entry) { observer.disconnect(); resolve(entry.startTime); }
}).observe({type: "paint", buffered: true}))
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page to measure: who opens it, and the page that person opened before it."""

    name: str
    path: str
    who: str | None
    before: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Milliseconds to the first contentful paint, and KB on the wire until the network was idle."""

    paint: float
    kilobytes: float


async def fill(url: str) -> list[Visit]:
    """The example city of the demo; the pages to open in it."""
    engine = database.create_engine(url, pool_size=2)
    now = utc_now()
    async with database.session_maker(engine, {}).begin() as db:
        await reference.load(db, now=now)
    await example.build(engine, now=now)
    async with database.session_maker(engine, {}).begin() as db:
        card = await example.open_card(db, secret=SECRET, now=now)
        session_id = await db.scalar(
            select(ClassSession.id)
            .join(Assignment, Assignment.session_id == ClassSession.id)
            .where(ClassSession.starts_at < now, Assignment.state == "accepted")
            .order_by(ClassSession.starts_at.desc(), ClassSession.id)
            .limit(1)
        )
    await engine.dispose()
    week, roll = f"/lich/{example.PHU_XUAN}", f"/buoi/{session_id}/diem-danh"
    assert card is not None
    return [
        Visit("week", week, COORDINATOR, f"/dia-diem/{example.PHU_XUAN}"),
        Visit("roll call", roll, COORDINATOR, week),
        Visit("own assignments", "/viec-cua-toi", example.HELPER, "/tai-khoan-cua-toi"),
        Visit("learner's page", card, None, card),
    ]


async def log_ins(browser: Browser, server: ServerProcess) -> Mapping[str | None, StorageState]:
    """Cookies of the log-in, and nothing else of this site, by person."""
    states: dict[str | None, StorageState] = {None: {"cookies": [], "origins": []}}
    for email in (COORDINATOR, example.HELPER):
        context = await browser.new_context(base_url=server.url, locale="vi-VN")
        page = await context.new_page()
        await page.goto("/dang-nhap")
        await page.fill("[name=identifier]", email)
        await page.fill("[name=password]", example.PASSWORD)
        await page.press("[name=password]", "Enter")
        await page.wait_for_url(lambda url: "dang-nhap" not in url)
        state = await context.storage_state()
        kept = [each for each in state.get("cookies", []) if each.get("name") in ("csrf", "lopso")]
        states[email] = {"cookies": kept, "origins": []}
        await context.close()
    return states


async def _open(page: Page, path: str) -> Seen:
    wire = await page.context.new_cdp_session(page)
    send = cast("Any", wire).send  # partially typed in Playwright
    weights: list[float] = []

    def finished(event: dict[str, Any]) -> None:
        weights.append(event["encodedDataLength"])

    wire.on("Network.loadingFinished", finished)
    await send("Network.enable")
    await send("Network.emulateNetworkConditions", SLOW_3G)
    await send("Emulation.setCPUThrottlingRate", {"rate": TIMES_SLOWER})
    answer = await page.goto(path, wait_until="networkidle", timeout=60_000)
    assert answer is not None
    assert answer.status == 200, (path, answer.status)
    paint: float = await page.evaluate(_FIRST_PAINT)
    await wire.detach()
    return Seen(paint, sum(weights) / 1000)


async def visit(browser: Browser, server: ServerProcess, state: StorageState, paths: Sequence[str]) -> Seen:
    """The last of `paths`, opened one after the other by a browser without a cache."""
    context = await browser.new_context(
        base_url=server.url,
        locale="vi-VN",
        storage_state=state,
        viewport={"width": 360, "height": 740},
    )
    page = await context.new_page()
    seen = Seen(0, 0)
    for path in paths:
        seen = await _open(page, path)
    await context.close()
    return seen


async def measure(server: ServerProcess, visits: Sequence[Visit], rounds: int) -> list[dict[str, Any]]:
    """A line for each page; medians in milliseconds."""
    cold: dict[str, list[Seen]] = {each.name: [] for each in visits}
    second: dict[str, list[float]] = {each.name: [] for each in visits}
    static: list[float] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        states = await log_ins(browser, server)
        for _round in range(rounds):
            static.append((await visit(browser, server, states[None], [STATIC_PAGE])).paint)
            for each in visits:
                state = states[each.who]
                cold[each.name].append(await visit(browser, server, state, [each.path]))
                second[each.name].append(
                    (await visit(browser, server, state, [each.before, each.path])).paint
                )
        await browser.close()
    limit = statistics.median(static)
    return [_result(each.name, cold[each.name], second[each.name], limit) for each in visits]


def _result(name: str, cold: Sequence[Seen], second: Sequence[float], limit: float) -> dict[str, Any]:
    first, next_one = statistics.median(each.paint for each in cold), statistics.median(second)
    kilobytes = max(each.kilobytes for each in cold)
    return {
        "measure": f"first paint of {name}, ms",
        "cold": round(first),
        "second": round(next_one),
        "limit": round(limit),
        "cold_ratio": round(first / limit, 2),
        "second_ratio": round(next_one / limit, 2),
        "kilobytes": round(kilobytes, 1),
        "ok": first / limit <= COLD_GOAL and next_one / limit <= SECOND_GOAL and kilobytes <= MOST_KILOBYTES,
    }


def _chromium() -> str:
    named = os.environ.get("LOPSO_CHROMIUM")
    finder = [sys.executable, str(ROOT / "tools" / "find_chromium.py")]
    return named or subprocess.run(finder, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603  (our own script)


async def run(url: str, home: Path, rounds: int) -> list[dict[str, Any]]:
    """Fill the database, start the server, measure."""
    visits = await fill(url)
    async with server_running(url, home) as server:
        return await measure(server, visits, rounds)


def main() -> int:
    """Print one line of JSON a page; 0 when the goals are met."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    rounds: int = options.parse_args().rounds
    with postgres() as (server, folder):
        results = asyncio.run(run(migrated(server), folder, rounds))
    return report(*results)


if __name__ == "__main__":
    sys.exit(main())
