"""What every group of the search has in common.

The statements are made once, with parameters (`Wanted.parameters`): making them takes longer than running
them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, Text, bindparam, false, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, Boolean, Integer

from lopso.kernel.clock import local_day, start_of_day
from lopso.kernel.db import UtcDateTime
from lopso.kernel.search import people_query, unfinished_query
from overview.queries.statements import AnySelect
from overview.rules.search_terms import SearchTerms

BOUND = 40
"""Names of a ward that are looked at for each way in which a name may begin."""

SAMPLE, ENOUGH = 3_000, 20
"""Learners looked at for words that stand apart, and hits among them that do without the index of words."""

BACK, AHEAD = timedelta(days=90), timedelta(days=270)
"""How far from now sessions are looked for, unless a day was typed."""

_HIGHEST = "\U0010ffff"

PEOPLE = bindparam("people", type_=ARRAY(Text))
CALENDAR = bindparam("calendar", type_=ARRAY(Text))
HERE = bindparam("here", type_=Text)
HELPER = bindparam("helper", type_=BigInteger)
NOW = bindparam("now", type_=UtcDateTime)
SIZE = bindparam("size", type_=Integer)
ACCENTED = bindparam("accented", type_=Text)
NAME = bindparam("name", type_=Text)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search: what for, and where the reader may look.

    Attributes:
        people: wards whose learners and helpers the reader may see. calendar: whose sessions and places.
        ward_id: the ward of the page; its hits come before those of others.
        helper_id: account of somebody who sees no calendar, but the sessions they help in.
        size: hits of a group that are shown at most.
        all_wards: whether `people` are all the wards there are.
    """

    terms: SearchTerms
    people: Collection[str]
    calendar: Collection[str]
    ward_id: str | None
    helper_id: int | None
    now: datetime
    size: int
    all_wards: bool = False

    def parameters(self) -> dict[str, Any]:
        """Values of every parameter of the statements."""
        terms = self.terms
        return {
            "people": sorted(self.people),
            "calendar": sorted(self.calendar),
            "here": self.ward_id,
            "helper": self.helper_id,
            "now": self.now,
            "size": self.size,
            "per_ward": max(5, BOUND // max(1, len(self.people))),
            "sample_per_ward": max(5, SAMPLE // max(1, len(self.people))),
            "accented": terms.accented,
            "patterns": [f"% {word}%" for word in terms.words],
            "since": self.now - BACK if terms.day is None else start_of_day(terms.day),
            "until": self.now + AHEAD if terms.day is None else start_of_day(terms.day + timedelta(days=1)),
            "began_after": local_day(self.now) - timedelta(days=365),
            "apart": self._words_apart(),
            "helper_query": people_query(terms.name, wards=self.people),
            **beginning("name", terms.name or None),
            **beginning("name_turned", terms.given_name_first),
            **beginning("phone", terms.phone),
            **beginning("last_digits", terms.last_digits and terms.last_digits[::-1]),
            **beginning("serial", terms.serial),
        }

    def _words_apart(self) -> str | None:
        """None for a single letter: it would find nearly everybody."""
        if len(self.terms.name) < 2:
            return None
        return unfinished_query(self.terms.name, wards=None if self.all_wards else self.people)


def beginning(name: str, text: str | None) -> dict[str, str | None]:
    """Parameters for `begins_with`."""
    return {name: text, f"{name}_highest": None if text is None else text + _HIGHEST}


def begins_with(key: ColumnElement[str] | Any, name: str) -> list[ColumnElement[bool]]:
    """Whether `key` begins with the parameter `name`, by an index on it with text_pattern_ops."""
    lowest, highest = bindparam(name, type_=Text), bindparam(f"{name}_highest", type_=Text)
    compared: list[ColumnElement[bool]] = [
        key.op("~>=~", return_type=Boolean())(lowest),
        key.op("~<~", return_type=Boolean())(highest),
    ]
    return compared


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A hit as it was read; `detail` is what tells it from others, by its group."""

    group: str
    id: int
    ward_id: str
    name: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HitGroup:
    """The best hits of a group.

    Attributes:
        total: how many there are; with `more`, at least so many.
    """

    name: str
    rows: Sequence[FoundRow]
    total: int
    more: bool


def group_rows(
    group: str,
    found: AnySelect,
    *,
    order: Sequence[Any],
    more: ColumnElement[bool] | None = None,
) -> Subquery:
    """The best of `found` (columns id, ward_id, name, detail), and how many there are.

    Args:
        more: of every row, whether some were not looked at.
    """
    cut = false() if more is None else func.coalesce(func.bool_or(more).over(), false())
    return (
        found.add_columns(
            literal(group).label("hit_group"),
            func.count().over().label("total"),
            cut.label("more"),
            func.row_number().over(order_by=order).label("place"),
        )
        .order_by(*order)
        .limit(SIZE)
        .subquery(f"{group}_hits")
    )


def only(group: Subquery) -> AnySelect:
    """The columns of `group_rows` in the order that all groups have."""
    names = ("hit_group", "place", "id", "ward_id", "name", "detail", "total", "more")
    return select(*(group.c[each] for each in names))


def has_words(folded: ColumnElement[str] | Any) -> ColumnElement[bool]:
    """Whether each word that was typed begins a word of folded text; with no word typed everything does."""
    patterns = bindparam("patterns", type_=ARRAY(Text))
    return (literal(" ") + folded).op("LIKE", return_type=Boolean())(func.all(patterns))


def some_words() -> ColumnElement[bool]:
    """Whether any word was typed, besides a day."""
    return func.cardinality(bindparam("patterns", type_=ARRAY(Text))) > 0
