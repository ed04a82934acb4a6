"""The board of a week in a ward with 1,200 helpers, against a bare handler giving its rows as JSON.

Twenty short sessions, each without a teacher and four helpers, so that forty places are ranked. The bare
handler reads the same sessions, the helpers with their hours, and what they hold that week, by four
statements. Both are asked in the same process through ASGI, turn by turn, on the same embedded PostgreSQL.
The page includes log-in, permissions, the frame and its HTML; so does the search by name.
"""

import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from litestar import Litestar, get
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from benchmarks import city
from benchmarks.asking import ask, count_statements, log_in, medians
from benchmarks.running import analyze, run
from lopso.application.app import create_app
from lopso.kernel import db as database
from lopso.kernel.clock import at, start_of_day
from lopso.kernel.settings import Settings
from lopso.kernel.text import fold, sort_key
from scheduling.models import Assignment, ClassSession
from trainers.models import Availability, Trainer

GOAL = 8.0
MOST_STATEMENTS = 13
ROUNDS = 40
WARM_UP = 5

WARD = "19753"
BOARD = f"/lich/{WARD}/xep-nguoi"
HELPERS = 1200
SHORT = 20
FIRST = at(city.MONDAY + timedelta(days=1), time(8))

ROWS = {
    "sessions": """
        SELECT s.id, s.title, s.place, s.starts_at, s.ends_at, s.need_trainers, s.need_helpers,
               s.published_at,
               count(a.id) FILTER (WHERE a.role = 'trainer') AS trainers,
               count(a.id) FILTER (WHERE a.role = 'helper') AS helpers
        FROM class_session s
        LEFT JOIN assignment a ON a.session_id = s.id AND a.state IN ('offered', 'accepted')
        WHERE s.ward_id = :ward AND s.starts_at >= :since AND s.starts_at < :until AND s.cancelled_at IS NULL
        GROUP BY s.id
        HAVING s.need_trainers > count(a.id) FILTER (WHERE a.role = 'trainer')
            OR s.need_helpers > count(a.id) FILTER (WHERE a.role = 'helper')
        ORDER BY s.starts_at, s.id
        LIMIT 20
    """,
    "helpers": """
        SELECT id, full_name, kind, sort_key, teaches_all FROM trainer
        WHERE ward_id = :ward AND left_at IS NULL ORDER BY sort_key, id
    """,
    "hours": """
        SELECT h.trainer_id, h.weekday, h.since, h.until FROM availability h
        JOIN trainer t ON t.id = h.trainer_id WHERE t.ward_id = :ward AND t.left_at IS NULL
    """,
    "held": """
        SELECT a.trainer_id, s.id, s.ward_id, s.title, s.starts_at, s.ends_at FROM assignment a
        JOIN class_session s ON s.id = a.session_id
        WHERE a.ward_id = :ward AND a.starts_at >= :since AND a.starts_at < :until
          AND a.state IN ('offered', 'accepted')
    """,
}


