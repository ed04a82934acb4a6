"""When two entries of one name are one person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.matching import Match, MatchResult


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


def _unclear(difference: str) -> Match:
    return Match(MatchResult.UNCLEAR, difference)
