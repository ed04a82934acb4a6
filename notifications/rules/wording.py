"""What a text says: a registered wording, its places filled, fitted into one segment without accents.

Texts to people are Vietnamese whatever language the pages speak. A wording names its places in braces;
which places a wording may use is a closed list. Values are put in plainly and never read again.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lopso.kernel import clock
from lopso.kernel.text import nfc, sms_parts, unaccent
from notifications.rules.places import BRACED

_PLACE = re.compile(r"\{(\w+)\}")

_TO_LEARNER = frozenset({"time", "day", "place", "what", "names", "contact"})
_TO_HELPER = frozenset({"time", "day", "place", "title", "names", "contact"})
_SEAT = frozenset({"when", "place", "what", "names", "contact"})
_DUTY = frozenset({"when", "place", "title", "names", "contact"})

PLACES: Mapping[str, frozenset[str]] = {
    "reminder_day_before": _TO_LEARNER,
    "reminder_same_day": _TO_LEARNER,
    "visit_day_before": _TO_LEARNER,
    "visit_same_day": _TO_LEARNER,
    "session_moved": _TO_LEARNER | {"old_time", "old_day"},
    "session_relocated": _TO_LEARNER,
    "session_cancelled": _TO_LEARNER | {"reason"},
    "series_moved": _SEAT | {"old_time"},
    "series_relocated": _SEAT,
    "series_cancelled": _SEAT | {"reason"},
    "enrolled": _SEAT,
    "waitlist_place": _SEAT,
    "sign_off_reached": frozenset({"day", "place", "names", "number", "contact"}),
    "certificate_ready": frozenset({"day", "place", "names", "contact"}),
    "assignment_offered": _DUTY,
    "cover_wanted": _DUTY,
    "assignment_changed": _DUTY | {"role"},
    "assignment_withdrawn": _DUTY,
    "helper_moved": _TO_HELPER | {"old_time", "old_day"},
    "helper_relocated": _TO_HELPER,
    "helper_cancelled": _TO_HELPER | {"reason"},
    "helper_series_moved": _DUTY | {"old_time"},
    "helper_series_relocated": _DUTY,
    "helper_series_cancelled": _DUTY | {"reason"},
}
"""The wordings there are, and the places each may use."""

TO_HELPERS = frozenset(
    {
        "assignment_offered",
        "cover_wanted",
        "assignment_changed",
        "assignment_withdrawn",
        "helper_moved",
        "helper_relocated",
        "helper_cancelled",
        "helper_series_moved",
        "helper_series_relocated",
        "helper_series_cancelled",
    }
)
"""The wordings that go to helpers; the others go to learners."""

_PURPOSE_OF: Mapping[str, str] = {
    "visit_day_before": "reminder_day_before",
    "visit_same_day": "reminder_same_day",
    "session_relocated": "session_moved",
    "helper_relocated": "helper_moved",
    "series_moved": "session_moved",
    "series_relocated": "session_moved",
    "series_cancelled": "session_cancelled",
    "helper_series_moved": "helper_moved",
    "helper_series_relocated": "helper_moved",
    "helper_series_cancelled": "helper_cancelled",
}

_ALWAYS = frozenset({"time", "day", "when", "place", "contact"})
"""Places that a wording needs, as far as it may use them: when and where, and whom to call."""

WHAT: Mapping[str, str] = {
    "ward_class": "lớp kỹ năng số",
    "market_round": "hướng dẫn kỹ năng số",
    "home_visit": "hướng dẫn kỹ năng số",
    "mass_event": "buổi sinh hoạt kỹ năng số",
    "team_training": "buổi tập huấn kỹ năng số",
}
"""Kind of session in the words of a text. Never the course title: those speak of money and banks."""

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

# As they stand on signs and in every ward's papers.
_SHORT_FORMS = (
    ("ủy ban nhân dân", "UBND"),
    ("uỷ ban nhân dân", "UBND"),
    ("tổ dân phố", "TDP"),
    ("nhà sinh hoạt cộng đồng", "NSHCĐ"),
    ("nhà văn hóa", "NVH"),
    ("nhà văn hoá", "NVH"),
    ("trung tâm", "TT"),
    ("trung học cơ sở", "THCS"),
    ("trung học phổ thông", "THPT"),
    ("tiểu học", "TH"),
    ("hội trường", "HT"),
    ("phường", "P."),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be named: `title` as the family writes it ("Bà", "O"), or empty."""

    full_name: str
    title: str = ""
    sex: str | None = None
    birth_year: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A finished text: `plain` is sent, `accented` is what people read on pages."""

    plain: str
    accented: str
    encoding: Literal["gsm7", "ucs2"]
    segments: int


def places_in(body: str) -> set[str]:
    """Names of the places that a wording has."""
    return set(_PLACE.findall(body))


def purpose_of(code: str) -> str:
    """What a wording is for; several may serve one purpose."""
    return _PURPOSE_OF.get(code, code)


def strange_places(code: str, body: str) -> list[str]:
    """Places in `body` that the wording `code` may not use, as they were typed."""
    return sorted(set(BRACED.findall(body)) - PLACES.get(code, frozenset()))


def missing_places(code: str, body: str) -> list[str]:
    """Places that `body` needs and does not have."""
    return sorted((PLACES[code] & _ALWAYS) - places_in(body))


def stray_braces(body: str) -> bool:
    """Whether a brace is left that belongs to no place."""
    return bool(re.search(r"[{}]", BRACED.sub("", body)))


def clock_time(instant: datetime) -> str:
    """ "14h00"."""
    return f"{clock.local(instant):%Hh%M}"


def calendar_day(instant: datetime) -> str:
    """ "thứ Năm 26/11"."""
    day = clock.local(instant)
    return f"{_WEEKDAYS[day.weekday()]} {day:%d/%m}"


def when_forms(starts: Sequence[datetime]) -> list[str]:
    """When one session or the sessions of a series meet, the fullest form first.

    One: "14h00 thứ Năm 26/11". A weekly series: "14h00 thứ Ba và thứ Năm hằng tuần từ 24/11, 16 buổi", then
    without the number, then without "hằng tuần". Dates without a rule: "14h00 thứ Năm 26/11 và 7 buổi sau".

    Args:
        starts: instants, earliest first; not empty.
    """
    first = starts[0]
    if len(starts) == 1:
        return [f"{clock_time(first)} {calendar_day(first)}"]
    if not weekly(starts):
        return [f"{clock_time(first)} {calendar_day(first)} và {len(starts) - 1} buổi sau"]
    weekdays = [_WEEKDAYS[day] for day in sorted({clock.local(start).weekday() for start in starts})]
    time_and_days, since = f"{clock_time(first)} {_listed(weekdays)}", f"từ {clock.local(first):%d/%m}"
    rule = f"{time_and_days} hằng tuần {since}"
    return [f"{rule}, {len(starts)} buổi", rule, f"{time_and_days} {since}"]


def date_forms(starts: Sequence[datetime]) -> list[str]:
    """Which sessions of several, by their dates, the fullest form first.

    "14h00 thứ Năm 26/11, 03/12 và 10/12"; many, or for want of room: "14h00 thứ Năm từ 26/11 đến 17/12,
    4 buổi". At several hours of the day: "14h00 thứ Năm 26/11 đến 17/12, 4 buổi".

    Args:
        starts: instants, earliest first; not empty.
    """
    first, last = clock.local(starts[0]), clock.local(starts[-1])
    if len(starts) == 1:
        return [f"{clock_time(first)} {calendar_day(first)}"]
    span = f"{first:%d/%m} đến {last:%d/%m}, {len(starts)} buổi"
    if len({clock.local(start).time() for start in starts}) > 1:
        return [f"{clock_time(first)} {_WEEKDAYS[first.weekday()]} {span}"]
    days = sorted({clock.local(start).weekday() for start in starts})
    weekdays = f"{clock_time(first)} {_listed([_WEEKDAYS[day] for day in days])}"
    named = f"{weekdays} {_listed([f'{clock.local(start):%d/%m}' for start in starts])}"
    return [*([named] if len(starts) <= DATES_NAMED else []), f"{weekdays} từ {span}"]


DATES_NAMED = 4
"""As many dates are read out one by one; of more the first and the last are named."""


def weekly(starts: Sequence[datetime]) -> bool:
    """Whether all meet at one hour of the day, week by week; a holiday or two may be left out."""
    if len({clock.local(start).time() for start in starts}) > 1:
        return False
    weeks = (clock.local_day(starts[-1]) - clock.local_day(starts[0])).days // 7 + 1
    weekdays = len({clock.local(start).weekday() for start in starts})
    return len(starts) >= 2 * weekdays and weeks * weekdays - len(starts) <= 2 * weekdays


def place_forms(whole: str, widest: str) -> list[str]:
    """ "Phòng 2, Nhà văn hóa TDP 7", then "Nhà văn hóa TDP 7", then "NVH TDP 7".

    Args:
        widest: the part that people find by its name: the house, the market.
    """
    house = nfc(widest).strip(" ,")
    return list(dict.fromkeys((nfc(whole).strip(" ,"), house, _with_short_forms(house))))


def name_forms(people: Sequence[Person], *, today: int) -> list[str]:
    """One or more people of one phone: whole names, then given names, then a few and a number.

    Args:
        people: in the order in which they are to be named; not empty.
        today: this year, for the form of address where none is known.
    """
    whole = [f"{form_of_address(person, today)} {nfc(person.full_name)}" for person in people]
    given = [f"{form_of_address(person, today)} {nfc(person.full_name).split()[-1]}" for person in people]
    forms = [_listed(whole), _listed(given)]
    if len(people) > 2:
        forms.append(f"{', '.join(given[:2])} và {len(people) - 2} người nữa")
    if len(people) > 1:
        forms.append(f"{given[0]} và {len(people) - 1} người nữa")
    return list(dict.fromkeys(forms))


def title_forms(title: str, kind: str) -> list[str]:
    """A session's title as said to helpers, else the kind of session."""
    words = nfc(title).strip()
    named = words if words.lower().startswith(("buổi", "lớp", "chợ")) else f"buổi {words}"
    return [named, WHAT[kind]]


