"""Cancelling a storm day in the whole city, against the bare statements that store the same.

Forty wards with ten sessions of twenty-five learners each, all with a mobile of their own. Timed is what the
worker does: every ward in a transaction of its own, with assignments ended, reminders withdrawn and audit.
The bare work writes as many cancelled sessions, messages and recipients as the product did, by one
statement for each table and ward. Also timed: the preview of the texts, which writes nothing. `cpu_seconds`
are those of the worker without the database; a busy machine stretches them less.
"""

import sys
import time as clock_time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import city
from benchmarks.running import analyze, run
from learners.models import Learner
from lopso.application.upkeep import close_all
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.clock import local_day
from lopso.kernel.text import fold, sort_key
from notifications.models import Message
from notifications.service.closure_preview import preview_closure
from scheduling.models import SESSION_KINDS, ClassSession, Enrolment
from scheduling.queries.closures import closed_sessions
from scheduling.rules.closures import ClosurePlan
from scheduling.service.closures import start_closure
from scheduling.service.sessions import publish_sessions
from venues.models import Ward
from wordings.service.shipped import load_wordings

GOAL_SECONDS = 5.0
LEARNERS = 25
TOMORROW = city.MONDAY + timedelta(days=1)
PLAN_DAYS = (TOMORROW, TOMORROW + timedelta(days=6))


async def add_learners(db: AsyncSession) -> None:
    """Twenty-five people for every session, each in that one only."""
    sessions = (
        await db.execute(select(ClassSession.id, ClassSession.ward_id).order_by(ClassSession.id))
    ).all()
    await db.execute(update(ClassSession).values(seats_taken=0, capacity=LEARNERS, published_at=None))
    number = 0
    for session_id, ward_id in sessions:
        names = [f"Nguyễn Thị {number + each}" for each in range(LEARNERS)]
        rows = [
            {
                "ward_id": ward_id,
                "full_name": name,
                "name_key": fold(name),
                "sort_key": sort_key(name),
                "phone": f"+8490{number + each:07d}",
                "phone_kind": "mobile",
                "registered_at": city.NOW,
            }
            for each, name in enumerate(names)
        ]
        ids = (await db.scalars(insert(Learner).returning(Learner.id), rows)).all()
        await db.execute(
            insert(Enrolment),
            [
                {
                    "ward_id": ward_id,
                    "session_id": session_id,
                    "learner_id": each,
                    "learner_ward_id": ward_id,
                    "state": "enrolled",
                    "queued_at": city.NOW,
                }
                for each in ids
            ],
        )
        number += LEARNERS
    for ward_id in dict.fromkeys(ward for _session, ward in sessions):
        await publish_sessions(
            db, [each for each, ward in sessions if ward == ward_id], by=city.BY, now=city.NOW
        )


async def bare(db: AsyncSession, ward_id: str) -> None:
    """The rows that the product wrote for a ward, written once more under other keys, and nothing else."""
    await db.execute(
        text("UPDATE class_session SET version = version + 1 WHERE ward_id = :ward"), {"ward": ward_id}
    )
    copied = ", ".join(
        each.name
        for each in Message.__table__.columns
        if each.name not in ("id", "repeat", "reference") and each.computed is None
    )
    await db.execute(
        text(
            f"INSERT INTO message ({copied}, repeat, reference)"  # noqa: S608  (our own columns)
            f" SELECT {copied}, 9, gen_random_uuid() FROM message"
            " WHERE ward_id = :ward AND purpose IN ('session_cancelled', 'helper_cancelled')"
        ),
        {"ward": ward_id},
    )
    await db.execute(
        text(
            "INSERT INTO message_recipient (message_id, learner_id, trainer_id)"
            " SELECT copy.id, r.learner_id, r.trainer_id FROM message_recipient r"
            " JOIN message original ON original.id = r.message_id"
            " JOIN message copy ON copy.session_id = original.session_id AND copy.purpose = original.purpose"
            " AND copy.to_phone = original.to_phone AND copy.repeat = 9"
            " WHERE original.ward_id = :ward AND original.repeat <> 9"
        ),
        {"ward": ward_id},
    )


async def measure(url: str, _folder: Path) -> dict[str, Any]:
    """Build the city, close it, report."""
    engine = database.create_engine(url)
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions.begin() as db:
        await load_wordings(db, by=city.BY, now=city.NOW)
        await city.build(db, monday=TOMORROW)
        await add_learners(db)
    await analyze(engine)
    wards = []
    async with sessions() as db:
        wards = list(await db.scalars(select(Ward.id).order_by(Ward.id)))
        plan = ClosurePlan(tuple(wards), *PLAN_DAYS, SESSION_KINDS)
        ids = list(await db.scalars(closed_sessions(plan, now=city.NOW).with_only_columns(ClassSession.id)))
        began = clock_time.perf_counter()
        seen = await preview_closure(db, ids, "Mưa bão", now=city.NOW)
        preview_seconds = clock_time.perf_counter() - began
    began, worked = clock_time.perf_counter(), clock_time.process_time()
    async with sessions.begin() as db:
        await start_closure(db, plan, reason="Mưa bão", by=city.BY, now=city.NOW)
    await close_all(sessions, lambda: city.NOW)
    seconds, cpu_seconds = clock_time.perf_counter() - began, clock_time.process_time() - worked
    async with sessions() as db:
        texts = await db.scalar(
            select(func.count()).where(
                Message.purpose.in_(("session_cancelled", "helper_cancelled")), Message.state == "planned"
            )
        )
        cancelled = await db.scalar(select(func.count()).where(ClassSession.cancelled_at.is_not(None)))
    began = clock_time.perf_counter()
    for ward_id in wards:
        async with sessions.begin() as db:
            await bare(db, ward_id)
    bare_seconds = clock_time.perf_counter() - began
    await engine.dispose()
    return {
        "measure": "storm",
        "day": local_day(city.NOW).isoformat(),
        "wards": len(wards),
        "sessions": cancelled,
        "texts": texts,
        "previewed": seen.count,
        "seconds": round(seconds, 2),
        "goal_seconds": GOAL_SECONDS,
        "cpu_seconds": round(cpu_seconds, 2),
        "preview_seconds": round(preview_seconds, 2),
        "bare_seconds": round(bare_seconds, 2),
        "ratio": round(seconds / bare_seconds, 2),
        "ok": seconds <= GOAL_SECONDS and texts == seen.count,
    }


if __name__ == "__main__":
    sys.exit(run(measure))
