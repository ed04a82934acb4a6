"""What the reader wants to see of a week."""

from datetime import date
from typing import Annotated

from msgspec import Struct, field

from lopso.web.forms import Choice, Day, IdField, Text, Tick
from scheduling.labels.week import WeekFilters
from scheduling.models import SESSION_KINDS


class CityWeekQuery(Struct, frozen=True, kw_only=True):
    """A week of all wards; `ward_id` goes on to the week of one."""

    day: Annotated[date | None, Day(years=range(1, 10_000))] = field(default=None, name="tuan")
    ward_id: Annotated[str, Text(5)] = field(default="", name="phuong")
    kind: Annotated[str, Choice(SESSION_KINDS)] = field(default="", name="loai")
    short: Tick = field(default=False, name="thieu")
    drafts: Tick = field(default=False, name="nhap")
    asked: Tick = field(default=False, name="cho")

    @property
    def filters(self) -> WeekFilters:
        """What is shown."""
        return WeekFilters(kind=self.kind, short=self.short, drafts=self.drafts, asked=self.asked)


class WardWeekQuery(Struct, frozen=True, kw_only=True):
    """A week of one ward."""

    day: Annotated[date | None, Day(years=range(1, 10_000))] = field(default=None, name="tuan")
    kind: Annotated[str, Choice(SESSION_KINDS)] = field(default="", name="loai")
    room_id: Annotated[int | None, IdField()] = field(default=None, name="phong")
    short: Tick = field(default=False, name="thieu")
    drafts: Tick = field(default=False, name="nhap")
    asked: Tick = field(default=False, name="cho")

    @property
    def filters(self) -> WeekFilters:
        """What is shown."""
        return WeekFilters(
            kind=self.kind, room_id=self.room_id, short=self.short, drafts=self.drafts, asked=self.asked
        )
