"""How many people the texts of a change reach, and why some get none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

NoTextReason = Literal["no_mobile", "refused", "waiting", "told"]
"""Why somebody gets no text: no number to text, no wish for one, no seat yet, nothing new to be told."""


@dataclass(frozen=True, slots=True)
class ChangeReach:
    """Who hears of a change by text.

    Attributes:
        people: whom the change concerns. texts: how many go.
        sharing: people whose text goes to somebody else's number too, one person of each number left out.
        reasons: how many get no text, and why.
    """

    people: int
    texts: int
    sharing: int
    reasons: Mapping[NoTextReason, int] = field(default_factory=dict[NoTextReason, int])

    @property
    def to_call(self) -> int:
        """People whom no text can reach."""
        return self.reasons.get("no_mobile", 0) + self.reasons.get("refused", 0)
