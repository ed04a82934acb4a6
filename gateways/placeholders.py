"""Placeholders of a wording: their Vietnamese names, and their values in a finished text."""

import re
from collections.abc import Mapping

from lopso.kernel.text import fold

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
BRACED = re.compile(r"\{([^{}]*)\}")
"""Anything in braces, placeholder or not."""

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
"""Placeholder → its Vietnamese name between braces, as shown and typed."""

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
"""Placeholder → type of its value, as operators ask at registration."""

_BY_NAME = {fold(name): place for place, name in NAMES.items()}


def shown(body: str) -> str:
    """A wording with Vietnamese placeholder names: "{giờ} {ngày}, {nơi học}". Others stay."""
    return BRACED.sub(lambda place: "{" + NAMES.get(place[1], place[1]) + "}", body)


def understood(body: str) -> str:
    """A typed wording with stored placeholder names; case and accents of names are ignored."""
    return BRACED.sub(lambda place: "{" + _BY_NAME.get(fold(place[1]), place[1]) + "}", body)


def values_in(wording: str, body: str) -> Mapping[str, str] | None:
    """Placeholder → value, in order; None when `body` does not match `wording`.

    Substituting the values gives `body` again, whatever they contain.
    """
    parts = _PLACEHOLDER.split(wording)
    seen: set[str] = set()
    pattern = re.escape(parts[0])
    for name, words in zip(parts[1::2], parts[2::2], strict=True):
        pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
        pattern += re.escape(words)
        seen.add(name)
    found = re.fullmatch(pattern, body, re.DOTALL)
    return found.groupdict() if found else None
