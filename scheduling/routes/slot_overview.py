"""What a session's form shows beside its fields: the room then, who could come, what is unusual."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from scheduling.forms.plans import WITHOUT_ROOM, numbers_of
from scheduling.forms.sessions import SessionForm, slot_as_typed
from scheduling.labels.slot_overview import (
    SlotOverview,
    day_notes,
    free_rooms_label,
    room_overview,
    when_label,
)
from scheduling.models import ClassSession
from scheduling.queries.availability import HelperAvailability, StaffWanted
from scheduling.queries.choices import Choices
from scheduling.queries.holidays import days_off
from scheduling.queries.room_day import bookings_of_day, taken_rooms
from scheduling.rules.places import place_name
from scheduling.rules.recurrence import Slot
from venues.models import Room

WHEN_AND_WHERE = ("day", "thu", "since", "until", "room", "course", "place")
NUMBERS = ("capacity", "need_trainers", "need_helpers")


@dataclass(frozen=True, slots=True)
class OverviewFacts:
    """What the overview follows.

    Attributes:
        typed: the form, with the default of every field in place of what makes no sense there.
        errors: the sentences of fields that make no sense, by name.
        minutes: how long the session takes while no end is typed.
        course_id: what is taught.
        session: the one that is being changed, which holds neither its room nor its helpers.
    """

    typed: SessionForm
    errors: Mapping[str, str]
    minutes: int
    course_id: int | None
    session: ClassSession | None = None


@dataclass(frozen=True, slots=True)
class FormContext:
    """What a form of one session is shown with, besides what was typed."""

    db: AsyncSession
    ward_id: str
    offered: Choices
    availability: HelperAvailability
    by: Actor
    now: datetime


async def slot_overview(context: FormContext, facts: OverviewFacts) -> SlotOverview:
    """What is known about the day, time, room and people typed so far; at most eleven statements."""
    typed, errors = facts.typed, facts.errors
    wrong = [("warn", errors[name]) for name in ("day", "since", "until") if name in errors]
    if typed.day is None:
        return SlotOverview(notes=wrong)
    slot, missing = slot_as_typed(typed, facts.minutes)
    if not wrong:
        wrong = [("info" if name == "since" else "warn", said) for name, said in missing.items()]
    off = await days_off(context.db, ward_id=context.ward_id, since=typed.day, until=typed.day)
    unusual = day_notes(typed.day, slot, off.get(typed.day), now=context.now)
    found = SlotOverview(when_label(typed.day, slot), [*wrong, *unusual])
    if typed.kind not in WITHOUT_ROOM:
        found = await _with_room(context, facts, found, typed.day, slot)
    if slot is not None and slot.starts_at > context.now:
        wanted = _staff_wanted(context, facts, slot)
        found = replace(found, staff=await context.availability.overview(context.db, wanted, by=context.by))
    return found


def _staff_wanted(context: FormContext, facts: OverviewFacts, slot: Slot) -> StaffWanted:
    _seats, trainers, helpers = numbers_of(facts.typed, context.offered)
    session_id = facts.session.id if facts.session else None
    return StaffWanted(context.ward_id, facts.course_id, slot, trainers, helpers, session_id)


async def _with_room(
    context: FormContext, facts: OverviewFacts, found: SlotOverview, day: date, slot: Slot | None
) -> SlotOverview:
    without = [facts.session.id] if facts.session else []
    room = context.offered.rooms.get(facts.typed.room or 0)
    if room is None:
        free = await _free_rooms(context, slot, without, others=False)
        return replace(found, no_room=_no_room(facts.typed), free_rooms=free)
    held = await bookings_of_day(context.db, room.id, day, slot=slot, without=without)
    overview = room_overview(_name(room), held, day=day, slot=slot)
    free = await _free_rooms(context, slot, without, others=True) if overview.taken else ""
    return replace(found, room=overview, free_rooms=free)


async def _free_rooms(
    context: FormContext, slot: Slot | None, without: Collection[int], *, others: bool
) -> str:
    """Said only where it helps: no room is chosen yet, or the chosen one is taken."""
    if slot is None or not context.offered.rooms:
        return ""
    taken = await taken_rooms(context.db, context.ward_id, slot, without=without)
    names = [_name(room) for room in context.offered.rooms.values() if room.id not in taken]
    return free_rooms_label(names, others=others)


def _no_room(typed: SessionForm) -> str:
    if typed.place:
        return _("Nơi ghi bằng lời không được kiểm tra trùng lịch.")
    return _("Chưa chọn phòng.")


def _name(room: Room) -> str:
    return place_name(words="", room=room.name, venue=room.venue.name, market=None)


def overview_of(overview: SlotOverview, here: str, *, opened: bool) -> dict[str, Any]:
    """What the templates need, by the names they know; `opened`: it was asked for."""
    return {
        "overview": overview,
        "overview_at": f"{here}/phong-va-nguoi",
        "overview_follows": ", ".join(f"#f-{name}" for name in (*WHEN_AND_WHERE, *NUMBERS)),
        "overview_opened": opened,
    }
