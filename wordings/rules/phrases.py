"""How messages say places, titles and reasons, each in several forms, the fullest first.

Messages to people are Vietnamese whatever language the pages speak.
"""

import re
from collections.abc import Mapping, Sequence

from lopso.kernel.text import fold, nfc
from scheduling.rules.reasons import GENERAL_REASONS

WHAT: Mapping[str, str] = {
    "ward_class": "lớp kỹ năng số",
    "market_round": "buổi hướng dẫn kỹ năng số",
    "home_visit": "buổi hướng dẫn kỹ năng số",
    "mass_event": "buổi sinh hoạt kỹ năng số",
    "team_training": "buổi tập huấn kỹ năng số",
}
"""Kind of session as messages name it. Never the course title: titles speak of money and banks."""

# As on signs and in the papers of every ward.
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


def place_forms(whole: str, widest: str) -> list[str]:
    """A place in full, without the room, with short forms, cut: "Phòng 2, Nhà văn hóa TDP 7, cạnh chợ Nọ",
    "Nhà văn hóa TDP 7, cạnh chợ Nọ", "NVH TDP 7, cạnh chợ Nọ", "NVH TDP 7".

    It is cut only at a comma or before a landmark, and only where its name stands before the cut: half
    a name is another place.

    Args:
        widest: the part that people find by its name: the venue, the market.
    """
    venue = nfc(widest).strip(" ,")
    short = _with_short_forms(venue)
    heads = [short[: cut.start()].rstrip(" ,-–(") for cut in _PLACE_ENDS.finditer(short)]
    return list(
        dict.fromkeys(
            (
                nfc(whole).strip(" ,"),
                venue,
                short,
                *(head for head in reversed(heads) if _names_a_place(head)),
            )
        )
    )


def title_forms(title: str, kind: str) -> list[str]:
    """A session's title as it stands within a sentence to helpers, else the kind of session."""
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
    """Why a session was cancelled, as it follows "vì": in full, its first clause, shorter general words."""
    whole = _because(" ".join(nfc(reason).split()))
    clause = _CLAUSE_ENDS.split(whole)[0].strip()
    forms = [form for form in dict.fromkeys((whole, clause)) if form]
    for general in GENERAL_REASONS:
        if not forms or len(general) < len(forms[-1]):
            forms.append(general)
    return forms


def _because(reason: str) -> str:
    """ "mưa lớn" of "Do mưa lớn." and "Mưa lớn"; names keep their capital."""
    words = _BECAUSE.sub("", reason).strip(" .")
    first, _space, rest = words.partition(" ")
    a_name = first[1:] != first[1:].lower() or fold(first) in _ALWAYS_CAPITAL
    if a_name or (rest[:1].isupper() and first.casefold() not in _BEFORE_NAMES):
        return words
    return words[:1].lower() + words[1:]


ROLES: Mapping[str, str] = {"trainer": "người dạy", "helper": "người hỗ trợ"}
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


def listed(names: Sequence[str]) -> str:
    """ "A, B và C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} và {names[-1]}"


def _with_short_forms(place: str) -> str:
    for words, short in _SHORT_FORMS:
        place = re.sub(rf"\b{words}\b", short, place, flags=re.IGNORECASE)
    return place
