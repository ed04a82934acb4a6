"""The places of a wording: as people name them, and the values that a finished text has in them."""

import re
from collections.abc import Mapping

from lopso.kernel.text import fold

_PLACE = re.compile(r"\{(\w+)\}")
BRACED = re.compile(r"\{([^{}]*)\}")
"""Whatever stands in braces, a place or not."""

NAMES: Mapping[str, str] = {
    "time": "giờ",
    "day": "ngày",
    "when": "giờ và ngày",
    "old_time": "giờ cũ",
    "old_day": "ngày cũ",
    "place": "nơi học",
    "what": "loại buổi",
    "title": "tên buổi",
    "names": "người nhận",
    "invited": "lời mời",
    "told": "lời báo",
    "contact": "số để hỏi",
    "reason": "lý do",
    "role": "vai trò",
    "number": "số kỹ năng",
}
"""Place → its name between braces as people read and type it. Wordings are Vietnamese, and so are these."""

TYPES: Mapping[str, str] = {
    "time": "time",
    "day": "date",
    "when": "time_and_date",
    "old_time": "time",
    "old_day": "date",
    "place": "text",
    "what": "text",
    "title": "text",
    "names": "names",
    "invited": "names",
    "told": "names",
    "contact": "phone",
    "reason": "text",
    "role": "text",
    "number": "number",
}
"""Place → what kind of value stands there, as operators ask when a wording is registered."""

_MEANT = {fold(name): place for place, name in NAMES.items()}


def shown(body: str) -> str:
    """A wording as people read it: "{giờ} {ngày}, {nơi học}". Anything else in braces stays."""
    return BRACED.sub(lambda place: "{" + NAMES.get(place[1], place[1]) + "}", body)


def understood(body: str) -> str:
    """A wording as it is kept, from one as people type it; accents and capitals do not matter in a name."""
    return BRACED.sub(lambda place: "{" + _MEANT.get(fold(place[1]), place[1]) + "}", body)


def values_in(wording: str, body: str) -> Mapping[str, str] | None:
    """Place → value, in the order of the places; None where `body` does not come from `wording`.

    Put back into their places the values give `body` again, whatever they contain.
    """
    parts = _PLACE.split(wording)
    seen: set[str] = set()
    pattern = re.escape(parts[0])
    for name, words in zip(parts[1::2], parts[2::2], strict=True):
        pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
        pattern += re.escape(words)
        seen.add(name)
    found = re.fullmatch(pattern, body, re.DOTALL)
    return found.groupdict() if found else None
