"""When two entries in a list of helpers are the same person."""

from dataclasses import dataclass
from enum import Enum


class Likeness(Enum):
    """Whether two entries with the same name are one person."""

    SAME = "same"
    OTHER = "other"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells helpers of one name apart; `teams` are the keys of the teams they are in."""

    phone: str | None
    phone_kind: str = "mobile"
    teams: frozenset[str] = frozenset()
    position: str = ""


def likeness(one: Marks, two: Marks) -> Likeness:
    """Compare two helpers of the same name.

    The same phone is the same person, whatever the team. Without a phone to compare (missing, or a landline
    beside a mobile) team and position decide. Two phones of one kind for the same position in one team are
    for a person to look at.
    """
    same_post = (bool(one.teams & two.teams) or one.teams == two.teams) and (
        not one.position or not two.position or one.position == two.position
    )
    if one.phone and two.phone:
        if one.phone == two.phone:
            return Likeness.SAME
        if one.phone_kind == two.phone_kind:
            return Likeness.UNCLEAR if same_post else Likeness.OTHER
    return Likeness.SAME if same_post else Likeness.OTHER
