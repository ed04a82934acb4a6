"""Reading what was typed, as people type it: "8h30", "14h", "26/11/2026"; every mistake at its field."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Protocol

from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import nfc

_TIME = re.compile(r"(\d{1,2})(?:\s*(?:h|g|giờ|:|\.)\s*(\d{1,2})?)?(?:\s*(?:p|phút))?")
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
YEARS = range(2020, 2091)
LONGEST = 2000  # characters of any one field


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it came: every field may have been sent several times, or not at all."""

    values: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def text(self, name: str) -> str:
        """The field with single spaces, "" when it was not sent."""
        return " ".join(self.raw(name).split())

    def raw(self, name: str) -> str:
        """The field as typed, in NFC, line breaks kept."""
        return (self.values.get(name) or [""])[-1]

    def many(self, name: str) -> list[str]:
        """Every value of a field."""
        return self.values.get(name, [])

    def pairs(self, *, without: Iterable[str] = ()) -> list[tuple[str, str]]:
        """All fields for hidden inputs or an address, those `without` left out."""
        left_out = {"_csrf_token", *without}
        return [
            (name, value) for name, values in self.values.items() if name not in left_out for value in values
        ]

    def with_defaults(self, **defaults: object) -> "Typed":
        """The same with fields that were not sent filled in; None leaves one empty."""
        filled = {
            name: [str(each) for each in value] if isinstance(value, list) else [str(value)]  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]  (any list of printable values)
            for name, value in defaults.items()
            if value is not None and name not in self.values
        }
        return Typed({**filled, **self.values})


class Fields(Protocol):
    """A query or a form of the web framework."""

    def multi_items(self) -> Iterable[tuple[str, Any]]:
        """Every name with every value."""
        ...


def typed(fields: Fields) -> Typed:
    """What a query or a posted form holds; files are passed over."""
    values: dict[str, list[str]] = {}
    for name, value in fields.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(nfc(value)[:LONGEST])
    return Typed(values)


class Mistakes:
    """Sentences by field; the first one at a field stays."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def at(self, name: str, sentence: str) -> None:
        """Note a mistake."""
        self.fields.setdefault(name, sentence)

    def stop(self) -> None:
        """Raise InvalidInput if there was any."""
        if self.fields:
            raise InvalidInput(self.fields)


def read_time(text: str) -> time | None:
    """A time of day in any usual writing ("8h30", "8:30", "14h", "14 giờ"), or None."""
    found = _TIME.fullmatch(text.strip().lower())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_date(text: str) -> date | None:
    """A day as the browser sends it (2026-11-26) or as people write it (26/11/2026), or None.

    Years outside `YEARS` are slips of the finger.
    """
    try:
        if found := _DATE.fullmatch(text.strip()):
            day = date(int(found[3]), int(found[2]), int(found[1]))
        else:
            day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day.year in YEARS else None


def read_number(text: str) -> int | None:
    """A whole number as typed ("25", "1.200"), or None."""
    digits = text.strip().replace(".", "")
    return int(digits) if digits.isdecimal() and len(digits) < 10 else None


def number_in(
    form: Typed, name: str, low: int, high: int, mistakes: Mistakes, *, default: int | None = None
) -> int:
    """A whole number between two bounds; left empty it is `default`, when there is one."""
    text = form.text(name)
    if not text and default is not None:
        return default
    number = read_number(text)
    if number is None:
        mistakes.at(name, _("Xin ghi một số, từ %(low)s đến %(high)s.", low=low, high=high))
        return low
    if not low <= number <= high:
        mistakes.at(name, _("Số này phải từ %(low)s đến %(high)s.", low=low, high=high))
    return number


def instant_text(instant: datetime) -> str:
    """An instant as a hidden field keeps it: ``2026-11-23T01:30Z``."""
    return f"{instant:%Y-%m-%dT%H:%MZ}"


def read_instants(texts: Iterable[str]) -> set[datetime]:
    """Instants from fields made by `instant_text`; what is none is passed over."""
    found: set[datetime] = set()
    for text in texts:
        try:
            instant = datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
        except ValueError:
            continue
        found.add(instant)
    return found


def refusal_in_words(refusal: InvalidInput | Refused | None) -> str | None:
    """What a refused plan says above the preview."""
    if isinstance(refusal, InvalidInput):
        return " ".join(refusal.fields.values())
    return refusal.sentence if refusal else None
