"""What a session is about, where it is held and for how many: the part that all plans share."""

from collections.abc import Container
from typing import Annotated, Any

from msgspec import Struct

from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.message_safety import unsuitable
from lopso.web.forms import FreeText, IdField, WholeNumber
from scheduling.forms.fields import KindName
from scheduling.labels.sessions import kind_label
from scheduling.models import Course
from scheduling.queries.choices import Choices
from scheduling.rules.places import place_name
from scheduling.rules.plan import SessionPlace, SessionTemplate, usual_capacity, usual_helpers

WITHOUT_ROOM = ("market_round", "home_visit")
WITH_COURSE = ("ward_class", "market_round", "team_training")

_USUAL: dict[str, tuple[int | None, int, int | None]] = {
    # capacity, trainers, helpers; None follows from the room and from the capacity
    "ward_class": (None, 1, None),
    "team_training": (None, 1, 0),
    "market_round": (30, 1, 5),
    "home_visit": (10, 0, 2),
    "mass_event": (500, 1, 10),
}


class PlanForm(Struct, frozen=True, kw_only=True):
    """The shared part of a plan; numbers left empty are the usual ones of the kind of session."""

    kind: KindName = "ward_class"
    title: Annotated[str, FreeText(120)] = ""
    course: Annotated[int | None, IdField()] = None
    room: Annotated[int | None, IdField()] = None
    market: Annotated[int | None, IdField()] = None
    place: Annotated[str, FreeText(200)] = ""
    capacity: Annotated[int | None, WholeNumber(1, 5000)] = None
    need_trainers: Annotated[int | None, WholeNumber(0, 20)] = None
    need_helpers: Annotated[int | None, WholeNumber(0, 200)] = None
    note: Annotated[str, FreeText(2000, lines=True)] = ""


class KindQuery(Struct, frozen=True, kw_only=True):
    """Which kind of session a form is for."""

    kind: KindName = ""


def read_template(plan: PlanForm, choices: Choices, errors: dict[str, str]) -> SessionTemplate:
    """The shared part of a plan; mistakes are added to `errors`, unless their field has one.

    Raises:
        NotFound: a room, market or course that is not offered in this ward.
    """
    course = _course(plan, choices, errors)
    place = _place(plan, choices, errors)
    capacity, trainers, helpers = numbers_of(plan, choices)
    return SessionTemplate(
        kind=plan.kind,
        title=_title(plan, choices, course, place, errors),
        course_id=course.id if course else None,
        place=place,
        capacity=capacity,
        need_trainers=trainers,
        need_helpers=helpers,
        note=plan.note,
    )


def numbers_of(plan: PlanForm, choices: Choices) -> tuple[int, int, int]:
    """Seats, trainers and helpers, the usual ones of the kind of session where nothing was typed."""
    seats, trainers, helpers = _USUAL[plan.kind]
    room = choices.rooms.get(plan.room or 0) if plan.kind not in WITHOUT_ROOM else None
    if seats is None:
        seats = usual_capacity(room.seats if room else None)
    capacity = seats if plan.capacity is None else plan.capacity
    if helpers is None:
        helpers = min(200, usual_helpers(capacity))
    return (
        capacity,
        trainers if plan.need_trainers is None else plan.need_trainers,
        helpers if plan.need_helpers is None else plan.need_helpers,
    )


def more_than_seats(capacity: int, place: SessionPlace, choices: Choices) -> str | None:
    """The warning for a class larger than its room; standing room is the coordinator's decision."""
    room = choices.rooms.get(place.room_id) if place.room_id else None
    if room is None or capacity <= room.seats:
        return None
    return _("Nhận %(n)s người nhưng phòng chỉ có %(seats)s chỗ ngồi.", n=capacity, seats=room.seats)


def options(choices: Choices, kind: str) -> dict[str, Any]:
    """What the shared part offers and proposes for a kind of session, by the names its template knows."""
    return {
        "usual": _USUAL[kind],
        "offered": choices,
        "course_options": [(each.id, each.title) for each in choices.courses.values()],
        "room_options": _room_options(choices),
        "market_options": [(each.id, each.name) for each in choices.markets.values()],
    }


def place_of_plan(place: SessionPlace, choices: Choices) -> str:
    """The place of a plan in words."""
    room = choices.rooms.get(place.room_id) if place.room_id else None
    market = choices.markets.get(place.market_id) if place.market_id else None
    return place_name(
        words=place.words,
        room=room.name if room else None,
        venue=room.venue.name if room else None,
        market=market.name if market else None,
    )


def _room_options(choices: Choices) -> list[tuple[int, str]]:
    """Rooms for a select, which shows nothing but the chosen one while it is closed: with venue and seats."""
    options: list[tuple[int, str]] = []
    for room in choices.rooms.values():
        name = place_name(words="", room=room.name, venue=room.venue.name, market=None)
        options.append((room.id, _("%(room)s (%(n)s chỗ)", room=name, n=room.seats)))
    return options


def _offered(picked: int | None, offered: Container[int]) -> int | None:
    if picked is not None and picked not in offered:
        raise NotFound
    return picked


def _course(plan: PlanForm, choices: Choices, errors: dict[str, str]) -> Course | None:
    if plan.kind not in WITH_COURSE:
        return None
    course_id = _offered(plan.course, choices.courses)
    if course_id is None:
        if plan.kind == "ward_class":
            errors.setdefault("course", _("Xin chọn nội dung của lớp."))
        return None
    return choices.courses[course_id]


def _place(plan: PlanForm, choices: Choices, errors: dict[str, str]) -> SessionPlace:
    """A room, a market with the aisle in words, or words alone, as the kind of session asks."""
    words = plan.place
    if why := unsuitable(words):
        errors.setdefault("place", _("Nơi gặp sẽ đứng trong tin nhắn. %(why)s", why=why))
    if plan.kind == "home_visit":
        if not words:
            errors.setdefault("place", _("Xin ghi nơi gặp, ví dụ “Kiệt 12 Bạch Đằng, nhà ông tổ trưởng”."))
        return SessionPlace(words=words)
    if plan.kind == "market_round":
        market = _offered(plan.market, choices.markets)
        if market is None and not words:
            errors.setdefault("market", _("Xin chọn chợ, hoặc ghi nơi gặp bằng lời."))
        return SessionPlace(market_id=market, words=words)
    room = _offered(plan.room, choices.rooms)
    if room is None and not words:
        errors.setdefault("room", _("Xin chọn phòng, hoặc ghi nơi học bằng lời."))
    return SessionPlace(room_id=room, words=words)


def _title(
    plan: PlanForm, choices: Choices, course: Course | None, place: SessionPlace, errors: dict[str, str]
) -> str:
    if plan.title:
        return plan.title
    if plan.kind == "market_round" and place.market_id:
        return f"{kind_label(plan.kind)} – {choices.markets[place.market_id].name}"
    if course is not None:
        return course.title
    if plan.kind == "home_visit":
        return kind_label(plan.kind)
    if plan.kind != "ward_class":  # a class without a course has been told so already
        errors.setdefault("title", _("Xin đặt tên buổi."))
    return kind_label(plan.kind)
