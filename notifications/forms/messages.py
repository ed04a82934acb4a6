"""Forms of searches, of actions on messages, and of preferences of a phone number."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from msgspec import Struct, field

from lopso.kernel.parsing import read_date
from lopso.web.forms import Context, FieldType, Lenient, Text, Tick, WholeNumber

LONGEST_SEARCH = 80
YEARS = range(2000, 2101)
"""Years of which there can be texts; beyond them lies the end of the calendar, which has no day after."""


class SearchText(FieldType[str]):
    """What was typed into a search box; unreadable characters and what is too long are left out."""

    def take(self, texts: Sequence[str], context: Context) -> str | None:
        typed = "".join(char for char in (texts[-1] if texts else "") if char.isprintable())
        return typed.strip()[:LONGEST_SEARCH]


class MessageSearch(Struct, frozen=True, kw_only=True):
    """A name or a number to look for; posted, so that neither stands in an address."""

    q: Annotated[str, SearchText()] = ""
    page: Annotated[int, Lenient(WholeNumber(1, 99_999))] = field(name="trang", default=1)


class ActionForm(Struct, frozen=True, kw_only=True):
    """An action on messages.

    Attributes:
        how: how a delivery problem was resolved, by its word in the page.
        confirmed: send again although the first may have arrived.
        purpose: only messages of this purpose.
        back: the page to return to.
    """

    how: Annotated[str, Text(20)] = field(name="cach", default="da-goi")
    confirmed: Tick = field(name="chac", default=False)
    purpose: Annotated[str, Text(60)] = field(name="loai", default="")
    back: Annotated[str, Text(2000)] = field(name="ve", default="")


class PreferenceForm(Struct, frozen=True, kw_only=True):
    """A change of what a phone number gets: a command, the topic it is about, whether staff asked first."""

    command: Annotated[str, Text(20)] = field(name="viec", default="")
    topic: Annotated[str, Text(20)] = field(name="loai", default="")
    confirmed: Tick = field(name="chac", default=False)


def read_day(typed: str, today: date) -> date:
    """A day of an address (2026-11-25); today when it makes no sense."""
    return read_date(typed, YEARS) or today
