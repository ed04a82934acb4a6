"""A roster of 30 saved in one request: the product against a bare handler doing the same insert.

The product's request finds out who is logged in, whether they help in this session, keeps the marks, tells
the listeners, writes the audit entry and counts the roll. The bare one decodes the same JSON and inserts the
same 30 rows. Both are asked in the same process through ASGI, turn by turn, on the same embedded PostgreSQL;
each round marks a session of its own, so that no table is fuller for one than for the other.
"""

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from litestar import Litestar, post
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from accounts import service as accounts
from attendance.models import AttendanceMark
from benchmarks.asking import ask, count_statements, log_in, timed
from benchmarks.running import analyze, run
from learners.models import Learner
from lopso.application.app import create_app
from lopso.application.reference import data
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.access import Role, system
from lopso.kernel.settings import Settings
from lopso.kernel.text import fold, sort_key
from scheduling.models import Assignment, ClassSession, Enrolment
from trainers.models import Trainer
from venues.service.reference import load_wards

GOAL = 3.0
MOST_STATEMENTS = 8
PEOPLE = 30
ROUNDS = 80
WARM_UP = 10

WARD = "19753"
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
HELPER = "phuoc@example.org"
PASSWORD = "con đò sông Hương"  # noqa: S105  (of an invented account in a throw-away database)
BY = system("benchmark")

