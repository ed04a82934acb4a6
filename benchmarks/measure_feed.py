"""A calendar feed of 200 sessions: sent whole against `ics` alone, and unchanged against a bare handler.

Whole: one request through ASGI (secret, rights, rows, text, all uncached) beside `ics` building and writing
the same 200 events, without any request or database. Unchanged: the same request with the tag of the first
answer, which must still find out that nothing changed, beside a bare handler.

The bare handler is an application of Litestar with nothing around its routes (no middleware, guard,
dependency, hook or header of ours) on an engine made as ours is. It answers 304 after one statement in a
transaction of its own, which hashes session and asking of all 200 rows: three tables. It does less than the
feed must: it reads no names of rooms, venues, markets and wards, so that a renamed place would go unnoticed,
does not look whether the helper left or the account was disabled, and never compares a tag. The feed's own
statement runs without a transaction around it; what the bare one takes that way, what it takes to read one
row by its key, and to ask no database at all, are given too, for comparison and as no goal.
All in the same process, turn by turn, on the same embedded PostgreSQL.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

# ics ships no type stubs.
from ics import Calendar, Event  # pyright: ignore[reportMissingTypeStubs]  (it ships none)
from litestar import Litestar, get
from litestar.response import Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from benchmarks import city
from benchmarks.asking import ask, count_statements, medians
from benchmarks.running import analyze, run
from invitations.queries.feeds import (
    LOOKS_AHEAD,
    LOOKS_BACK,
    FeedEntry,
    feed,
)
from invitations.rules.feeds import FeedOwner
from invitations.service.feeds import create_feed, token_hash
from lopso.application.app import create_app
from lopso.application.reference import data
from lopso.kernel import db as database
from lopso.kernel.access import Role, system
from lopso.kernel.settings import Settings
from scheduling.models import Assignment, ClassSession
from trainers.models import Trainer
from venues.models import Room, Venue
from venues.service.reference import load_wards

GOAL = 1.5
UNCHANGED_GOAL = 2.0
SESSIONS = 200
ROUNDS = 100
WARM_UP = 30  # the database keeps a plan after some

WARD = "19753"
# What a careful hand would write to find out whether this helper's sessions changed.
CHANGED = """
    SELECT sum(hash_record_extended(row(s.id, s.version, s.title, s.starts_at, s.cancelled_at, a.state), 0))
    FROM calendar_token t
    JOIN assignment a ON a.trainer_id = t.trainer_id AND a.starts_at > :since AND a.starts_at < :until
    JOIN class_session s ON s.id = a.session_id AND s.published_at IS NOT NULL
    WHERE t.token_hash = :hash AND t.revoked_at IS NULL
