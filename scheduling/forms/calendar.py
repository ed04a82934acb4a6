"""What the reader wants to see of the calendar."""

from datetime import date
from typing import Annotated

from msgspec import Struct, field

from learners.models import AUDIENCES
from lopso.web.forms import Choice, Day, IdField, PageNumber, Text, Tick
from scheduling.labels.calendar_views import VIEWS, View
from scheduling.models import SESSION_KINDS
from scheduling.queries.calendar_filters import CalendarFilters


class CalendarQuery(Struct, frozen=True, kw_only=True):
    """A view of the calendar.

    Attributes:
        week_of, day: the day that is wanted to be seen, in the week and in the other views.
        ward_id: from the calendar of all wards goes on to that of one.
        view: where to go back to from the page of the filters.
    """

    week_of: Annotated[date | None, Day(years=range(1, 10_000))] = field(default=None, name="tuan")
    day: Annotated[date | None, Day(years=range(1, 10_000))] = field(default=None, name="ngay")
    view: Annotated[View, Choice(VIEWS)] = field(default="week", name="xem")
    ward_id: Annotated[str, Text(5)] = field(default="", name="phuong")
    kind: Annotated[str, Choice(SESSION_KINDS)] = field(default="", name="loai")
    room_id: Annotated[int | None, IdField()] = field(default=None, name="phong")
    venue_id: Annotated[int | None, IdField()] = field(default=None, name="dia_diem")
    neighbourhood_id: Annotated[int | None, IdField()] = field(default=None, name="to")
    helper_id: Annotated[int | None, IdField()] = field(default=None, name="nguoi")
    audience: Annotated[str | None, Choice(AUDIENCES)] = field(default=None, name="doi_tuong")
    short: Tick = field(default=False, name="thieu")
    drafts: Tick = field(default=False, name="nhap")
    asked: Tick = field(default=False, name="cho")
    cancelled: Tick = field(default=False, name="huy")

    @property
    def day_wanted(self) -> date | None:
        """The day by either name."""
        return self.day or self.week_of

    def filters(self, *, by_ward: bool, by_people: bool) -> CalendarFilters:
        """What is shown.

        Args:
            by_ward: places may be asked for: those of one ward.
            by_people: helpers and learners, too: by who may see them.
        """
        return CalendarFilters(
            kind=self.kind,
            room_id=self.room_id if by_ward else None,
            venue_id=self.venue_id if by_ward else None,
            neighbourhood_id=self.neighbourhood_id if by_ward else None,
            helper_id=self.helper_id if by_people else None,
            audience=self.audience if by_people else None,
            short=self.short,
            drafts=self.drafts,
            asked=self.asked,
            cancelled=self.cancelled,
        )


class AgendaQuery(CalendarQuery, frozen=True, kw_only=True):
    """The list of sessions; `after`: the last one that was seen."""

    after: Annotated[int | None, IdField()] = field(default=None, name="sau")


class ResourceQuery(CalendarQuery, frozen=True, kw_only=True):
    """Rooms, markets, helpers or series; `number`: page of them."""

    number: PageNumber = field(default=1, name="trang")
