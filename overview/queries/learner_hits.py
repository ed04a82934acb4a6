"""Learners by name or number, in bounded time however many there are.

A name is looked for by its beginning, by its last word, two and three, and by family and given name ("le hoa"
for "Lê Thị Hoa"): each is a range of an index by ward, of which a bounded number of rows is read, whole words
first. Only where these find few, the index of all words is asked for the words anywhere. Numbers: by their
beginning, or their last digits.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    ScalarSelect,
    Subquery,
    TableValuedAlias,
    Text,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.sql.selectable import LateralFromClause

from learners.models import SEARCH_KEYS, Learner
from overview.queries.hits import ACCENTED, BOUND, ENOUGH, HERE, PEOPLE, begins_with, group_rows
from overview.queries.statements import AnySelect
from venues.models import Neighbourhood

_PER_WARD = bindparam("per_ward", type_=Integer)
_APART = 4  # rank of a name that has the words, but not side by side


def learners_by_name() -> Subquery:
    """The best first: whole name, name for short, beginnings, then those that have the words."""
    near = union_all(
        _range("name_key", "name", exact=0, begins=2),
        _range(SEARCH_KEYS["given_name_first"], "name", exact=1, begins=3),
        _range(SEARCH_KEYS["given_name_first"], "name_turned", exact=1, begins=1),
        _range(SEARCH_KEYS["last_two_words"], "name", exact=1, begins=3),
        _range(SEARCH_KEYS["last_three_words"], "name", exact=1, begins=3),
    ).cte("near")
    return _hits(union_all(select(near), _words_apart(near)).subquery("candidates"))


def learners_by_number() -> Subquery:
    """By the beginning of a number, or its last digits."""
    ranges = union_all(
        _range("phone", "phone", exact=0, begins=2),
        _range(SEARCH_KEYS["last_digits"], "last_digits", exact=0, begins=1),
    )
    return _hits(ranges.subquery("candidates"))


def _hits(candidates: Subquery) -> Subquery:
    found = (
        select(
            candidates.c.id,
            func.min(candidates.c.rank).label("rank"),
            func.bool_or(candidates.c.cut).label("cut"),
        )
        .group_by(candidates.c.id)
        .subquery("found")
    )
    detail = func.jsonb_build_object(
        "year", Learner.birth_year, "place", Neighbourhood.name, "phone", Learner.phone
    )
    name = func.trim(Learner.title + " " + Learner.full_name)
    rows = (
        select(Learner.id, Learner.ward_id, name.label("name"), detail.label("detail"))
        .join(found, found.c.id == Learner.id)
        .outerjoin(Neighbourhood, Neighbourhood.id == Learner.neighbourhood_id)
    )
    as_typed = func.strpos(func.lower(Learner.full_name), ACCENTED) > 0
    order = (found.c.rank, Learner.ward_id != HERE, as_typed.desc(), Learner.sort_key, Learner.id)
    return group_rows("learners", rows, order=order, more=found.c.cut)


def _range(key: str, parameter: str, *, exact: int, begins: int) -> AnySelect:
    """Of each ward the first learners whose `key` begins so, by an index."""
    wards = func.unnest(PEOPLE).table_valued("id", name="looked_in").render_derived()
    rows = _first_of(wards, key, parameter)
    typed = bindparam(parameter, type_=Text)
    is_whole = rows.c.key == typed
    if key == SEARCH_KEYS["given_name_first"]:
        is_whole = func.starts_with(rows.c.key, typed + literal(" "))
    rank = case((is_whole, exact), else_=begins)
    return select(rows.c.id, rank.label("rank"), rows.c.cut).select_from(wards).join(rows, true())


def _first_of(wards: TableValuedAlias, key: str, parameter: str) -> LateralFromClause:
    indexed: ColumnElement[str] = literal_column(key)
    first = (
        select(Learner.id, indexed.label("key"))
        .where(Learner.ward_id == wards.c.id, Learner.archived_at.is_(None), *begins_with(indexed, parameter))
        .order_by(text(f"{key} USING ~<~"))
        .limit(_PER_WARD)
        .correlate(wards)
        .lateral()
    )
    return select(first.c.id, first.c.key, (func.count().over() >= _PER_WARD).label("cut")).lateral()


def _words_apart(near: CTE) -> CompoundSelect[Any, int, bool]:
    """Learners with all the words anywhere in their names, where few were found by a range.

    The index of words reads all who have a frequent word, however few are wanted. A fixed number of learners
    is looked at first: of frequent words there are enough among them, and more elsewhere.

    The query of words is a subquery, whose value the planner does not know: it would read the whole table for
    words that look frequent to it and may be in no name.
    """
    query = select(func.to_tsquery("simple", bindparam("apart", type_=Text))).scalar_subquery()
    few = select(func.count()).select_from(near).scalar_subquery() < BOUND
    sampled = _sampled(few, query)
    rare = select(func.count()).select_from(sampled).scalar_subquery() < ENOUGH
    found = (
        select(Learner.id)
        .where(few, rare, Learner.search.op("@@")(query), Learner.archived_at.is_(None))
        .limit(BOUND)
        .subquery()
    )
    return union_all(
        select(sampled.c.id, literal(_APART).label("rank"), literal(True).label("cut")).where(~rare),
        select(found.c.id, literal(_APART), func.count().over() >= BOUND),
    )


def _sampled(wanted: ColumnElement[bool], query: ScalarSelect[Any]) -> CTE:
    """Those with the words among some learners of each ward: the first by phone, which knows no names."""
    wards = func.unnest(PEOPLE).table_valued("id", name="sampled_in").render_derived()
    some = (
        select(Learner.id, Learner.search)
        .where(Learner.ward_id == wards.c.id, Learner.archived_at.is_(None))
        .order_by(text("phone USING ~<~"))
        .limit(bindparam("sample_per_ward", type_=Integer))
        .correlate(wards)
        .lateral()
    )
    matching = select(some.c.id).select_from(wards).join(some, true())
    return matching.where(wanted, some.c.search.op("@@")(query)).limit(BOUND).cte("sampled")
