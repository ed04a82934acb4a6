"""Reminders, due → recorded: our whole delivery against a bare aiohttp and batched SQL loop.

Both send the same number of texts to the same provider on loopback, in the same run, in turns. Ours is
the real thing: the ledger with its judgement at the last moment, leases, states, history, Twilio's client.
The bare loop claims and records groups on a table of four columns and knows nothing else. Every statement
counts, BEGIN and COMMIT too. `--n` sends fewer.
"""

import argparse
import asyncio
import base64
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import psycopg
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks import city, provider
from benchmarks.running import analyze, migrated, postgres, report
from gateways.twilio import TwilioGateway
from lopso.kernel import db as database
from lopso.kernel.settings import TwilioSettings
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.service.policy import load_policy
from wordings.service.shipped import load_wordings

GOAL = 0.6
MOST_STATEMENTS = 0.05  # per message
TURNS = 10  # short ones: a machine that slows down for a while then slows both
GROUP = 400
CALLS = 64

EVE = city.NOW + timedelta(hours=8, minutes=30)  # 18h00
TOKEN = "t" * 32

# One text to each of n learners, spread over the sessions of the week after EVE.
FILL = """
    WITH place AS (
        SELECT id, ward_id, starts_at, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS of
        FROM class_session WHERE starts_at > :eve
    ), person AS (
        INSERT INTO learner (ward_id, full_name, name_key, sort_key, phone, phone_kind, registered_at)
        SELECT place.ward_id, 'Nguyễn Thị ' || i, 'nguyen thi ' || i, i::text,
               '+849' || lpad(i::text, 8, '0'), 'mobile', :eve
        FROM generate_series(CAST(:first AS int), CAST(:last AS int)) i JOIN place ON place.n = i % place.of
        RETURNING id, ward_id, phone, substr(phone, 5)::int AS i
    ), planned AS (
        INSERT INTO message (
            ward_id, session_id, session_version, purpose, message_class, to_phone, template_id, body,
            body_accented, encoding, segments, due_at, useless_after, reference, created_at
        )
        SELECT place.ward_id, place.id, 1, 'reminder_day_before', 'service', person.phone,
               (SELECT id FROM message_template WHERE code = 'reminder_day_before'),
               '14h00 thu Nam 26/11, Nha van hoa TDP 5: lop ky nang so. Kinh moi ba Nguyen Thi ' || person.i
               || ' den du. Hoi them: 0234 3823 456.',
               '14h00 thứ Năm 26/11, Nhà văn hóa TDP 5: lớp kỹ năng số. Kính mời bà Nguyễn Thị ' || person.i
               || ' đến dự. Hỏi thêm: 0234 3823 456.',
               'gsm7', 1, :eve, place.starts_at, gen_random_uuid(), :eve
        FROM person JOIN place ON place.n = person.i % place.of
        RETURNING id, to_phone
    )
    INSERT INTO message_recipient (message_id, learner_id)
    SELECT planned.id, person.id FROM planned JOIN person ON person.phone = planned.to_phone
"""


async def ours(engine: AsyncEngine, base_url: str, number: int) -> tuple[float, int]:
    """Seconds and statements for `number` due texts."""
    statements = 0

    def count(*_arguments: object) -> None:
        nonlocal statements
        statements += 1

    def count_if_said(connection: Connection) -> None:
        if not connection.connection.dbapi_connection.autocommit:  # pyright: ignore[reportOptionalMemberAccess, reportUnknownMemberType]  (psycopg's own)
            count()

    pool = engine.sync_engine
    counters = {"before_cursor_execute": count} | dict.fromkeys(
        ("begin", "commit", "rollback"), count_if_said
    )
    for name, counter in counters.items():
        event.listen(pool, name, counter)
    gateway = TwilioGateway(
        TwilioSettings(provider.ACCOUNT, TOKEN, "LopSo", base_url),
        public_url="https://lop-so.example.vn",
        clock=lambda: EVE,
        connections=CALLS,
    )
    dispatcher = Dispatcher(
        engine, ProviderPool(engine, lambda: EVE, [gateway]), lambda: EVE, segment_price=850
    )
    start = perf_counter()
    tally = await dispatcher.deliver_due()
    took = perf_counter() - start
    await gateway.close()
    for name, counter in counters.items():
        event.remove(pool, name, counter)
    assert tally == {"sent": number}, tally
    return took, statements


