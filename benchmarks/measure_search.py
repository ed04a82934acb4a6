"""The search in the header among 1,000,000 learners against 1,000: hits while somebody types.

A coordinator of one ward and an administrator of all forty ask for names, parts of names, numbers, courses
and days, through the whole application, in turns in both databases of one embedded PostgreSQL.
"""

import asyncio
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from accounts import service as accounts
from benchmarks import city
from benchmarks.asking import ask, count_statements, log_in, timed
from benchmarks.running import migrated, postgres, report
from lopso.application.app import create_app
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.access import Role
from lopso.kernel.settings import Settings

GOAL = 1.5
FEW, MANY = 1_000, 1_000_000
ROUNDS, WARM_UP = 20, 6
COORDINATOR = "dieu-phoi@example.org"
WARD = "19753"
TYPED = (
    "hoa", "Nguyễn", "nguyen thi hoa", "thị hoà", "le hoa", "tôn nữ ưỡn", "thi", "h", "không ai cả",
    "tôn ngọ", "nguyễn ngọ", "tôn n", "0912", "912345678", "678", "vneid", "24/11", "nha van hoa",
)  # fmt: skip

FAMILY = "Nguyễn,Nguyễn,Nguyễn,Nguyễn,Trần,Lê,Phạm,Hoàng,Tôn Nữ,Võ"
MIDDLE = "Thị,Thị,Thị,Văn,Thị Ngọc,Hữu"
GIVEN = (
    "Hoa,Lan,Ánh,Bình,Cúc,Diệp,Dung,Gái,Hà,Hạnh,Hiền,Hường,Khánh,Lài,Lộc,Mai,Minh,Nga,Sen,Tâm,Ưỡn,Yến,Đào,Hoà"
)
FOLDED = (
    "translate(normalize(lower(full_name), NFD), 'đ\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323', 'd')"
)
FILL = f"""
    INSERT INTO learner (ward_id, full_name, name_key, sort_key, birth_year, phone, phone_kind, registered_at)
    SELECT ward_id, full_name, {FOLDED}, {FOLDED}, 1940 + chance % 60,
        '+849' || lpad((chance % 100000000)::text, 8, '0'), 'mobile', now()
    FROM (
        SELECT wards.ids[1 + number % cardinality(wards.ids)] AS ward_id, chance,
            family.names[1 + (chance >> 3) % cardinality(family.names)]
            || ' ' || middle.names[1 + (chance >> 9) % cardinality(middle.names)]
            || ' ' || given.names[1 + (chance >> 15) % cardinality(given.names)] AS full_name
        FROM generate_series(1, :learners) AS number,
            LATERAL (SELECT abs(hashint4(number)) AS chance) AS chances,
            (SELECT array_agg(id ORDER BY id) AS ids FROM ward) AS wards,
            (SELECT string_to_array(:family, ',') AS names) AS family,
            (SELECT string_to_array(:middle, ',') AS names) AS middle,
            (SELECT string_to_array(:given, ',') AS names) AS given
    ) AS people
"""  # noqa: S608  (only our own constants are put in)


@dataclass
class Side:
    """A database of one size, the application on it, and the browsers of its two readers."""

    engine: AsyncEngine
    app: Litestar
    browsers: Sequence[dict[str, str]] = ()
    spent: list[float] = field(default_factory=list[float])


async def side(url: str, home: Path, learners: int) -> Side:
    """A migrated database with a city and so many learners."""
    engine = database.create_engine(url)
    async with database.session_maker(engine, LISTENERS).begin() as db:
        await city.build(db)
        user = await accounts.add_user(
            db, name="Lê Hà", password=city.PASSWORD, email=COORDINATOR, by=city.BY, now=city.NOW
        )
        await accounts.grant_role(db, user.id, Role.COORDINATOR, WARD, by=city.BY, now=city.NOW)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await _fill(connection, learners)
        await connection.execute(text("VACUUM ANALYZE"))
    settings = Settings(None, home, "http://127.0.0.1", "b" * 40, second_factor_roles=frozenset())
    app = create_app(settings, engine, clock=lambda: city.NOW)
    browsers = [await log_in(app, email, city.PASSWORD) for email in (COORDINATOR, city.ADMIN)]
    return Side(engine, app, browsers)


async def _fill(connection: AsyncConnection, learners: int) -> None:
    """Insert learners; their indexes are made afterwards, which is much quicker."""
    found = await connection.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'learner'"
            " AND indexname LIKE 'ix_learner_%'"
        )
    )
    indexes = [(row.indexname, row.indexdef) for row in found]
    for name, _definition in indexes:
        await connection.execute(text(f"DROP INDEX {name}"))
    names = {"family": FAMILY, "middle": MIDDLE, "given": GIVEN}
    await connection.execute(text(FILL), {"learners": learners, **names})
    for _name, definition in indexes:
        await connection.exec_driver_sql(definition)


async def search(side: Side, browser: dict[str, str], typed: str) -> None:
    """Ask for the list under the field."""
    headers = {**browser, "content-type": "application/x-www-form-urlencoded"}
    body = urlencode({"q": typed, "phuong": WARD}).encode()
    status, answer, _headers = await ask(side.app, "/tim/goi-y", method="POST", body=body, headers=headers)
    assert status == 200, answer


async def round_of(side: Side) -> float:
    """Every search by both readers; milliseconds of one of them on average."""
    spent = [
        await timed(lambda: search(side, browser, typed))  # noqa: B023  (awaited at once)
        for typed in TYPED
        for browser in side.browsers
    ]
    return statistics.mean(spent)


async def measure(few_url: str, many_url: str, home: Path) -> dict[str, Any]:
    """Both, in turns; medians in milliseconds."""
    few, many = await side(few_url, home, FEW), await side(many_url, home, MANY)
    for number in range(WARM_UP + ROUNDS):
        for each in (few, many):
            spent = await round_of(each)
            if number >= WARM_UP:
                each.spent.append(spent)
    statements = [
        await count_statements(each.engine, partial(search, each, each.browsers[0], TYPED[0]))
        for each in (few, many)
    ]
    for each in (few, many):
        await each.engine.dispose()
    ratio = statistics.median(many.spent) / statistics.median(few.spent)
    return {
        "measure": f"a search among {MANY:,} learners against {FEW:,}, ms",
        "ours": round(statistics.median(many.spent), 2),
        "limit": round(statistics.median(few.spent), 2),
        "ratio": round(ratio, 2),
        "goal": GOAL,
        "statements": statements,
        "ok": ratio <= GOAL and statements[0] == statements[1] <= 3,
    }


def main() -> int:
    """Print one line of JSON; 0 when the goal is met."""
    with postgres() as (server, folder):
        few, many = migrated(server, "few"), migrated(server, "many")
        result = asyncio.run(measure(few, many, folder))
    return report(result)


if __name__ == "__main__":
    sys.exit(main())
