"""What a session is about, where it is held and for how many: the part that all forms share."""

from collections.abc import Container
from typing import Any

from lopso.kernel.caution import unsuitable
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from scheduling.forms.typed import Mistakes, Typed, number_in, read_number
from scheduling.labels.sessions import kind_label
from scheduling.models import SESSION_KINDS, Course
from scheduling.queries.choices import Choices
from scheduling.rules.places import place_name
from scheduling.rules.plan import SessionPlace, SessionTemplate, usual_capacity, usual_helpers

WITH_COURSE = ("ward_class", "market_round", "team_training")
LONGEST_TITLE = 120
LONGEST_PLACE = 200

_USUAL: dict[str, tuple[int | None, int, int | None]] = {
    # capacity, trainers, helpers; None follows from the room and from the capacity
    "ward_class": (None, 1, None),
    "team_training": (None, 1, 0),
    "market_round": (30, 1, 5),
    "home_visit": (10, 0, 2),
    "mass_event": (500, 1, 10),
}


def kind_of(form: Typed) -> str:
    """The kind of session a form is for; a ward class unless it says another."""
    kind = form.text("kind")
    return kind if kind in SESSION_KINDS else "ward_class"


def read_details(form: Typed, choices: Choices, mistakes: Mistakes) -> SessionTemplate:
    """The shared part of a plan.

    Raises:
        NotFound: a room, market or course that is not offered in this ward.
    """
    kind = kind_of(form)
    course = _course(form, choices, kind, mistakes)
    place = read_place(form, choices, kind, mistakes)
    seats, trainers, helpers = _USUAL[kind]
    if seats is None:
        seats = usual_capacity(choices.rooms[place.room_id].seats if place.room_id else None)
    capacity = number_in(form, "capacity", 1, 5000, mistakes, default=seats)
    return SessionTemplate(
        kind=kind,
        title=_title(form, choices, kind, course, place, mistakes),
        course_id=course.id if course else None,
        place=place,
        capacity=capacity,
        need_trainers=number_in(form, "need_trainers", 0, 20, mistakes, default=trainers),
        need_helpers=number_in(
            form,
            "need_helpers",
            0,
            200,
            mistakes,
            default=min(200, usual_helpers(capacity)) if helpers is None else helpers,
        ),
        note=form.raw("note").strip(),
    )


def read_place(form: Typed, choices: Choices, kind: str, mistakes: Mistakes) -> SessionPlace:
    """A room, a market with the aisle in words, or words alone, as the kind of session asks.

    Raises:
        NotFound: a room or market that is not offered in this ward.
    """
    words = form.text("place")
    if len(words) > LONGEST_PLACE:
        mistakes.at("place", _("Ghi ngắn lại, nhiều nhất %(n)s chữ.", n=LONGEST_PLACE))
    if why := unsuitable(words):
        mistakes.at("place", _("Nơi gặp sẽ đứng trong tin nhắn. %(why)s", why=why))
    if kind == "home_visit":
        if not words:
            mistakes.at("place", _("Xin ghi nơi gặp, ví dụ “Kiệt 12 Bạch Đằng, nhà ông tổ trưởng”."))
        return SessionPlace(words=words)
    if kind == "market_round":
        market = _chosen(form, "market", choices.markets)
        if market is None and not words:
            mistakes.at("market", _("Xin chọn chợ, hoặc ghi nơi gặp bằng lời."))
        return SessionPlace(market_id=market, words=words)
    room = _chosen(form, "room", choices.rooms)
    if room is None and not words:
        mistakes.at("room", _("Xin chọn phòng, hoặc ghi nơi học bằng lời."))
    return SessionPlace(room_id=room, words=words)


def more_than_seats(details_capacity: int, place: SessionPlace, choices: Choices) -> str | None:
    """The warning for a class larger than its room; standing room is the coordinator's decision."""
    room = choices.rooms.get(place.room_id) if place.room_id else None
    if room is None or details_capacity <= room.seats:
        return None
    return _("Nhận %(n)s người nhưng phòng chỉ có %(seats)s chỗ ngồi.", n=details_capacity, seats=room.seats)


def _room_options(choices: Choices) -> list[tuple[str, list[tuple[int, str]]]]:
    """Rooms grouped by venue, each with its seats, for a select."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for room in choices.rooms.values():
        label = _("%(room)s (%(n)s chỗ)", room=room.name, n=room.seats)
        groups.setdefault(room.venue.name, []).append((room.id, label))
    return list(groups.items())


def options(choices: Choices, kind: str) -> dict[str, Any]:
    """What the shared part offers and proposes for a kind of session, by the names its template knows."""
    return {
        "usual": _USUAL[kind],
        "offered": choices,
        "course_options": [(each.id, each.title) for each in choices.courses.values()],
        "room_options": _room_options(choices),
        "market_options": [(each.id, each.name) for each in choices.markets.values()],
    }


def _chosen(form: Typed, name: str, offered: Container[int]) -> int | None:
    text = form.text(name)
    if not text:
        return None
    number = read_number(text)
    if number is None or number not in offered:
        raise NotFound
    return number


def _course(form: Typed, choices: Choices, kind: str, mistakes: Mistakes) -> Course | None:
    if kind not in WITH_COURSE:
        return None
    number = _chosen(form, "course", choices.courses)
    if number is None:
        if kind == "ward_class":
            mistakes.at("course", _("Xin chọn nội dung của lớp."))
        return None
    return choices.courses[number]


def _title(
    form: Typed, choices: Choices, kind: str, course: Course | None, place: SessionPlace, mistakes: Mistakes
) -> str:
    title = form.text("title")
    if len(title) > LONGEST_TITLE:
        mistakes.at("title", _("Tên dài quá %(n)s chữ.", n=LONGEST_TITLE))
    if title:
        return title
    if kind == "market_round" and place.market_id:
        return f"{kind_label(kind)} – {choices.markets[place.market_id].name}"
    if course is not None:
        return course.title
    if kind == "home_visit":
        return kind_label(kind)
    if kind != "ward_class":  # a class without a course has been told so already
        mistakes.at("title", _("Xin đặt tên buổi."))
    return kind_label(kind)


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
