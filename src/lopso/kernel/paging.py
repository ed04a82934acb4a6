"""Long lists, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        number: from 1.
        total: rows in the whole list.
    """

    items: Sequence[T]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are; at least one, so that an empty list has a first page."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.items else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return (self.number - 1) * self.size + len(self.items)


def offset(number: int, size: int = PAGE_SIZE) -> int:
    """Rows to pass over before page `number` (from 1; anything lower counts as 1)."""
    return (max(1, number) - 1) * size


def page_of(items: Sequence[T], number: int, size: int = PAGE_SIZE) -> Page[T]:
    """One page of a list that is at hand; a number beyond the last page gives the last."""
    number = min(max(1, number), Page(items, 1, len(items), size).pages)
    start = offset(number, size)
    return Page(items[start : start + size], number, len(items), size)
