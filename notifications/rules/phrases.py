"""How texts say times, places, people and reasons, each in several forms, the fullest first.

Texts to people are Vietnamese whatever language the pages speak.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lopso.kernel import clock, formatting
from lopso.kernel.text import fold, nfc
from scheduling.rules.reasons import GENERAL_REASONS

WHAT: Mapping[str, str] = {
    "ward_class": "lớp kỹ năng số",
    "market_round": "buổi hướng dẫn kỹ năng số",
    "home_visit": "buổi hướng dẫn kỹ năng số",
    "mass_event": "buổi sinh hoạt kỹ năng số",
    "team_training": "buổi tập huấn kỹ năng số",
}
"""Kind of session in the words of a text. Never the course title: those speak of money and banks."""

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
class Addressee:
    """Somebody to be named: `title` as the family writes it ("Bà", "O"), or empty."""

    full_name: str
    title: str = ""
    sex: str | None = None
    birth_year: int | None = None


def when_forms(starts: Sequence[datetime]) -> list[str]:
    """When one session or the sessions of a series meet, the fullest form first.

    One: "14h00 thứ Năm 26/11". A weekly series: "14h00 thứ Ba và thứ Năm hằng tuần từ 24/11, 16 buổi", then
    without the number, then without "hằng tuần". Dates without a rule: "14h00 thứ Năm 26/11 và 7 buổi sau".

    Args:
        starts: instants, earliest first; not empty.
    """
    first = starts[0]
    if len(starts) == 1:
        return [f"{formatting.hour(first)} {formatting.vietnamese_day(first)}"]
    if not weekly(starts):
        return [f"{formatting.hour(first)} {formatting.vietnamese_day(first)} và {len(starts) - 1} buổi sau"]
    time_and_days, since = _hour_and_weekdays(starts), f"từ {formatting.day(first)}"
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
        return [f"{formatting.hour(first)} {formatting.vietnamese_day(first)}"]
    span = f"{formatting.day(first)} đến {formatting.day(last)}, {len(starts)} buổi"
    if len({clock.local(start).time() for start in starts}) > 1:
        return [f"{formatting.hour(first)} {formatting.vietnamese_weekday(first.weekday())} {span}"]
    time_and_days = _hour_and_weekdays(starts)
    named = f"{time_and_days} {_listed([formatting.day(start) for start in starts])}"
    return [*([named] if len(starts) <= DATES_NAMED else []), f"{time_and_days} từ {span}"]


DATES_NAMED = 4
"""As many dates are read out one by one; of more the first and the last are named."""


def _hour_and_weekdays(starts: Sequence[datetime]) -> str:
    """ "14h00 thứ Ba và thứ Năm"."""
    days = sorted({clock.local(start).weekday() for start in starts})
    return f"{formatting.hour(starts[0])} {_listed([formatting.vietnamese_weekday(day) for day in days])}"


def weekly(starts: Sequence[datetime]) -> bool:
    """Whether all meet at one hour of the day, week by week; a holiday or two may be left out."""
    if len({clock.local(start).time() for start in starts}) > 1:
        return False
    weeks = (clock.local_day(starts[-1]) - clock.local_day(starts[0])).days // 7 + 1
    weekdays = len({clock.local(start).weekday() for start in starts})
    return len(starts) >= 2 * weekdays and weeks * weekdays - len(starts) <= 2 * weekdays


def place_forms(whole: str, widest: str) -> list[str]:
    """ "Phòng 2, Nhà văn hóa TDP 7, cạnh chợ Nọ", "Nhà văn hóa TDP 7, cạnh chợ Nọ", "NVH TDP 7, cạnh chợ Nọ",
    "NVH TDP 7".

    A place is cut only at a comma or before a landmark, and only where its name stands before the cut: half
    a name is another place.

    Args:
        widest: the part that people find by its name: the house, the market.
    """
    house = nfc(widest).strip(" ,")
    short = _with_short_forms(house)
    heads = [short[: cut.start()].rstrip(" ,-–(") for cut in _PLACE_ENDS.finditer(short)]
    return list(
        dict.fromkeys(
            (
                nfc(whole).strip(" ,"),
                house,
                short,
                *(head for head in reversed(heads) if _names_a_place(head)),
            )
        )
    )


def name_forms(people: Sequence[Addressee], *, today: int) -> list[str]:
    """One or more people of one phone: whole names, then given names, then a few and a number.

    Args:
        people: in the order in which they are to be named; not empty.
        today: this year, for the form of address where none is known.
    """
    names = [_without_remarks(person.full_name) for person in people]
    titles = [form_of_address(person, today) for person in people]
    whole = [f"{title} {name}" for title, name in zip(titles, names, strict=True)]
    given = [f"{title} {name.split()[-1]}" for title, name in zip(titles, names, strict=True)]
    forms = [_listed(whole), _listed(given)]
    if len(people) > 2:
        forms.append(f"{', '.join(given[:2])} và {len(people) - 2} người nữa")
        forms.append(f"{given[0]} và {len(people) - 1} người nữa")
    return list(dict.fromkeys(forms))


def people_forms(people: Sequence[Addressee], *, today: int) -> dict[str, Sequence[str]]:
    """The places that name people: `names`, and with the verb that is due to them `invited` and `told`.

    "Kính mời bà Nguyệt", but "Mời em Lân".
    """
    names = name_forms(people, today=today)
    young = all(form_of_address(person, today) == "em" for person in people)
    invite, tell = ("Mời", "Báo") if young else ("Kính mời", "Kính báo")
    return {
        "names": names,
        "invited": [f"{invite} {form}" for form in names],
        "told": [f"{tell} {form}" for form in names],
    }


def _without_remarks(full_name: str) -> str:
    """ "Lê Thị Bé" of "Lê Thị Bé (con bà Lan)": a remark is about somebody, not for them."""
    name = nfc(full_name)
    return " ".join(_REMARK.sub(" ", name).split(",")[0].split()) or name


def title_forms(title: str, kind: str) -> list[str]:
    """A session's title as said to helpers within a sentence, else the kind of session."""
    words = " ".join(nfc(title).split())
    start = words.casefold()
    if start.startswith(("buổi ", "lớp ")):
        named = words[0].lower() + words[1:]
    elif start.startswith("chợ ") and not start.startswith("chợ số"):
        named = f"buổi tại {words}"
    else:
        named = f"buổi {words}"
    return [named, WHAT[kind]]


