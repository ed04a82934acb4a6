"""A wording as its messages would read, before it is in use."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateways.placeholders import shown
from lopso.kernel.text import unaccent
from wordings.rules.samples import (
    PlaceholderValues,
    WardSamples,
    WordingSample,
    longest_sample,
    sample,
    total_segments,
)
from wordings.service.checks import message_class_of, wording_fault


@dataclass(frozen=True, slots=True)
class WordingPreview:
    """A wording as its messages would read.

    Attributes:
        fault: why it may not be used, as a sentence.
        plain: without accents.
        samples: messages to real people, the longest last.
        week: how many messages and segments the coming week has in the ward; None for messages about skills.
        planned: those messages are planned; otherwise they would go if every session were announced.
    """

    fault: str | None
    plain: str
    samples: Sequence[WordingSample]
    week: tuple[int, int] | None
    planned: bool

    @property
    def segments(self) -> int:
        """Of the longest text."""
        return max((each.size.segments for each in self.samples), default=1)


def preview(
    code: str, body: str, found: WardSamples, in_city: Sequence[PlaceholderValues] = ()
) -> WordingPreview:
    """The preview of `body` for the messages of a ward.

    Args:
        in_city: the longest messages of every ward; shown where one of them takes more segments.
    """
    samples = [sample(body, values) for values in found.shown] if body else []
    longest = longest_sample(body, in_city) if body else None
    if longest and longest.size.segments > max((each.size.segments for each in samples), default=0):
        samples.append(longest)
    week = found.week
    return WordingPreview(
        wording_fault(code, message_class_of(code), body),
        unaccent(shown(body)),
        samples,
        (len(week.messages), total_segments(body, week.messages)) if week and body else None,
        planned=week is not None and week.planned,
    )
