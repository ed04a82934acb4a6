"""The week of a city, 400 sessions: the whole page against a bare handler giving the same rows as JSON.

Both are asked in the same process through ASGI, turn by turn, on the same embedded PostgreSQL. The page
includes log-in, permissions, the frame and its HTML; statements are counted on the wire of the engine.
"""

import sys
from pathlib import Path
from typing import Any

from benchmarks import city
from benchmarks.asking import ask, bare_rows, count_statements, log_in, medians
from benchmarks.running import analyze, run
from lopso.application.app import create_app
from lopso.kernel import db as database
from lopso.kernel.clock import start_of_day
from lopso.kernel.settings import Settings

GOAL = 4.0
MOST_STATEMENTS = 4
ROUNDS = 60
WARM_UP = 10

ROWS = """
    SELECT s.id, s.ward_id, w.name AS ward, s.kind, s.title, s.room_id, r.name AS room, v.name AS venue,
           s.place, s.starts_at, s.ends_at, s.capacity, s.seats_taken, s.need_trainers, s.need_helpers,
           s.published_at, s.cancelled_at
    FROM class_session s
    JOIN ward w ON w.id = s.ward_id
    LEFT JOIN room r ON r.id = s.room_id
    LEFT JOIN venue v ON v.id = r.venue_id
    WHERE s.starts_at >= :since AND s.starts_at < :until
    ORDER BY s.starts_at, w.slug, s.id
"""


async def measure(url: str, home: Path) -> dict[str, Any]:
    """Both, in turns; medians in milliseconds."""
    engine = database.create_engine(url)
    async with database.session_maker(engine, {}).begin() as db:
        await city.build(db)
    await analyze(engine)
    settings = Settings(None, home, "http://127.0.0.1", "b" * 40, second_factor_roles=frozenset())
    app = create_app(settings, engine, clock=lambda: city.NOW)
    since = start_of_day(city.MONDAY)
    rows = bare_rows(engine, ROWS, {"since": since, "until": since + city.timedelta(days=7)})
    browser = await log_in(app, city.ADMIN, city.PASSWORD)

    async def page() -> int:
        status, body, _headers = await ask(app, f"/lich?tuan={city.MONDAY}", headers=browser)
        assert status == 200, status
        assert body.count(b'href="/buoi/') == 400, body.count(b'href="/buoi/')
        return len(body)

    async def limit() -> None:
        status, body, _headers = await ask(rows, "/rows")
        assert status == 200
        assert body.count(b'"title":') == 400

    took = await medians({"page": page, "limit": limit}, rounds=ROUNDS, warm_up=WARM_UP)
    size, statements = await page(), await count_statements(engine, page)
    await engine.dispose()
    ours, least = took["page"], took["limit"]
    return {
        "measure": "week page of 400 sessions, ms",
        "ours": round(ours, 2),
        "limit": round(least, 2),
        "ratio": round(ours / least, 2),
        "goal": GOAL,
        "statements": statements,
        "bytes": size,
        "ok": ours / least <= GOAL and statements <= MOST_STATEMENTS,
    }


if __name__ == "__main__":
    sys.exit(run(measure))
