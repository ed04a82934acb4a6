"""Refusals of this room."""

from collections.abc import Sequence
from dataclasses import dataclass

from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Namesake:
    """A helper of the ward with the same name, as shown to tell them apart."""

    id: int
    name: str
    position: str
    teams: str
    phone: str | None
    gone: bool


class PerhapsKnown(InvalidInput):
    """A helper of this name who may be the same person is in the ward's list already."""

    def __init__(self, namesakes: Sequence[Namesake]) -> None:
        super().__init__({"another": _("Có thể người này đã có trong danh sách. Xin xem bên dưới.")})
        self.namesakes = namesakes