def reason_forms(reason: str) -> list[str]:
    """Why a session was called off: in full, its first clause, else in general words."""
    whole = nfc(reason).strip(" .")
    clause = re.split(r"[,.;:(\n]| - | – ", whole)[0].strip()
    return [form for form in dict.fromkeys((whole, clause, *REASONS)) if form]


REASONS = ("có việc đột xuất", "việc gấp")
"""Reasons said where the one given cannot be."""

ROLES: Mapping[str, str] = {"trainer": "người dạy", "helper": "người hỗ trợ"}


def fill(body: str, values: Mapping[str, Sequence[str]]) -> Text:
    """Put `values` into the places of `body` so that the plain text is one segment where that can be.

    Args:
        values: for each place its forms, the fullest first. Shorter forms are taken in turn, names
            before places, until the text fits; after that words are left off at the end of the place.
            A word is never cut, a number never parted from what it counts.

    Raises:
        KeyError: a place without a value.
    """
    chosen = {name: nfc(values[name][0]) for name in places_in(body)}
    for name, form in _shortenings(values, chosen):
        if _fits(body, chosen):
            break
        chosen[name] = form
    while not _fits(body, chosen) and (shorter := _without_last_words(chosen.get("place", ""))):
        chosen["place"] = shorter
    accented = _filled(body, chosen)
    plain = unaccent(accented)
    size = sms_parts(plain)
    return Text(plain, accented, "gsm7" if size.encoding == "GSM-7" else "ucs2", size.segments)


