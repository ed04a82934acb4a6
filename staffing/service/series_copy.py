"""Copying a series to other dates, as drafts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from scheduling.errors import RoomTaken
from scheduling.queries.series import series_dates
from scheduling.rules.plan import SeriesPlan, SessionPlace, SessionTemplate
from scheduling.rules.recurrence import Slot, WeeklyRule
from scheduling.service.courses import check_course_open
from scheduling.service.places import lock_place
from scheduling.service.series import picked_dates, store_rule
from scheduling.service.sessions import insert_free
from staffing.queries.series_model import SeriesModel, series_model, template_of
from staffing.queries.skill_gaps import SkillGaps
from staffing.service.further_meetings import FurtherMeetings, carry_over, only_wanted


@dataclass(frozen=True, slots=True)
class SeriesCopy:
    """From when a copy of a series begins, in which room (None: where the original was), and with whom.

    `lacking`: of the learners only those who still lack a skill of the course.
    """

    starts_on: date
    room_id: int | None
    learners: bool
    helpers: bool
    lacking: bool = False


@dataclass(frozen=True, slots=True)
class CopiedSeries:
    """The copy, and what became of its dates and people."""

    series_id: int
    meetings: FurtherMeetings


def copy_plan(model: SeriesModel, wanted: SeriesCopy, *, now: datetime) -> SeriesPlan:
    """As many meetings as the original has, at its weekly times, from another day on.

    Raises:
        InvalidInput: that day is over.
    """
    if wanted.starts_on < local_day(now):
        raise InvalidInput({"starts_on": _("Ngày này đã qua; hãy chọn hôm nay hoặc một ngày sau.")})
    rule = WeeklyRule(model.slots, wanted.starts_on, None, len(model.standing))
    details = _placed(model.template, wanted)
    return SeriesPlan(details, rule, skips_holidays=model.series.skips_holidays)


async def copy_series(
    db: AsyncSession,
    ward_id: str,
    series_id: int,
    wanted: SeriesCopy,
    *,
    picked: Collection[datetime],
    gaps: SkillGaps | None = None,
    by: Actor,
    now: datetime,
) -> CopiedSeries:
    """Plan the meetings of a series once more from another day on, as drafts. Does not commit.

    Each is like the meeting of the same number: title, note, seats and need. Nobody is told; learners have
    their seats and helpers are asked once it is published.

    Args:
        picked: starts (UTC) of the dates wanted.
        gaps: who says which learners lack skills; needed where only those are wanted.

    Raises:
        NotFound: no such series, or it has no meeting; the room is closed.
        InvalidInput: its first day is over, or no date was picked.
        NotPossibleNow: a date picked is not possible any more.
        RoomTaken: the room is taken on every date.
    """
    model = await series_model(db, ward_id, series_id)
    plan = copy_plan(model, wanted, now=now)
    dates = [each.slot for each in (await series_dates(db, ward_id, plan)).planned]
    wanted_dates = picked_dates([slot for slot in dates if slot.starts_at > now], picked)
    slots = {slot: dates.index(slot) for slot in wanted_dates}
    await check_course_open(db, ward_id, plan.details.course_id)
    await lock_place(db, ward_id, plan.details.place)
    series = await store_rule(db, ward_id, plan.rule, plan, by=by, now=now)
    series.copied_from_id = series_id
    made: dict[Slot, int] = {}
    for details, theirs in _by_template(model, wanted, slots).items():
        made |= await insert_free(db, ward_id, details, theirs, series_id=series.id, by=by, now=now)
    if not made:
        raise RoomTaken(_("Phòng đã có người đặt vào tất cả các ngày đã chọn; chưa lập buổi nào."))
    ids = sorted(made.values())
    audit.note(db, series, "series.copied", by=by, now=now, original=series_id, sessions=ids)
    people = await people_of_copy(db, model, wanted, gaps)
    waiting, refusals = await carry_over(db, ids, people, by=by, now=now)
    left_out = tuple(slot for slot in slots if slot not in made)
    return CopiedSeries(series.id, FurtherMeetings(tuple(ids), left_out, waiting, refusals))


async def people_of_copy(
    db: AsyncSession, model: SeriesModel, wanted: SeriesCopy, gaps: SkillGaps | None
) -> SeriesModel:
    """The model with only those who are to take part in the copy; at most one statement."""
    people = only_wanted(model, learners=wanted.learners or wanted.lacking, helpers=wanted.helpers)
    if gaps is None or not wanted.lacking:
        return people
    lacking = await gaps.lacking(db, people.learners, model.last.course_id)
    return replace(people, learners=tuple(each for each in people.learners if each in lacking))


def _by_template(
    model: SeriesModel, wanted: SeriesCopy, slots: dict[Slot, int]
) -> dict[SessionTemplate, list[Slot]]:
    """The dates by what their meetings have in common: each like the original's of the same number."""
    found: dict[SessionTemplate, list[Slot]] = {}
    originals: Sequence[SessionTemplate] = [template_of(each) for each in model.standing]
    for slot, number in slots.items():
        details = replace(_placed(originals[number], wanted), place=_placed(model.template, wanted).place)
        found.setdefault(details, []).append(slot)
    return found


def _placed(details: SessionTemplate, wanted: SeriesCopy) -> SessionTemplate:
    if wanted.room_id is None:
        return details
    return replace(details, place=SessionPlace(room_id=wanted.room_id))
