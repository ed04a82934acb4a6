"""Helpers: when two entries are one person, their values, parts of the day and hours."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, time

from lopso.kernel.text import fold
from lopso.kernel.workbook.matching import Match
from lopso.kernel.workbook.namesakes import BlockingKeys, Comparison
from people.identity import IdentityKeys, blocking_keys, compare_people


@dataclass(frozen=True, slots=True)
class TeamPosition:
    """Where a helper belongs: the keys of their teams, and the folded position ("" when it is not said)."""

    teams: frozenset[str] = frozenset()
    position: str = ""


def compare_helpers(one: IdentityKeys, two: IdentityKeys) -> Match:
    """Compare two helpers of one name; their groups are `TeamPosition`.

    The same phone is the same person, whatever the team. Without a phone to compare (missing, or a landline
    beside a mobile) team and position decide. Two phones of one kind for the same position in one team are
    for a person to look at.
    """
    return compare_people(one, two, groups_agree=_positions_agree, has_birth_years=False)


def helper_blocking_keys(one: IdentityKeys) -> BlockingKeys:
    """Return the blocking keys of a helper for `compare_helpers`."""
    return blocking_keys(one, group_parts=_team_keys, has_birth_years=False)


def _team_keys(position: TeamPosition) -> Collection[str]:
    return position.teams or ("",)


HELPERS = Comparison(compare_helpers, helper_blocking_keys)


def _positions_agree(one: TeamPosition, two: TeamPosition) -> bool:
    same_team = bool(one.teams & two.teams) or one.teams == two.teams
    return same_team and (not one.position or not two.position or one.position == two.position)


# --- When somebody is free ---

MORNING = (time(7), time(11, 30))
AFTERNOON = (time(13), time(17, 30))
EVENING = (time(17, 30), time(21, 30))
DAY = (time(7), time(21, 30))
PARTS = {"morning": MORNING, "afternoon": AFTERNOON, "evening": EVENING}
"""Wall-clock hours of the parts of a day; classes begin and end inside them."""


@dataclass(frozen=True, slots=True, order=True)
class WeeklyHours:
    """A weekly time, wall-clock in Huế; weekday 0 = Monday."""

    weekday: int
    since: time
    until: time


def parts_of(hours: Iterable[WeeklyHours]) -> frozenset[tuple[int, str]]:
    """Return the (weekday, part) wholly inside the hours: what a form of parts shows as ticked."""
    return frozenset(
        (each.weekday, part)
        for each in hours
        for part, (since, until) in PARTS.items()
        if each.since <= since and until <= each.until
    )


def hours_of(parts: Iterable[tuple[int, str]]) -> list[WeeklyHours]:
    """Return the hours that ticked parts stand for; all three parts are the whole day, noon included."""
    by_day: dict[int, set[str]] = {}
    for weekday, part in parts:
        by_day.setdefault(weekday, set()).add(part)
    hours: list[WeeklyHours] = []
    for weekday, names in sorted(by_day.items()):
        spans = [DAY] if names == set(PARTS) else [span for part, span in PARTS.items() if part in names]
        hours += [WeeklyHours(weekday, since, until) for since, until in spans]
    return hours


# --- Values ---


@dataclass(frozen=True, slots=True)
class TrainerDetails:
    """Checked values of a helper; the phone in E.164."""

    full_name: str
    kind: str = "team_member"
    sex: str | None = None
    position: str = ""
    phone: str | None = None
    phone_kind: str = "none"
    phone_note: str = ""
    email: str | None = None
    teaches_all: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class TeamDetails:
    """Checked values of a team; a student team works from `active_from` to `active_to`, both included."""

    kind: str
    name: str
    neighbourhood_id: int | None = None
    active_from: date | None = None
    active_to: date | None = None


def team_key(kind: str, name: str, place_key: str | None) -> str:
    """Return the key of a team in its ward: for a community team its neighbourhood, else its name.

    "Tổ CNSCĐ TDP 1" and "Tổ công nghệ số cộng đồng TDP01" are one team.
    """
    if kind == "community_tech_team" and place_key:
        return f"cnscd {place_key}"
    return fold(name)