"""

BY = system("benchmark", [Role.CITY_ADMIN])


async def build(db: AsyncSession) -> tuple[FeedOwner, str]:
    """A helper who is in 200 sessions of the coming months, one a day, and the secret of their feed."""
    await load_wards(db, data("hue_wards")["wards"])
    venue = Venue(
        ward_id=WARD,
        name="Nhà văn hóa Tổ dân phố 5",
        name_key="nha van hoa to dan pho 5",
        address="12 Đinh Tiên Hoàng",
        landmark="cạnh trường mầm non Hoa Sen",
    )
    helper = Trainer(
        ward_id=WARD,
        kind="team_member",
        full_name="Trần Thị Lành",
        name_key="tran thi lanh",
        sort_key="lanh",
        enlisted_at=city.NOW,
    )
    db.add_all([venue, helper])
    await db.flush()
    room = Room(ward_id=WARD, venue_id=venue.id, name="Hội trường", name_key="hoi truong", seats=30)
    db.add(room)
    await db.flush()
    for number in range(SESSIONS):
        starts_at = city.NOW + timedelta(days=number, hours=5)
        session = ClassSession(
            ward_id=WARD,
            kind="mass_event",
            title=city.COURSES[number % len(city.COURSES)],
            room_id=room.id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            original_start=starts_at,
            capacity=25,
            need_trainers=1,
            need_helpers=4,
            created_at=city.NOW,
            published_at=city.NOW,
        )
        db.add(session)
        await db.flush()
        db.add(
            Assignment(
                ward_id=WARD,
                session_id=session.id,
                trainer_id=helper.id,
                role="helper",
                state="accepted",
                starts_at=session.starts_at,
                ends_at=session.ends_at,
                offered_at=city.NOW,
                answered_at=city.NOW,
            )
        )
    owner = FeedOwner("trainer", helper.id, WARD)
    return owner, await create_feed(db, owner, by=BY, now=city.NOW)


def ics_alone(entries: Sequence[FeedEntry]) -> str:
    """The same events as `ics` writes them, with nothing mended."""
    events = [
        Event(
            uid=f"buoi-{entry.session_id}.nguoi-1@lopso",
            name=entry.title,
            begin=entry.starts_at,
            end=entry.ends_at,
            created=city.NOW,
            location=entry.place,
            description="Việc của bạn: người hỗ trợ.\nCó gì thay đổi, gọi 0234 3823 456.",
            url="http://127.0.0.1/viec-cua-toi",
            status="CONFIRMED",
            transparent=False,
        )
        for entry in entries
    ]
    return Calendar(events=events).serialize()


def bare(engine: AsyncEngine, secret: str) -> Litestar:
    """304 without the product: finding out what changed, reading a row by its key, asking no database."""
    row = text("SELECT content_hash FROM calendar_token WHERE token_hash = :hash")
    changed, key = text(CHANGED), {"hash": token_hash(secret)}
    period = {**key, "since": city.NOW - LOOKS_BACK, "until": city.NOW + LOOKS_AHEAD}

    @get("/changed", status_code=304)
    async def with_check() -> Response[None]:
        async with engine.begin() as connection:
            stamp = (await connection.execute(changed, period)).scalar_one()
        return Response(None, status_code=304, headers={"etag": f'"{stamp}"'})

    @get("/alone", status_code=304)
    async def without_transaction() -> Response[None]:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            stamp = (await connection.execute(changed, period)).scalar_one()
        return Response(None, status_code=304, headers={"etag": f'"{stamp}"'})

    @get("/row", status_code=304)
    async def with_row() -> Response[None]:
        async with engine.begin() as connection:
            content: bytes = (await connection.execute(row, key)).scalar_one()
        return Response(None, status_code=304, headers={"etag": f'"{content.hex()}"'})

    @get("/nothing", status_code=304)
    async def nothing() -> Response[None]:
        return Response(None, status_code=304, headers={"etag": '"x"'})

    return Litestar(
        [with_check, without_transaction, with_row, nothing], logging_config=None, openapi_config=None
    )


@dataclass
class Requests:
    """What is timed; each method makes one request and looks at its answer.

    Attributes:
        bare: the handlers without the product.
        entries: the rows that `ics` writes.
        tag: of the first answer of the feed.
    """

    app: Litestar
    bare: Litestar
    path: str
    entries: Sequence[FeedEntry]
    tag: str = ""

    async def whole(self) -> int:
        """The feed as somebody gets it who has none; its bytes."""
        status, body, headers = await ask(self.app, self.path)
        assert status == 200, status
        assert body.count(b"BEGIN:VEVENT") == SESSIONS
        self.tag = dict(headers)[b"etag"].decode()
        return len(body)

    async def ics(self) -> None:
        assert ics_alone(self.entries).count("BEGIN:VEVENT") == SESSIONS

    async def unchanged(self) -> None:
        status, body, _headers = await ask(self.app, self.path, headers={"if-none-match": self.tag})
        assert (status, body) == (304, b""), status

    async def of_bare(self, path: str) -> None:
        assert (await ask(self.bare, path))[0] == 304

    def works(self) -> dict[str, Callable[[], Awaitable[object]]]:
        """By name, in the order of a turn."""
        own: dict[str, Callable[[], Awaitable[object]]] = {
            "whole": self.whole,
            "ics": self.ics,
            "unchanged": self.unchanged,
        }
        return own | {
            name: partial(self.of_bare, f"/{name}") for name in ("changed", "alone", "row", "nothing")
        }


async def measure(url: str, home: Path) -> dict[str, Any]:
    """All of them, in turns; medians in milliseconds."""
    engine = database.create_engine(url)
    owner, secret = await filled(engine)
    async with database.session_maker(engine, {})() as db:
        entries = await feed(db, owner, now=city.NOW)
    assert len(entries) == SESSIONS
    beside = database.create_engine(url)  # bare handlers have connections and plans of their own
    settings = Settings(None, home, "http://127.0.0.1", "b" * 40)
    app = create_app(settings, engine, clock=lambda: city.NOW)
    requests = Requests(app, bare(beside, secret), f"/lich-rieng/{secret}.ics", entries)
    size = await requests.whole()
    took = await medians(requests.works(), rounds=ROUNDS, warm_up=WARM_UP)
    counts = [await count_statements(engine, each) for each in (requests.whole, requests.unchanged)]
    await engine.dispose()
    await beside.dispose()
    return result(took, counts, size)


async def filled(engine: AsyncEngine) -> tuple[FeedOwner, str]:
    """The owner and the secret of `build`, in a database that knows the size of its tables."""
    async with database.session_maker(engine, {}).begin() as db:
        built = await build(db)
    await analyze(engine)
    return built


def result(took: Mapping[str, float], counts: Sequence[int], size: int) -> dict[str, Any]:
    """The line of JSON.

    Args:
        counts: statements of the whole feed and of the unchanged one.
        size: bytes of the feed.
    """
    ratio, unchanged_ratio = took["whole"] / took["ics"], took["unchanged"] / took["changed"]
    return {
        "measure": f"calendar feed of {SESSIONS} sessions, ms",
        "ours": round(took["whole"], 2),
        "limit": round(took["ics"], 2),
        "ratio": round(ratio, 2),
        "goal": GOAL,
        "statements": counts[0],
        "bytes": size,
        "unchanged": {
            "ours": round(took["unchanged"], 2),
            "limit": round(took["changed"], 2),
            "ratio": round(unchanged_ratio, 2),
            "goal": UNCHANGED_GOAL,
            "statements": counts[1],
            "limit_without_transaction": round(took["alone"], 2),
            "one_row_by_key": round(took["row"], 2),
            "without_a_database": round(took["nothing"], 2),
        },
        "ok": ratio <= GOAL and unchanged_ratio <= UNCHANGED_GOAL and max(counts) <= 2,
    }


if __name__ == "__main__":
    sys.exit(run(measure))