# Who gives way first: a whole name to a given name, a reason to its first clause, a place to its short form.
_FIRST_STEP = ("names", "reason", "place", "title", "when")
_LATER_STEPS = ("place", "names", "reason", "title", "when")
_LEANING = {
    "số", "tổ", "tdp", "thôn", "xóm", "kiệt", "đường", "phòng", "tầng", "lầu", "nhà", "lô", "của", "cho",
    "và", "ở", "tại", "trong", "bên", "cạnh", "thuộc",
}  # fmt: skip


def _shortenings(values: Mapping[str, Sequence[str]], chosen: Collection[str]) -> list[tuple[str, str]]:
    """Shorter forms in the order in which they are tried: one step of each value, then the next step."""
    deepest = max((len(values[name]) for name in chosen), default=0)
    return [
        (name, nfc(values[name][level]))
        for level in range(1, deepest)
        for name in (_FIRST_STEP if level == 1 else _LATER_STEPS)
        if name in chosen and level < len(values[name])
    ]


def _fits(body: str, chosen: Mapping[str, str]) -> bool:
    return sms_parts(unaccent(_filled(body, chosen))).segments == 1


def _filled(body: str, chosen: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: chosen[place[1]], body)


def _without_last_words(place: str) -> str:
    """`place` without its last word, nor those that make no sense at its end; empty when none is left."""
    words = place.split()[:-1]
    while words and words[-1].strip(",.-–()").casefold() in _LEANING:
        words.pop()
    return " ".join(words).rstrip(" ,.-–(")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} và {names[-1]}"


def form_of_address(person: Person, today: int) -> str:
    """How one speaks to somebody: as the family writes it, else by age and sex, as an office does."""
    if person.title:
        return person.title[0].lower() + person.title[1:]
    age = today - person.birth_year if person.birth_year else None
    if age is not None and age < 18:
        return "em"
    woman, man = ("chị", "anh") if age is not None and age < 40 else ("bà", "ông")
    return {"female": woman, "male": man}.get(person.sex or "", f"{man}/{woman}")


def _with_short_forms(place: str) -> str:
    for words, short in _SHORT_FORMS:
        place = re.sub(rf"\b{words}\b", short, place, flags=re.IGNORECASE)
    return place
