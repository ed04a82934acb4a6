"""Due texts, two workers, six SIGKILLs at random moments: what is lost, sent twice, or never recorded.

The workers are `lopso worker` as it is run, each dead one replaced at once; the provider is the tests' own,
which keeps every call. Counted 60 s after the last replacement, at the provider, not in the ledger alone; in
the second round as soon as all is settled, within five minutes.
A second, smaller round is beside a provider that stumbles: it cuts connections after taking a text, answers
429 and 500, is slow now and then, and repeats its reports to the application. `--n` is the first round.
"""

import argparse
import asyncio
import random
import sys
from collections import Counter
from datetime import time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks import city
from benchmarks.measure_reminders import FILL
from benchmarks.running import analyze, migrated, postgres, report
from lopso.kernel import db as database
from lopso.kernel.clock import local_day, utc_now
from lopso.kernel.embedded import EmbeddedServer
from lopso.kernel.settings import Settings
from notifications.models import DeliveryEvent, Message, ReminderPolicy
from notifications.service.policy import load_policy
from tests.gateways.provider import Happening, Provider, provider_running
from tests.notifications.killed_workers import (
    REAL,
    STUMBLES,
    Workers,
    random_reports,
    web_running,
    workers_running,
)
from wordings.service.shipped import load_wordings

WORKERS = 2
KILLS = 6
SETTLED_WITHIN = 60.0  # seconds after the last restart
PATIENCE = 300.0  # beside a provider that may stumble over the same text again
GIVE_UP = 1200.0  # seconds

_DONE = ("sent", "delivered", "undelivered")


async def fill(engine: AsyncEngine, number: int) -> set[tuple[str, str]]:
    """`number` texts due now, at any hour of the day, about classes of next week; numbers and words."""
    now = utc_now()
    monday = local_day(now + timedelta(days=8))
    async with database.session_maker(engine, {}).begin() as db:
        await city.build(db, monday=monday - timedelta(days=monday.weekday()))
        await load_wordings(db, by=city.BY, now=now)
        await load_policy(db, by=city.BY, now=now)
        await db.execute(update(ReminderPolicy).values(quiet_until=time(0), quiet_from=time(23, 59)))
        await db.execute(text(FILL), {"eve": now, "first": 1, "last": number})
        texts = await db.execute(select(Message.to_phone, Message.body))
        wanted = {(phone, body) for phone, body in texts}
    await analyze(engine)
    return wanted


async def kill_now_and_then(workers: Workers, provider: Provider, number: int, dice: random.Random) -> float:
    """Six kills while texts go, the last before nine tenths have; seconds from the first call to it."""
    await provider.until_called(1)
    start = perf_counter()
    for mark in sorted(dice.uniform(0.02, 0.9) for _ in range(KILLS)):
        await provider.until_called(int(mark * number))
        await asyncio.sleep(dice.random() * 0.3)
        await workers.kill_one()
    return perf_counter() - start


async def until_recorded(engine: AsyncEngine, within: float) -> float | None:
    """Seconds until every text has its end; None: not within the time."""
    start = perf_counter()
    while perf_counter() - start < within:
        async with engine.connect() as connection:
            open_ones = await connection.scalar(
                select(func.count()).where(Message.state.in_(("planned", "claimed", "sending", "ambiguous")))
            )
        if open_ones == 0:
            return perf_counter() - start
        await asyncio.sleep(0.5)
    return None


async def one_round(
    url: str, home: Path, provider: Provider, number: int, dice: random.Random, public_url: str, within: float
) -> dict[str, Any]:
    """What became of `number` texts."""
    engine = database.create_engine(url)
    wanted = await fill(engine, number)
    async with (
        asyncio.timeout(GIVE_UP),
        workers_running(WORKERS, provider, url, home, public_url, REAL) as workers,
    ):
        killing = await kill_now_and_then(workers, provider, number, dice)
        settled = await until_recorded(engine, within)
    received = provider.received()
    async with engine.connect() as connection:
        rows = await connection.execute(
            select(Message.to_phone, Message.body, Message.provider_id).where(Message.state.in_(_DONE))
        )
        recorded = {(phone, body): sid for phone, body, sid in rows}
        unknown = await connection.scalar(
            select(func.count()).select_from(DeliveryEvent).where(DeliveryEvent.state == "ambiguous")
        )
    await engine.dispose()
    took = {(each.to, each.body): each.sid for each in provider.taken}
    return {
        "texts": number,
        "kills": KILLS,
        "unknown_on_the_way": unknown or 0,
        "seconds_with_kills": round(killing, 1),
        "recorded_after": None if settled is None else round(settled, 1),
        "lost": len(wanted - received.keys()),
        "twice": sum(times - 1 for times in received.values()),
        "unrecorded": sum(recorded.get(each) != sid for each, sid in took.items()),
    }


async def plain(server: EmbeddedServer, folder: Path, number: int, seed: int) -> dict[str, Any]:
    """A provider that is well."""
    url = migrated(server, "plain")
    async with provider_running(Provider()) as provider:
        return await one_round(
            url,
            folder,
            provider,
            number,
            random.Random(seed),
            "https://lop-so.example.vn",
            SETTLED_WITHIN,
        )


async def stumbling(server: EmbeddedServer, folder: Path, number: int, seed: int) -> dict[str, Any]:
    """One that is not, and reports to the application, twice now and then."""
    url = migrated(server, "stumbling")
    dice = random.Random(seed)
    # One 429 stops every worker for a second: a few will do.
    weights = [0.1 if each == "429" else 1.0 for each in STUMBLES]

    def script(_number: int, _form: dict[str, str]) -> Happening:
        return dice.choices(STUMBLES, weights)[0] if dice.random() < 0.01 else "accept"

    settings = Settings(None, folder, "http://127.0.0.1", "s" * 40)
    provider = Provider(script, hang=12.0, lives=random_reports(dice))
    async with provider_running(provider), web_running(url, settings) as address:
        found = await one_round(url, folder, provider, number, random.Random(seed), address, PATIENCE)
        await provider.quiet()
    answered = Counter(provider.answers)
    return {**found, "reports": answered.total(), "reports_refused": answered.total() - answered[204]}


async def measure(
    server: EmbeddedServer, folder: Path, number: int, beside: int, seed: int
) -> dict[str, Any]:
    """Both rounds."""
    rounds = [await plain(server, folder, number, seed), await stumbling(server, folder, beside, seed)]
    return {
        "measure": f"workers killed amid {number} texts: lost, twice, unrecorded",
        "seed": seed,
        "ours": rounds,
        "goal": 0,
        "ok": all(
            each["lost"] == each["twice"] == each["unrecorded"] == each.get("reports_refused", 0) == 0
            and each["recorded_after"] is not None
            and each["unknown_on_the_way"] > 0  # else nobody was killed between the call and the record
            for each in rounds
        ),
    }


def main() -> int:
    """Print one line of JSON; 0 when nothing was lost, doubled or left unrecorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000, help="texts to send")
    parser.add_argument("--stumbling", type=int, default=2_000, help="texts to send in the second round")
    parser.add_argument("--seed", type=int, default=None, help="repeats the moments of an earlier run")
    chosen = parser.parse_args()
    seed: int = random.randrange(1_000_000) if chosen.seed is None else chosen.seed
    with postgres() as (server, folder):
        result = asyncio.run(measure(server, folder, chosen.n, chosen.stumbling, seed))
    return report(result)


if __name__ == "__main__":
    sys.exit(main())
