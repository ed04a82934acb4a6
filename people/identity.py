"""When two entries of one name are one person."""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.matching import Match, MatchResult
from lopso.kernel.workbook.namesakes import BlockingKeys, Comparison


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """What tells people of one name apart; None: unknown.

    Attributes:
        phone: E.164. phone_kind: "mobile", "landline" or "none".
        group: where they belong, a neighbourhood or a team; any value that compares.
    """

    phone: str | None
    phone_kind: str = "mobile"
    birth_year: int | None = None
    group: Any = None


def agree(one: object, two: object) -> bool | None:
    """Whether two facts agree; None when one of them is unknown."""
    return None if one is None or two is None else one == two


def compare_people(
    one: IdentityKeys,
    two: IdentityKeys,
    *,
    groups_agree: Callable[[Any, Any], bool | None] = agree,
    has_birth_years: bool = True,
) -> Match:
    """Compare two people of one name; the order of the two does not matter.

    The same phone makes the same person. Where a phone is missing, or one of two is a landline, the same
    year of birth does, unless the groups differ. The same phone with another year, or the same year and
    group with another phone, is for a person to decide.

    Args:
        groups_agree: when two groups are one.
        has_birth_years: False for lists that never name the year: the group then says what the year would.
    """
    phones = agree(one.phone, two.phone)
    years = agree(one.birth_year, two.birth_year)
    groups = groups_agree(one.group, two.group)
    if phones:
        return _unclear(_("khác năm sinh")) if years is False else Match(MatchResult.SAME)
    if years is False or groups is False:
        return Match(MatchResult.DIFFERENT)
    alike = years if has_birth_years else groups
    if phones is False and one.phone_kind == two.phone_kind:
        # Alike in all else, yet two phones of one kind.
        return _unclear(_("khác số điện thoại")) if alike and groups else Match(MatchResult.DIFFERENT)
    if alike or one == two:
        return Match(MatchResult.SAME)
    return _unclear(_("thiếu năm sinh hoặc số điện thoại để phân biệt"))


_ANY = object()
_PHONE_KINDS = ("mobile", "landline", "none", None)  # None: without a phone


def the_group(group: Any) -> Collection[Hashable] | None:
    """The group as its only part; None when it is unknown."""
    return None if group is None else (group,)


def blocking_keys(
    one: IdentityKeys,
    *,
    group_parts: Callable[[Any], Collection[Hashable] | None] = the_group,
    has_birth_years: bool = True,
) -> BlockingKeys:
    """Under the keys that somebody is sought by are filed all with whom `compare_people` may find a match.

    They have the same phone; or the same year and group; or a phone that cannot be compared with this one,
    and no other year or group.

    Args:
        group_parts: two groups that agree have one of these in common; None: the group is unknown.
    """
    year, parts = one.birth_year, group_parts(one.group)
    phone = [one.phone] if one.phone is not None else []
    kind = one.phone_kind if phone else None
    same = product([year if has_birth_years else None], parts or ())
    alike = [*phone, *(same if year is not None or not has_birth_years else ())]
    years, groups = _sought(None if year is None else (year,)), _sought(parts)
    kinds = [each for each in _PHONE_KINDS if each != kind or not phone]
    return BlockingKeys(
        filed=[*alike, *product([kind], {year, _ANY}, {*(parts if parts is not None else (None,)), _ANY})],
        sought=[*alike, *product(kinds, years, groups)],
    )


def _sought(values: Collection[Hashable] | None) -> Collection[Hashable]:
    """Return what may be one of `values`: those and the unknown one; anything where they are unknown."""
    return (_ANY,) if values is None else (*values, None)


PEOPLE = Comparison(compare_people, blocking_keys)
"""People of lists that name the year of birth."""

PEOPLE_WITHOUT_YEARS = Comparison(
    partial(compare_people, has_birth_years=False), partial(blocking_keys, has_birth_years=False)
)
"""People of lists that never name the year of birth."""


def _unclear(difference: str) -> Match:
    return Match(MatchResult.UNCLEAR, difference)
