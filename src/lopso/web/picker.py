"""A picker: people to choose from, drawn by `form.picker` (templates/macros/form.html)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PickerOption:
    """A row of the picker, in the shape of `form.picker`.

    `reasons` speak against the person and are drawn as pills; `facts` are the others, in one line.
    """

    value: int
    name: str
    sub: str
    reasons: Sequence[tuple[str, str]]
    disabled: str | None
    checked: bool
    facts: str = ""
