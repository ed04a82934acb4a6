"""What was ticked and typed on the pages of a session's learners."""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.datastructures import FormMultiDict

from scheduling.forms.assignments import reason_of
from scheduling.forms.picks import picked, words_of


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Who is to be enrolled; `typed` is the search under which they were found."""

    learner_ids: Sequence[int]
    typed: str
    whole_series: bool


@dataclass(frozen=True, slots=True)
class GivingUp:
    """A seat given up: why, and whether the later ones of the series too."""

    reason: str
    whole_series: bool


def read_enrolling(form: FormMultiDict) -> Enrolling:
    """The picker's form."""
    return Enrolling(picked(form, "nguoi"), words_of(form, "q"), words_of(form, "pham_vi") == "loat")


def read_giving_up(form: FormMultiDict) -> GivingUp:
    """The form beside a learner on the list."""
    return GivingUp(reason_of(form), words_of(form, "pham_vi") == "loat")
