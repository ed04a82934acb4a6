"""A weekly series becomes sessions, one row each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, RoomTaken
from scheduling.models import Series, SeriesSlot
from scheduling.queries.series import series_dates
from scheduling.rules.plan import SeriesPlan
from scheduling.rules.recurrence import Slot, WeeklyRule
from scheduling.service.courses import check_course_open
from scheduling.service.places import lock_place
from scheduling.service.sessions import insert_free


@dataclass(frozen=True, slots=True)
class PlannedSeries:
    """What became of a plan: ids of the sessions made, and the chosen dates whose room was taken."""

    series: Series
    session_ids: tuple[int, ...]
    left_out: tuple[Slot, ...]


async def plan_series(
    db: AsyncSession,
    ward_id: str,
    plan: SeriesPlan,
    *,
    picked: Collection[datetime] | None = None,
    by: Actor,
    now: datetime,
) -> PlannedSeries:
    """Plan the dates of a series as drafts; dates whose room is taken are left out. Does not commit.

    Args:
        picked: starts (UTC) of the dates wanted; None takes all that are not passed over.

    Raises:
        InvalidInput: the rule gives no date, or none was picked.
        NotPossibleNow: a date picked is not one of the rule's any more.
        RoomTaken: the room is taken on every date.
        NotFound: room, market or course are not this ward's, or closed.
    """
    dates = [each.slot for each in (await series_dates(db, ward_id, plan)).planned]
    wanted = picked_dates(dates, {slot.starts_at for slot in dates} if picked is None else picked)
    await check_course_open(db, ward_id, plan.details.course_id)
    await lock_place(db, ward_id, plan.details.place)
    series = await store_rule(db, ward_id, plan.rule, plan, by=by, now=now)
    made = await insert_free(db, ward_id, plan.details, wanted, series_id=series.id, by=by, now=now)
    if not made:
        raise RoomTaken(_("Phòng đã có người đặt vào tất cả các ngày đã chọn; chưa lập buổi nào."))
    ids = tuple(sorted(made.values()))
    left_out = tuple(slot for slot in wanted if slot not in made)
    left_out_starts = [slot.starts_at.isoformat() for slot in left_out]
    audit.note(db, series, "series.planned", by=by, now=now, sessions=list(ids), left_out=left_out_starts)
    return PlannedSeries(series, ids, left_out)


def picked_dates(possible: Iterable[Slot], picked: Collection[datetime]) -> list[Slot]:
    """The dates that were picked on a preview, in their order.

    Args:
        picked: their starts (UTC).

    Raises:
        InvalidInput: none was picked.
        NotPossibleNow: one is not possible any more; nothing that was picked is left out in silence.
    """
    if not picked:
        raise InvalidInput({"pick": _("Xin chọn ít nhất một ngày.")})
    wanted = [slot for slot in possible if slot.starts_at in picked]
    if len(wanted) < len(set(picked)):
        raise NotPossibleNow(
            _(
                "Có ngày đã chọn vừa không còn lập được nữa: đã thành ngày nghỉ, đã có buổi của chuỗi hoặc "
                "đã qua. Chưa lập buổi nào; xin xem lại các ngày bên dưới rồi bấm lần nữa."
            )
        )
    return wanted


async def store_rule(
    db: AsyncSession, ward_id: str, rule: WeeklyRule, plan: SeriesPlan, *, by: Actor, now: datetime
) -> Series:
    """A new series with its weekly times, flushed; it has no meetings yet."""
    series = Series(
        ward_id=ward_id,
        course_id=plan.details.course_id,
        starts_on=rule.starts_on,
        ends_on=rule.ends_on,
        meetings=rule.meetings,
        skips_holidays=plan.skips_holidays,
        created_at=now,
        created_by=by.user_id,
    )
    db.add(series)
    await db.flush()
    db.add_all(
        SeriesSlot(
            series_id=series.id,
            weekday=slot.weekday,
            starts_at=slot.starts_at,
            duration_minutes=slot.duration_minutes,
        )
        for slot in rule.slots
    )
    await db.flush()
    return series
