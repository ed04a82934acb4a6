"""Further meetings of a series: extending it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from scheduling.errors import NotPossibleNow, RoomTaken
from scheduling.models import Series
from scheduling.queries.series import series_dates
from scheduling.rules.plan import SeriesPlan
from scheduling.rules.recurrence import LONGEST_SERIES, MOST_MEETINGS, Slot, WeeklyRule
from scheduling.service.courses import check_course_open
from scheduling.service.enrolments import enrol
from scheduling.service.places import lock_place
from scheduling.service.series import picked_dates
from scheduling.service.series_end import forget_end
from scheduling.service.sessions import insert_free, publish_sessions
from staffing.queries.series_model import SeriesModel, series_model
from staffing.rules.suitability import AssignmentRole
from staffing.service.offers import offer_assignments


@dataclass(frozen=True, slots=True)
class Extension:
    """Until when a series goes on, or by how many meetings, one of the two; and who goes on with it."""

    ends_on: date | None
    meetings: int | None
    learners: bool
    helpers: bool
    publish: bool


@dataclass(frozen=True, slots=True)
class FurtherMeetings:
    """What became of it.

    Attributes:
        session_ids: ascending.
        left_out: chosen dates whose room was taken meanwhile.
        waiting: how many learners wait for a seat in one of the new sessions at least.
        refusals: why helpers are not asked, a sentence each.
    """

    session_ids: tuple[int, ...]
    left_out: tuple[Slot, ...]
    waiting: int
    refusals: tuple[str, ...]


def extension_plan(model: SeriesModel, wanted: Extension, *, now: datetime) -> SeriesPlan:
    """The dates after the last meeting of a series, as a plan of their own.

    Raises:
        InvalidInput: it ends before it begins, goes on for too long, or has too many meetings.
    """
    starts_on = max(model.last_day + timedelta(days=1), local_day(now))
    if wanted.ends_on is not None and wanted.ends_on < starts_on:
        raise InvalidInput({"ends_on": _("Xin ghi một ngày sau buổi cuối của chuỗi và chưa qua.")})
    if wanted.ends_on is not None and wanted.ends_on > model.series.starts_on + LONGEST_SERIES:
        raise InvalidInput({"ends_on": _("Một chuỗi kéo dài nhiều nhất hai năm.")})
    if wanted.meetings is not None and len(model.starts) + wanted.meetings > MOST_MEETINGS:
        most = max(0, MOST_MEETINGS - len(model.starts))
        raise InvalidInput(
            {
                "meetings": _(
                    "Một chuỗi có nhiều nhất %(high)s buổi; thêm được %(n)s.", high=MOST_MEETINGS, n=most
                )
            }
        )
    rule = WeeklyRule(model.slots, starts_on, wanted.ends_on, wanted.meetings)
    return SeriesPlan(model.template, rule, skips_holidays=model.series.skips_holidays)


async def extend_series(
    db: AsyncSession,
    ward_id: str,
    series_id: int,
    wanted: Extension,
    *,
    picked: Collection[datetime],
    by: Actor,
    now: datetime,
) -> FurtherMeetings:
    """Add meetings after the last one of a series, like it. Does not commit.

    Those who take part in the last meeting go on where that is wanted: learners get a seat or wait, helpers
    are asked. Published ones tell each phone once, of seats and offers in all of them.

    Args:
        picked: starts (UTC) of the dates wanted.

    Raises:
        NotFound: no such series, or it has no meeting.
        InvalidInput: the rule gives no date, too many, or none was picked.
        NotPossibleNow: it goes on in another series, to which it was split; or a date picked is not
            possible any more.
        RoomTaken: the room is taken on every date.
    """
    await db.scalars(select(Series.id).where(Series.id == series_id).with_for_update())
    model = await series_model(db, ward_id, series_id)
    if model.later is not None:
        raise NotPossibleNow(_("Chuỗi này đã tách; hãy thêm buổi ở chuỗi sau khi tách."))
    plan = extension_plan(model, wanted, now=now)
    dates = await series_dates(db, ward_id, plan)
    possible = [
        each.slot
        for each in dates.planned
        if each.slot.starts_at > now and each.slot.starts_at not in model.starts
    ]
    slots = picked_dates(possible, picked)
    await check_course_open(db, ward_id, plan.details.course_id)
    await lock_place(db, ward_id, plan.details.place)
    made = await insert_free(db, ward_id, plan.details, slots, series_id=series_id, by=by, now=now)
    if not made:
        raise RoomTaken(_("Phòng đã có người đặt vào tất cả các ngày đã chọn; chưa lập buổi nào."))
    _extend_rule(model.series, made)
    ids = sorted(made.values())
    audit.note(db, model.series, "series.extended", by=by, now=now, sessions=ids)
    carried = only_wanted(model, learners=wanted.learners, helpers=wanted.helpers)
    waiting, refusals = await carry_over(db, ids, carried, by=by, now=now)
    if wanted.publish:
        await publish_sessions(db, ids, by=by, now=now)
    left_out = tuple(slot for slot in slots if slot not in made)
    return FurtherMeetings(tuple(ids), left_out, waiting, refusals)


def only_wanted(model: SeriesModel, *, learners: bool, helpers: bool) -> SeriesModel:
    """The model with only those who are wanted."""
    return replace(
        model, learners=model.learners if learners else (), helpers=model.helpers if helpers else ()
    )


async def carry_over(
    db: AsyncSession, session_ids: Sequence[int], model: SeriesModel, *, by: Actor, now: datetime
) -> tuple[int, tuple[str, ...]]:
    """Enrol the learners of `model` in these sessions and ask its helpers.

    Returns:
        How many learners wait in one of them, and why helpers were not asked.
    """
    waiting: set[int] = set()
    if model.learners:
        done = await enrol(db, session_ids, model.learners, by=by, now=now)
        waiting = {each.learner_id for each in done if each.state == "waitlisted"}
    refusals: list[str] = []
    roles: Sequence[AssignmentRole] = ("trainer", "helper")
    for role in roles:
        ids = [each.trainer.id for each in model.helpers if each.role == role]
        if ids:
            asked = await offer_assignments(db, session_ids, ids, role=role, agreed=False, by=by, now=now)
            refusals += [each.refusal for each in asked if each.refusal]
    return len(waiting), tuple(dict.fromkeys(refusals))


def _extend_rule(series: Series, made: Collection[Slot]) -> None:
    forget_end(series)
    if series.meetings is not None:
        series.meetings = min(MOST_MEETINGS, series.meetings + len(made))
    else:
        series.ends_on = max(series.ends_on or series.starts_on, *(slot.day for slot in made))
