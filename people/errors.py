"""Refusals that lists of persons share."""

from collections.abc import Sequence
from dataclasses import dataclass

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Namesake:
    """Somebody in the ward's list with the same name, as shown to tell them apart.

    Attributes:
        facts: year of birth, neighbourhood, team and the like, in words.
        phone: E.164. removed: whether they are off the list now.
    """

    id: int
    name: str
    facts: tuple[str, ...]
    phone: str | None
    removed: bool


class PossibleDuplicate(InvalidInput):
    """Somebody of this name who may be the same person is in the ward's list already."""

    def __init__(self, namesakes: Sequence[Namesake]) -> None:
        super().__init__({"another": _("Có thể người này đã có trong danh sách. Xin xem bên dưới.")})
        self.namesakes = namesakes


def namesakes_of(error: InvalidInput | None) -> Sequence[Namesake]:
    """Who may be the same person, for the page that shows a form again; empty for other mistakes."""
    return error.namesakes if isinstance(error, PossibleDuplicate) else ()
