"""Whether two entries that may be one are one: the answer, for lists and forms alike."""

from dataclasses import dataclass
from enum import Enum


class MatchResult(Enum):
    """Whether two entries of one name are the same record."""

    SAME = "same"
    DIFFERENT = "different"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Match:
    """The answer; `difference` says, for UNCLEAR, what does not fit, in words for the person who decides."""

    result: MatchResult
    difference: str = ""
