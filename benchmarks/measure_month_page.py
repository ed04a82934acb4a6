"""The month of a ward and of a city, 2,000 sessions in five weeks: each page against a bare handler that
gives the rows the page shows as JSON.

Asked turn by turn in one process through ASGI on the same embedded PostgreSQL, as in `measure_week_page.py`.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks import city
from benchmarks.asking import ask, bare_rows, count_statements, log_in, medians
from benchmarks.running import analyze, migrated, postgres, report
from lopso.application.app import create_app
from lopso.kernel import db as database
from lopso.kernel.clock import start_of_day
from lopso.kernel.settings import Settings

GOAL = 8.0
MOST_STATEMENTS = 4
ROUNDS = 60
WARM_UP = 10
WEEKS = 5
DAY = "date(timezone('Asia/Ho_Chi_Minh', s.starts_at))"

PEOPLE = """
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE role = 'trainer' AND state IN ('offered', 'accepted')) AS trainers,
               count(*) FILTER (WHERE role = 'helper' AND state IN ('offered', 'accepted')) AS helpers
        FROM assignment WHERE session_id = s.id
    ) people
"""
SHORT = "count(*) FILTER (WHERE people.trainers < s.need_trainers OR people.helpers < s.need_helpers)"

WARD_ROWS = f"""
    SELECT * FROM (
        SELECT s.id, s.title, s.starts_at, s.ends_at, r.name AS room, v.name AS venue, {DAY} AS day,
               count(*) OVER (PARTITION BY {DAY}) AS total, {SHORT} OVER (PARTITION BY {DAY}) AS short,
               row_number() OVER (PARTITION BY {DAY} ORDER BY s.starts_at, s.id) AS place
        FROM class_session s {PEOPLE}
        LEFT JOIN room r ON r.id = s.room_id
        LEFT JOIN venue v ON v.id = r.venue_id
        WHERE s.ward_id = :ward AND s.starts_at >= :since AND s.starts_at < :until
    ) days WHERE place <= 3 ORDER BY day, place
"""  # noqa: S608  (made of constants of this file)
CITY_ROWS = f"""
    SELECT {DAY} AS day, count(*) AS total, {SHORT} AS short
    FROM class_session s {PEOPLE}
    WHERE s.starts_at >= :since AND s.starts_at < :until GROUP BY day ORDER BY day
"""  # noqa: S608  (made of constants of this file)


async def build(engine: AsyncEngine) -> str:
    """Five weeks of a city; returns the code of a ward."""
    async with database.session_maker(engine, {}).begin() as db:
        await city.build(db)
        for week in range(1, WEEKS):
            await db.execute(text(_COPIED_SESSIONS), {"days": 7 * week, "monday": start_of_day(city.MONDAY)})
        await db.execute(text(_COPIED_ASSIGNMENTS))
        ward = await db.scalar(text("SELECT min(ward_id) FROM class_session"))
    await analyze(engine)
    return str(ward)


_COPIED_SESSIONS = """
    INSERT INTO class_session (ward_id, course_id, kind, title, room_id, starts_at, ends_at, original_start,
                               capacity, seats_taken, need_trainers, need_helpers, created_at, published_at,
                               note)
    SELECT ward_id, course_id, kind, title, room_id, starts_at + make_interval(days => :days),
           ends_at + make_interval(days => :days), starts_at + make_interval(days => :days),
           capacity, seats_taken, need_trainers, need_helpers, created_at, published_at, id::text
    FROM class_session WHERE starts_at < CAST(:monday AS timestamptz) + interval '7 days'
"""
_COPIED_ASSIGNMENTS = """
    INSERT INTO assignment (ward_id, session_id, trainer_id, role, state, starts_at, ends_at, offered_at,
                            answered_at)
    SELECT a.ward_id, s.id, a.trainer_id, a.role, a.state, s.starts_at, s.ends_at, a.offered_at, a.answered_at
    FROM class_session s JOIN assignment a ON s.note <> '' AND a.session_id = s.note::bigint
"""


async def measure(url: str, home: Path) -> list[dict[str, Any]]:
    """Both months; medians in milliseconds."""
    engine = database.create_engine(url)
    ward = await build(engine)
    settings = Settings(None, home, "http://127.0.0.1", "b" * 40, second_factor_roles=frozenset())
    app = create_app(settings, engine, clock=lambda: city.NOW)
    browser = await log_in(app, city.ADMIN, city.PASSWORD)
    since = start_of_day(city.MONDAY + city.timedelta(days=7))
    bounds = {"since": since, "until": since + city.timedelta(days=35)}
    day = "ngay=2026-12-01"
    results = [
        await _compare(
            "ward", app, browser, f"/lich/{ward}/thang?{day}", engine, WARD_ROWS, bounds | {"ward": ward}
        ),
        await _compare("city", app, browser, f"/lich/thang?{day}", engine, CITY_ROWS, bounds),
    ]
    await engine.dispose()
    return results


async def _compare(
    name: str,
    app: Any,
    browser: dict[str, str],
    path: str,
    engine: AsyncEngine,
    statement: str,
    bounds: dict[str, Any],
) -> dict[str, Any]:
    rows = bare_rows(engine, statement, bounds)

    async def page() -> int:
        status, body, _headers = await ask(app, path, headers=browser)
        assert status == 200, status
        assert body.count(b'class="counts"') >= 20, body.count(b'class="counts"')
        return len(body)

    async def limit() -> None:
        status, _body, _headers = await ask(rows, "/rows")
        assert status == 200

    took = await medians({"page": page, "limit": limit}, rounds=ROUNDS, warm_up=WARM_UP)
    size, statements = await page(), await count_statements(engine, page)
    ours, least = took["page"], took["limit"]
    return {
        "measure": f"month page of a {name}, ms",
        "ours": round(ours, 2),
        "limit": round(least, 2),
        "ratio": round(ours / least, 2),
        "goal": GOAL,
        "statements": statements,
        "bytes": size,
        "ok": ours / least <= GOAL and statements <= MOST_STATEMENTS,
    }


def main() -> int:
    """Print a line of JSON for each; 0 when the goals are met."""
    with postgres() as (server, folder):
        return report(*asyncio.run(measure(migrated(server), folder)))


if __name__ == "__main__":
    sys.exit(main())