async def add_helpers(db: AsyncSession) -> None:
    """1,200 helpers, most of whom say when they are free; half hold a session of that week already."""
    chance = random.Random(2)
    names = [
        f"{chance.choice(city.FAMILY)} {chance.choice(city.GIVEN)} {number}" for number in range(HELPERS)
    ]
    helpers = [
        Trainer(
            ward_id=WARD,
            kind="team_member",
            full_name=name,
            name_key=fold(name),
            sort_key=sort_key(name),
            teaches_all=chance.random() < 0.5,
            enlisted_at=city.NOW,
        )
        for name in names
    ]
    full = [_session(FIRST + timedelta(hours=number), need=(0, 0)) for number in range(60)]
    short = [_session(FIRST + timedelta(hours=6 * number), need=(1, 4)) for number in range(SHORT)]
    db.add_all([*helpers, *full, *short])
    await db.flush()
    hours = [
        {"trainer_id": each.id, "weekday": day, "since": time(7), "until": time(chance.choice((12, 18, 22)))}
        for each in helpers
        if chance.random() < 0.8
        for day in chance.sample(range(7), 4)
    ]
    await db.execute(insert(Availability), hours)
    busy = chance.sample(helpers, HELPERS // 2)
    await db.execute(insert(Assignment), [_held(full[n % len(full)], each) for n, each in enumerate(busy)])


def _session(starts_at: Any, *, need: tuple[int, int]) -> ClassSession:
    return ClassSession(
        ward_id=WARD,
        kind="home_visit",
        title="Đến từng nhà: cài VNeID và thanh toán bằng mã QR",
        place="Tổ dân phố 3",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        original_start=starts_at,
        capacity=20,
        need_trainers=need[0],
        need_helpers=need[1],
        created_at=city.NOW,
        published_at=city.NOW,
    )


def _held(session: ClassSession, helper: Trainer) -> dict[str, object]:
    return {
        "ward_id": WARD,
        "session_id": session.id,
        "trainer_id": helper.id,
        "role": "helper",
        "state": "accepted",
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "offered_at": city.NOW,
        "answered_at": city.NOW,
    }


def bare(engine: AsyncEngine) -> Litestar:
    """The same rows without the product: four statements, plain dicts, JSON."""
    week = start_of_day(city.MONDAY)
    bounds = {"ward": WARD, "since": week, "until": week + timedelta(days=7)}
    statements = {name: text(statement) for name, statement in ROWS.items()}

    @get("/rows")
    async def rows() -> dict[str, list[dict[str, Any]]]:
        async with engine.connect() as connection:
            return {
                name: [dict(row) for row in (await connection.execute(statement, bounds)).mappings()]
                for name, statement in statements.items()
            }

    return Litestar([rows], logging_config=None, openapi_config=None)


@dataclass(frozen=True, slots=True)
class Requests:
    """The page, its search, and the bare handler, each checked."""

    app: Any
    rows: Litestar
    browser: Mapping[str, str]

    async def page(self) -> int:
        """The size of the page, in bytes."""
        status, body, _headers = await ask(
            self.app, f"{BOARD}?tuan={city.MONDAY}", headers=dict(self.browser)
        )
        sessions = body.count(b'<section class="board-session')
        assert (status, sessions) == (200, SHORT), (status, sessions)
        return len(body)

    async def search(self) -> None:
        """By name, as htmx asks."""
        typed = urlencode({"tuan": city.MONDAY, "q": "uon 7"}).encode()
        headers = {
            **self.browser,
            "content-type": "application/x-www-form-urlencoded",
            "hx-request": "true",
        }
        status, body, _headers = await ask(
            self.app, f"{BOARD}/tim", method="POST", body=typed, headers=headers
        )
        assert status == 200, status
        assert b"board-found" in body

    async def limit(self) -> None:
        """The rows alone."""
        status, body, _headers = await ask(self.rows, "/rows")
        assert status == 200
        assert body.count(b'"full_name":') >= HELPERS


async def measure(url: str, home: Path) -> dict[str, Any]:
    """All three, in turns; medians in milliseconds."""
    engine = database.create_engine(url)
    async with database.session_maker(engine, {}).begin() as db:
        await city.build(db, sessions=0)
        await add_helpers(db)
    await analyze(engine)
    settings = Settings(None, home, "http://127.0.0.1", "b" * 40, second_factor_roles=frozenset())
    app = create_app(settings, engine, clock=lambda: city.NOW)
    requests = Requests(app, bare(engine), await log_in(app, city.ADMIN, city.PASSWORD))
    works = {"page": requests.page, "search": requests.search, "limit": requests.limit}
    took = await medians(works, rounds=ROUNDS, warm_up=WARM_UP)
    size, statements = await requests.page(), await count_statements(engine, requests.page)
    await engine.dispose()
    return result(took, statements, size)


def result(took: Mapping[str, float], statements: int, size: int) -> dict[str, Any]:
    """The line of JSON."""
    ours, found, least = took["page"], took["search"], took["limit"]
    return {
        "measure": f"board of {SHORT} short sessions and {HELPERS} helpers, ms",
        "ours": round(ours, 2),
        "search": round(found, 2),
        "limit": round(least, 2),
        "ratio": round(ours / least, 2),
        "search_ratio": round(found / least, 2),
        "goal": GOAL,
        "statements": statements,
        "bytes": size,
        "ok": max(ours, found) / least <= GOAL and statements <= MOST_STATEMENTS,
    }


if __name__ == "__main__":
    sys.exit(run(measure))