def reason_forms(reason: str) -> list[str]:
    """Why a session was called off, as it follows "vì": in full, its first clause, else in general words."""
    whole = _because(" ".join(nfc(reason).split()))
    clause = _CLAUSE_ENDS.split(whole)[0].strip()
    return [form for form in dict.fromkeys((whole, clause, *GENERAL_REASONS)) if form]


def _because(reason: str) -> str:
    """ "mưa lớn" of "Do mưa lớn." and "Mưa lớn"; names keep their capital."""
    words = _BECAUSE.sub("", reason).strip(" .")
    first, _space, rest = words.partition(" ")
    a_name = first[1:] != first[1:].lower() or fold(first) in _ALWAYS_CAPITAL
    if a_name or (rest[:1].isupper() and first.casefold() not in _BEFORE_NAMES):
        return words
    return words[:1].lower() + words[1:]


ROLES: Mapping[str, str] = {"trainer": "người dạy", "helper": "người hỗ trợ"}
_REMARK = re.compile(r"\([^)]*\)?")
_BECAUSE = re.compile(r"^(?:lý do|lí do)?\s*:?\s*(?:(?:vì|do|bởi)\s+)?", re.IGNORECASE)

# Not at the stop of a short form ("P. Kim Long") nor between two numbers ("đường 12, 14").
_CLAUSE_ENDS = re.compile(r"(?<!\d),|,(?!\s*\d)|[;:(\n]|(?<![A-ZĐ])\.\s| - | – ")
_ALWAYS_CAPITAL = {"hue", "tet", "noel", "quoc"}
_BEFORE_NAMES = frozenset(
    {
        "ông", "bà", "o", "mệ", "cụ", "chị", "anh", "cô", "chú", "bác", "thầy", "em", "chợ", "phường", "xã",
        "thôn", "trường", "đường", "cầu", "nhà", "tổ", "lớp", "hội", "đoàn", "ban", "sông", "bão", "lũ",
        "đài", "trạm", "lễ", "đình", "chùa", "phòng", "trùng", "mất", "nghỉ", "ngập", "giỗ", "đám",
    }
)  # fmt: skip

# A comma, or a word that tells a landmark; "sau" as part of a name has a capital.
_PLACE_ENDS = re.compile(r",|(?<=\s)\(?(?:đối diện|bên cạnh|cạnh|sau|gần|bên|trước|thuộc)(?=\s)")
_ONLY_NUMBERED = frozenset(
    {"số", "kiệt", "ngõ", "hẻm", "lô", "quầy", "phòng", "tầng", "lầu", "đường", "dãy", "cổng", "nhà", "hội"}
)


def _names_a_place(head: str) -> bool:
    """Whether the beginning of a place can be found by itself: "NVH TDP 7", but not "Số 12"."""
    words = head.split()
    if len(words) < 2 or head.count("(") != head.count(")"):
        return False
    if any(word[0].isupper() for word in words[1:]):
        return True
    return words[-1][0].isdigit() and words[0].casefold() not in _ONLY_NUMBERED


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} và {names[-1]}"


def form_of_address(person: Addressee, today: int) -> str:
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
