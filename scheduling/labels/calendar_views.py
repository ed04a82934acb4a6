"""The views of a calendar and their addresses: the same day and the same filters in each of them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args
from urllib.parse import urlencode

from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from scheduling.queries.calendar_filters import CalendarFilters

View = Literal["week", "month", "term", "agenda", "rooms", "markets", "helpers"]
VIEWS: tuple[View, ...] = get_args(View)

_PATHS: dict[View, str] = {
    "week": "",
    "month": "/thang",
    "term": "/dot",
    "agenda": "/danh-sach",
    "rooms": "/phong",
    "markets": "/cho",
    "helpers": "/nguoi",
}
_OF_SEVERAL_WARDS: tuple[View, ...] = ("week", "month", "agenda")
_DAYS: dict[View, str] = {"week": "tuan"}
ALL = CalendarFilters()


@dataclass(frozen=True, slots=True)
class CalendarPlace:
    """Where somebody is in the calendar: of one ward or of several (None), at a day, with filters.

    Attributes:
        day: at which the days that are shown begin.
        asked: the day that was asked for; None: today.
    """

    ward_id: str | None
    view: View
    day: date
    filters: CalendarFilters
    asked: date | None = None

    @property
    def base(self) -> str:
        """The address of the week, without anything."""
        return calendar_of(self.ward_id)

    @property
    def path(self) -> str:
        """The address of the view, without anything."""
        return self.base + _PATHS[self.view]

    @property
    def day_name(self) -> str:
        """What the day is called in an address."""
        return _DAYS.get(self.view, "ngay")

    @property
    def filter_words(self) -> dict[str, str]:
        """The filters as they stand in an address."""
        return words_of(self.filters)

    def at(self, day: date | None) -> str:
        """The address of the same at another day; None: today."""
        return address(self.ward_id, self.view, day, self.filters)

    def after(self, session_id: int) -> str:
        """The address of what follows a session in the list."""
        query = {**_day(self.view, self.day), **self.filter_words, "sau": str(session_id)}
        return f"{self.path}?{urlencode(query)}"

    def seen_as(self, view: View) -> str:
        """The address of another view of the same."""
        return address(self.ward_id, view, self.asked, self.filters)

    @property
    def unfiltered(self) -> str:
        """The address of the same without filters."""
        return address(self.ward_id, self.view, self.day)

    @property
    def choose_filters(self) -> str:
        """The address at which filters are chosen."""
        query = {"xem": self.view, **_day(self.view, self.asked), **self.filter_words}
        return f"{self.base}/loc?{urlencode(query)}"


def view_labels() -> dict[View, str]:
    """What the views are called, in the order in which they are offered."""
    return {
        "week": _("Tuần"),
        "month": _("Tháng"),
        "term": _("Đợt"),
        "agenda": _("Danh sách"),
        "rooms": _("Phòng"),
        "markets": _("Chợ"),
        "helpers": _("Người"),
    }


def calendar_tabs(
    ward_id: str | None, current: str, *, actor: Actor, place: CalendarPlace | None = None
) -> list[dict[str, object]]:
    """The views and the other parts of a calendar, for `ui.tabs`.

    Args:
        place: day and filters that the other views keep.
    """
    found = [
        (view, label, place.seen_as(view) if place else address(ward_id, view))
        for view, label in view_labels().items()
        if (view in _OF_SEVERAL_WARDS or ward_id is not None)
        and (view != "helpers" or actor.may(Permission.SEE_PEOPLE, ward_id))
    ]
    if ward_id is not None:
        here = calendar_of(ward_id)
        found += [
            ("series", _("Chuỗi"), f"{here}/chuoi"),
            ("courses", _("Nội dung"), f"{here}/noi-dung"),
            ("holidays", _("Ngày nghỉ"), f"{here}/ngay-nghi"),
        ]
    return [{"label": label, "href": href, "current": name == current} for name, label, href in found]


def calendar_of(ward_id: str | None) -> str:
    """The address of the calendar of a ward, or of all wards."""
    return f"/lich/{ward_id}" if ward_id else "/lich"


def address(ward_id: str | None, view: View, day: date | None = None, filters: CalendarFilters = ALL) -> str:
    """The address of a view."""
    query = {**_day(view, day), **words_of(filters)}
    path = calendar_of(ward_id) + _PATHS[view]
    return f"{path}?{urlencode(query)}" if query else path


def words_of(filters: CalendarFilters) -> dict[str, str]:
    """Filters as they stand in an address; those of `scheduling.forms.calendar`."""
    values = {
        "loai": filters.kind,
        "phong": filters.room_id,
        "dia_diem": filters.venue_id,
        "to": filters.neighbourhood_id,
        "nguoi": filters.helper_id,
        "doi_tuong": filters.audience,
        "thieu": filters.short,
        "nhap": filters.drafts,
        "cho": filters.asked,
        "huy": filters.cancelled,
    }
    return {name: "1" if value is True else str(value) for name, value in values.items() if value}


def _day(view: View, day: date | None) -> dict[str, str]:
    return {_DAYS.get(view, "ngay"): day.isoformat()} if day else {}