async def bare(url: str, base_url: str, number: int) -> float:
    """Seconds for `number` texts without the product."""
    where = url.replace("postgresql+psycopg://", "postgresql://")
    credentials = base64.b64encode(f"{provider.ACCOUNT}:{TOKEN}".encode()).decode()
    turns = asyncio.Semaphore(CALLS)
    async with (
        await psycopg.AsyncConnection.connect(where, autocommit=True) as connection,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CALLS), headers={"Authorization": f"Basic {credentials}"}
        ) as http,
    ):
        await connection.execute("DROP TABLE IF EXISTS bare_text")
        await connection.execute(
            "CREATE TABLE bare_text (id bigserial PRIMARY KEY, phone text, body text, state text, sid text)"
        )
        await connection.execute(
            "INSERT INTO bare_text (phone, body, state) SELECT to_phone, body, 'due' FROM message LIMIT %s",
            [number],
        )
        await connection.execute("CREATE INDEX ON bare_text (id) WHERE state = 'due'")
        await connection.execute("ANALYZE bare_text")

        async def send(phone: str, body: str) -> str:
            async with (
                turns,
                http.post(
                    base_url + provider.PATH, data={"To": phone, "Body": body, "From": "LopSo"}
                ) as answer,
            ):
                return (await answer.json())["sid"]

        start = perf_counter()
        sent = 0
        while True:
            claimed = await connection.execute(
                "UPDATE bare_text SET state = 'claimed' WHERE id IN (SELECT id FROM bare_text"
                " WHERE state = 'due' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id, phone, body",
                [GROUP],
            )
            rows = await claimed.fetchall()
            if not rows:
                break
            sids = await asyncio.gather(*(send(phone, body) for _id, phone, body in rows))
            await connection.execute(
                "UPDATE bare_text SET state = 'sent', sid = new.sid"
                " FROM unnest(%s::bigint[], %s::text[]) AS new (id, sid) WHERE bare_text.id = new.id",
                [[row[0] for row in rows], list(sids)],
            )
            sent += len(rows)
        took = perf_counter() - start
    assert sent == number, sent
    return took


async def measure(url: str, base_url: str, number: int) -> dict[str, Any]:
    """Both in turns, each the same number of texts in all."""
    engine = database.create_engine(url)
    async with database.session_maker(engine, {}).begin() as db:
        await city.build(db)
        await load_wordings(db, by=city.BY, now=city.NOW)
        await load_policy(db, by=city.BY, now=city.NOW)
    part = number // TURNS
    seconds, statements, least = 0.0, 0, 0.0
    for turn in range(TURNS):
        async with engine.begin() as connection:
            await connection.execute(
                text(FILL), {"eve": EVE, "first": turn * part + 1, "last": (turn + 1) * part}
            )
        await analyze(engine)
        least += await bare(url, base_url, part)
        took, counted = await ours(engine, base_url, part)
        seconds += took
        statements += counted
    await engine.dispose()
    sent = part * TURNS
    each = statements / sent
    rate, limit = sent / seconds, sent / least
    return {
        "measure": f"reminders due to recorded, {sent} texts, per second",
        "ours": round(rate),
        "limit": round(limit),
        "ratio": round(rate / limit, 2),
        "goal": GOAL,
        "statements_per_text": round(each, 4),
        "ok": rate / limit >= GOAL and each <= MOST_STATEMENTS,
    }


@contextmanager
def provider_process() -> Generator[str]:
    """The address of a provider that takes every text, in a process of its own."""
    taker = subprocess.Popen(  # noqa: S603  (our own file)
        [sys.executable, str(Path(__file__).with_name("provider.py"))], stdout=subprocess.PIPE, text=True
    )
    try:
        assert taker.stdout is not None
        yield f"http://127.0.0.1:{int(taker.stdout.readline())}"
    finally:
        taker.kill()
        taker.wait()


def main() -> int:
    """Print one line of JSON; 0 when the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000, help="texts to send")
    number: int = parser.parse_args().n
    with postgres() as (server, _folder), provider_process() as base_url:
        result = asyncio.run(measure(migrated(server), base_url, number))
    return report(result)


if __name__ == "__main__":
    sys.exit(main())
