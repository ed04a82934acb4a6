"""The codes of all wordings, the purposes they serve, and the placeholders each may use: a closed list."""

import re
from collections.abc import Mapping

from gateways.placeholders import BRACED

PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PEOPLE = frozenset({"names", "invited", "told"})
_TO_LEARNER = frozenset({"time", "day", "place", "what", "contact"}) | _PEOPLE
_TO_HELPER = frozenset({"time", "day", "place", "title", "contact"}) | _PEOPLE
_SEAT = frozenset({"when", "place", "what", "contact"}) | _PEOPLE
_DUTY = frozenset({"when", "place", "title", "role", "contact"}) | _PEOPLE
PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "reminder_day_before": _TO_LEARNER,
    "reminder_same_day": _TO_LEARNER,
    "visit_day_before": _TO_LEARNER,
    "visit_same_day": _TO_LEARNER,
    "market_day_before": _TO_LEARNER,
    "market_same_day": _TO_LEARNER,
    "session_moved": _TO_LEARNER | {"old_time", "old_day"},
    "session_relocated": _TO_LEARNER,
    "session_cancelled": _TO_LEARNER | {"reason"},
    "session_reopened": _TO_LEARNER,
    "series_moved": _SEAT | {"old_time"},
    "series_relocated": _SEAT,
    "series_cancelled": _SEAT | {"reason"},
    "series_reopened": _SEAT,
    "closed_days": _SEAT | {"reason"},
    "enrolled": _SEAT,
    "waitlist_place": _SEAT,
    "sign_off_reached": frozenset({"day", "place", "number", "contact"}) | _PEOPLE,
    "certificate_ready": frozenset({"day", "place", "contact"}) | _PEOPLE,
    "assignment_offered": _DUTY,
    "cover_wanted": _DUTY,
    "assignment_changed": _DUTY,
    "assignment_withdrawn": _DUTY,
    "helper_moved": _TO_HELPER | {"old_time", "old_day"},
    "helper_relocated": _TO_HELPER,
    "helper_cancelled": _TO_HELPER | {"reason"},
    "helper_reopened": _TO_HELPER,
    "helper_series_moved": _DUTY | {"old_time"},
    "helper_series_relocated": _DUTY,
    "helper_series_cancelled": _DUTY | {"reason"},
    "helper_series_reopened": _DUTY,
    "helper_closed_days": (_DUTY - {"title", "role"}) | {"reason"},
}
"""The codes of all wordings, and the placeholders each may use."""

TO_HELPERS = frozenset(
    {
        "assignment_offered",
        "cover_wanted",
        "assignment_changed",
        "assignment_withdrawn",
        "helper_moved",
        "helper_relocated",
        "helper_cancelled",
        "helper_reopened",
        "helper_series_moved",
        "helper_series_relocated",
        "helper_series_cancelled",
        "helper_series_reopened",
        "helper_closed_days",
    }
)
"""The wordings that go to helpers; the others go to learners."""

_PURPOSE_OF: Mapping[str, str] = {
    "visit_day_before": "reminder_day_before",
    "visit_same_day": "reminder_same_day",
    "market_day_before": "reminder_day_before",
    "market_same_day": "reminder_same_day",
    "session_relocated": "session_moved",
    "helper_relocated": "helper_moved",
    "series_moved": "session_moved",
    "series_relocated": "session_moved",
    "series_cancelled": "session_cancelled",
    "series_reopened": "session_reopened",
    "closed_days": "session_cancelled",
    "helper_closed_days": "helper_cancelled",
    "helper_series_moved": "helper_moved",
    "helper_series_relocated": "helper_moved",
    "helper_series_cancelled": "helper_cancelled",
    "helper_series_reopened": "helper_reopened",
}

_ALWAYS = frozenset({"time", "day", "when", "place", "contact"})
"""Placeholders that a wording needs, as far as it may use them: when and where, and whom to call."""


def placeholders_in(body: str) -> set[str]:
    """Names of the placeholders in a wording."""
    return set(PLACEHOLDER.findall(body))


def purpose_of(code: str) -> str:
    """The purpose of a wording; several may serve one."""
    return _PURPOSE_OF.get(code, code)


def unknown_placeholders(code: str, body: str) -> list[str]:
    """Placeholders in `body` that the wording `code` may not use, as they were typed."""
    return sorted(set(BRACED.findall(body)) - PLACEHOLDERS.get(code, frozenset()))


def missing_placeholders(code: str, body: str) -> list[str]:
    """Placeholders that `body` needs and does not have."""
    return sorted((PLACEHOLDERS[code] & _ALWAYS) - placeholders_in(body))


def stray_braces(body: str) -> bool:
    """Whether a brace is left that belongs to no placeholder."""
    return bool(re.search(r"[{}]", BRACED.sub("", body)))
