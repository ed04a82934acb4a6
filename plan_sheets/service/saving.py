"""The rows of a plan sheet become series, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from plan_sheets.models import SheetSeries
from plan_sheets.rules.decided_rows import DecidedRow
from plan_sheets.rules.known_series import KnownSeries, facts_of, place_key
from scheduling.errors import RoomTaken
from scheduling.rules.plan import SeriesPlan
from scheduling.service.courses import check_course_open
from scheduling.service.places import lock_place
from scheduling.service.series import store_rule
from scheduling.service.sessions import insert_free
from staffing.service.offers import offer_assignments


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What came of a plan sheet: ids of the series made, how many sessions, why helpers were not asked."""

    series_ids: tuple[int, ...]
    sessions: int
    refusals: tuple[str, ...]


async def lock_plan_of(db: AsyncSession, ward_id: str) -> None:
    """Let sheets of one ward be saved one after the other: the second sees what the first made."""
    await db.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"import plan {ward_id}"})


async def save_plan(
    db: AsyncSession, ward_id: str, rows: Sequence[DecidedRow], *, by: Actor, now: datetime
) -> SavedPlan:
    """Plan the rows that are new as drafts, and keep what the sheet says of those known. Does not commit.

    Raises:
        RoomTaken: a room was taken since the rows were decided on; nothing of the sheet is to be kept.
        NotFound: a room or a course was closed since.
    """
    new = [each for each in rows if each.state == "new"]
    for course_id in sorted({each.found.course or 0 for each in new}):
        await check_course_open(db, ward_id, course_id)
    for place in sorted({each.found.place for each in new if each.found.place}, key=place_key):
        await lock_place(db, ward_id, place)
    made: list[int] = []
    stated: list[tuple[KnownSeries, DecidedRow]] = []
    sessions = 0
    refusals: list[str] = []
    for each in new:
        series, ids = await _plan_row(db, ward_id, each, by=by, now=now)
        made.append(series.id)
        sessions += len(ids)
        refusals += await _ask_helper(db, each, ids, by=by, now=now)
        stated.append((series, each))
    stated += [(each.series, each) for each in rows if each.state == "known" and each.series is not None]
    await _keep(db, ward_id, stated, now)
    return SavedPlan(tuple(made), sessions, tuple(dict.fromkeys(refusals)))


async def _plan_row(
    db: AsyncSession, ward_id: str, row: DecidedRow, *, by: Actor, now: datetime
) -> tuple[KnownSeries, Sequence[int]]:
    rule, details = row.found.rule, row.found.details
    if rule is None or details is None:
        raise ValueError("a row that lacks something is not new")
    plan = SeriesPlan(details, rule, skips_holidays=True)
    series = await store_rule(db, ward_id, rule, plan, by=by, now=now)
    made = await insert_free(db, ward_id, details, row.slots, series_id=series.id, by=by, now=now)
    if len(made) < len(row.slots):
        raise RoomTaken(
            _(
                "Vừa có người đặt phòng của %(sheet)s, dòng %(row)s. Chưa lưu gì; xin xem lại.",
                sheet=row.found.file.sheet,
                row=row.found.file.number,
            )
        )
    ids = sorted(made.values())
    audit.note(db, series, "series.planned", by=by, now=now, sessions=ids, left_out=[])
    known = KnownSeries(
        id=series.id,
        course_id=details.course_id,
        title=details.title,
        place=place_key(details.place),
        times=rule.slots,
        starts_on=rule.starts_on,
        ends_on=rule.ends_on,
        meetings=rule.meetings,
        first=row.slots[0].day,
        last=row.slots[-1].day,
        total=len(row.slots),
        seats=details.capacity,
    )
    return known, ids


async def _ask_helper(
    db: AsyncSession, row: DecidedRow, session_ids: Sequence[int], *, by: Actor, now: datetime
) -> list[str]:
    """Ask the helper whom the row names; why not, a sentence each."""
    if row.found.helper is None:
        return []
    asked = await offer_assignments(
        db, session_ids, [row.found.helper], role="trainer", agreed=False, by=by, now=now
    )
    return [each.refusal for each in asked if each.refusal]


async def _keep(
    db: AsyncSession, ward_id: str, stated: Sequence[tuple[KnownSeries, DecidedRow]], now: datetime
) -> None:
    """Keep what the sheet says of its series, of one that is known only its words; one statement."""
    values = {
        series.id: {
            "series_id": series.id,
            "ward_id": ward_id,
            "texts": row.found.file.row.key,
            "facts": dict(series.stated_facts or facts_of(series)),
            "read_at": now,
        }
        for series, row in stated
    }
    if not values:
        return
    statement = insert(SheetSeries).values(list(values.values()))
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=["series_id"],
            set_={"texts": statement.excluded.texts, "read_at": statement.excluded.read_at},
        )
    )