BARE_INSERT = text("""
    INSERT INTO attendance_mark (ward_id, session_id, learner_id, mark, happened_at, recorded_at,
        recorded_by, client_id)
    SELECT :ward, :session, learner_id, mark, :now, :now, :by, client_id
    FROM unnest(CAST(:learners AS bigint[]), CAST(:marks AS text[]), CAST(:ids AS uuid[]))
        AS given (learner_id, mark, client_id)
    ON CONFLICT (client_id) DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class Classes:
    """Sessions to mark, the learners with a seat in each, and the helper's account."""

    sessions: Sequence[int]
    learners: Sequence[int]
    helper: int


async def build(db: AsyncSession, *, sessions: int) -> Classes:
    """A ward with one helper who helps in all `sessions`, an hour each, and the same learners in all."""
    await load_wards(db, data("hue_wards")["wards"])
    user = await accounts.add_user(db, name="Ngô Hữu Phước", password=PASSWORD, email=HELPER, by=BY, now=NOW)
    await accounts.grant_role(db, user.id, Role.TRAINER, WARD, by=BY, now=NOW)
    trainer = Trainer(
        ward_id=WARD,
        user_id=user.id,
        kind="digital_ambassador",
        full_name=user.name,
        name_key=fold(user.name),
        sort_key=sort_key(user.name),
        enlisted_at=NOW,
    )
    learners = [
        Learner(
            ward_id=WARD,
            full_name=name,
            name_key=fold(name),
            sort_key=sort_key(name),
            registered_at=NOW,
        )
        for name in (f"Công Tằng Tôn Nữ Thị Ngọc {number}" for number in range(PEOPLE))
    ]
    meetings = [_session(NOW - timedelta(hours=number + 1)) for number in range(sessions)]
    db.add_all([trainer, *learners, *meetings])
    await db.flush()
    for meeting in meetings:
        db.add(_assignment(meeting, trainer))
        seats = [_seat(meeting, learner) for learner in learners]
        await db.execute(insert(Enrolment), seats)
    return Classes([each.id for each in meetings], [each.id for each in learners], user.id)


def _session(starts_at: datetime) -> ClassSession:
    return ClassSession(
        ward_id=WARD,
        kind="home_visit",
        title="Đến từng nhà",
        place="Tổ dân phố 3",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        original_start=starts_at,
        capacity=PEOPLE,
        need_trainers=1,
        need_helpers=0,
        created_at=NOW,
        published_at=NOW,
    )


def _assignment(session: ClassSession, trainer: Trainer) -> Assignment:
    return Assignment(
        ward_id=WARD,
        session_id=session.id,
        trainer_id=trainer.id,
        role="trainer",
        state="accepted",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        offered_at=NOW,
        answered_at=NOW,
    )


def _seat(session: ClassSession, learner: Learner) -> dict[str, object]:
    return {
        "ward_id": WARD,
        "session_id": session.id,
        "learner_id": learner.id,
        "learner_ward_id": WARD,
        "state": "enrolled",
        "queued_at": NOW,
    }


def bare(engine: AsyncEngine, helper: int) -> Litestar:
    """The same rows without the product: JSON in, one INSERT, committed."""

    @post("/bare/{session_id:int}", status_code=200)
    async def marks(session_id: int, data: list[dict[str, Any]]) -> dict[str, int]:
        values = {
            "ward": WARD,
            "session": session_id,
            "now": NOW,
            "by": helper,
            "learners": [each["learner_id"] for each in data],
            "marks": [each["mark"] for each in data],
            "ids": [each["client_id"] for each in data],
        }
        async with engine.begin() as connection:
            await connection.execute(BARE_INSERT, values)
        return {"saved": len(data)}

    return Litestar([marks], logging_config=None, openapi_config=None)


def roster(learners: Sequence[int]) -> bytes:
    """What a phone sends: everybody, each mark with an id of its own."""
    marks = ("present", "present", "present", "late", "absent")
    return json.dumps(
        [
            {"learner_id": learner_id, "mark": marks[place % len(marks)], "client_id": str(uuid4())}
            for place, learner_id in enumerate(learners)
        ]
    ).encode()


async def measure(url: str, home: Path) -> dict[str, Any]:
    """Both, in turns; medians in milliseconds."""
    engine = database.create_engine(url)
    async with database.session_maker(engine, LISTENERS).begin() as db:
        classes = await build(db, sessions=2 * (ROUNDS + WARM_UP) + 1)
    await analyze(engine)
    settings = Settings(None, home, "http://127.0.0.1", "b" * 40, second_factor_roles=frozenset())
    app, limit_app = create_app(settings, engine, clock=lambda: NOW), bare(engine, classes.helper)
    browser = {**await log_in(app, HELPER, PASSWORD), "content-type": "application/json"}
    left = iter(classes.sessions)

    async def save(session_id: int, body: bytes) -> None:
        status, answer, _headers = await ask(
            app, f"/buoi/{session_id}/diem-danh/danh-sach", method="POST", body=body, headers=browser
        )
        assert status == 200, answer
        assert len(json.loads(answer)["saved"]) == PEOPLE

    async def save_bare(session_id: int, body: bytes) -> None:
        headers = {"content-type": "application/json"}
        status, answer, _headers = await ask(
            limit_app, f"/bare/{session_id}", method="POST", body=body, headers=headers
        )
        assert status == 200, answer

    ours: list[float] = []
    least: list[float] = []
    for number in range(WARM_UP + ROUNDS):
        one, other = next(left), next(left)
        body, bare_body = roster(classes.learners), roster(classes.learners)
        spent = await timed(lambda: save(one, body))  # noqa: B023  (awaited at once)
        bare_spent = await timed(lambda: save_bare(other, bare_body))  # noqa: B023  (awaited at once)
        if number >= WARM_UP:
            ours.append(spent)
            least.append(bare_spent)
    statements = await count_statements(engine, lambda: save(next(left), roster(classes.learners)))
    async with engine.connect() as connection:
        kept = await connection.scalar(select(func.count()).select_from(AttendanceMark))
    assert kept == PEOPLE * len(classes.sessions), kept
    await engine.dispose()
    ratio = statistics.median(ours) / statistics.median(least)
    return {
        "measure": f"roster of {PEOPLE} saved in one request, ms",
        "ours": round(statistics.median(ours), 2),
        "limit": round(statistics.median(least), 2),
        "ratio": round(ratio, 2),
        "goal": GOAL,
        "statements": statements,
        "ok": ratio <= GOAL and statements <= MOST_STATEMENTS,
    }


if __name__ == "__main__":
    sys.exit(run(measure))
