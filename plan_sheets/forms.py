"""Forms of the pages on which a plan sheet is reviewed."""

from typing import Annotated, Literal

from msgspec import Struct, field

from lopso.web.forms import Choice, FreeText, IdField, Many, PageNumber, Text, Tick
from plan_sheets.rules.decided_rows import ROW_STATES
from plan_sheets.rules.resolved_rows import CELLS

BY_WORDS = "words"
MOST_NAMES = 60
CellText = Annotated[str, FreeText(200)]


class ReviewQuery(Struct, frozen=True, kw_only=True):
    """Rows of which state, and the page of them; without a state those for a person first."""

    state: Annotated[str, Choice(ROW_STATES)] = field(default="", name="loai")
    number: PageNumber = field(default=1, name="trang")


class NamesForm(Struct, frozen=True, kw_only=True):
    """What names of the sheet mean: ``key:id``, ``key:words`` for a place without a room, or ``key:``."""

    meanings: Annotated[tuple[str, ...], Many(Text(60), most=2 * MOST_NAMES)] = field(default=(), name="ten")


class RowForm(Struct, frozen=True, kw_only=True):
    """One row as a person corrects it; the cells are read like those of the file.

    Attributes:
        course_id, room, helper_id: what was chosen; `room` is an id or ``words``, "" follows the cell.
        drop, another, keep: see `RowAnswer`. act: what was pressed.
    """

    course: CellText = ""
    place: CellText = ""
    weekday: CellText = ""
    hours: CellText = ""
    when: CellText = ""
    starts: CellText = ""
    ends: CellText = ""
    meetings: CellText = ""
    seats: CellText = ""
    helper: CellText = ""
    day0: CellText = ""
    day1: CellText = ""
    day2: CellText = ""
    day3: CellText = ""
    day4: CellText = ""
    day5: CellText = ""
    day6: CellText = ""
    course_id: Annotated[int | None, IdField()] = None
    room: Annotated[str, Text(20)] = ""
    helper_id: Annotated[int | None, IdField()] = None
    drop: Tick = False
    another: Tick = False
    keep: Tick = False
    act: Annotated[Literal["save", "skip", "take"], Choice(("save", "skip", "take"))] = field(
        default="save", name="viec"
    )

    @property
    def texts(self) -> dict[str, str]:
        """The cells by field."""
        return {name: getattr(self, name) for name in CELLS}
