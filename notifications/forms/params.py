"""Queries of pages about messages; what makes no sense there counts as not given."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Struct, field

from lopso.web.forms import (
    Choice,
    Day,
    IdField,
    InstantField,
    Many,
    PageNumber,
    Text,
    Tick,
    WholeNumber,
)
from scheduling.models import SESSION_KINDS
from scheduling.rules.series_change import ApartChoice

APART: tuple[ApartChoice, ...] = ("picked", "follow", "keep")
SCOPES: tuple[Literal["following", "all"], ...] = ("following", "all")


class ChangeParams(Struct, frozen=True, kw_only=True):
    """What a change or a cancellation would send.

    Attributes:
        change: as `scheduling.rules.plan.encode_change` writes it.
        scope: of a series: the sessions from this one, or all; None for this one.
        reason: of a cancellation, as typed so far.
        picked: sessions ticked on the page that asks; `with_ticks`: it shows ticks, so none means none.
        apart: what becomes of sessions that were moved by themselves.
    """

    change: Annotated[str, Text(2000)] = field(name="doi", default="")
    scope: Annotated[Literal["following", "all"] | None, Choice(SCOPES)] = field(name="pham_vi", default=None)
    reason: Annotated[str, Text(2000)] = ""
    picked: Annotated[tuple[int, ...], Many(IdField(), most=1000)] = field(name="pick", default=())
    with_ticks: Tick = field(name="chon", default=False)
    apart: Annotated[ApartChoice, Choice[ApartChoice](APART)] = field(name="rieng", default="picked")


class ExtensionParams(Struct, frozen=True, kw_only=True):
    """Further meetings of a series as its form says it.

    `with_ticks`: the page that asks shows ticks, so none picked means none; else every free date is meant.
    """

    meetings: Annotated[int | None, WholeNumber(1, 1000)] = None
    ends_on: Annotated[date | None, Day(years=range(2020, 2091))] = None
    learners: Tick = field(default=False, name="nguoi_hoc")
    helpers: Tick = field(default=False, name="nguoi_day")
    publish: Tick = field(default=False, name="cong_bo")
    picked: Annotated[tuple[datetime, ...], Many(InstantField(), most=1000)] = field(name="pick", default=())
    with_ticks: Tick = field(name="chon", default=False)


class ClosureParams(Struct, frozen=True, kw_only=True):
    """The closure as its form says it."""

    wards: Annotated[tuple[str, ...], Many(Text(5), most=100)] = field(default=(), name="phuong")
    every_ward: Tick = field(default=False, name="tat_ca")
    first_day: Annotated[date | None, Day(years=range(2020, 2091))] = field(default=None, name="tu")
    last_day: Annotated[date | None, Day(years=range(2020, 2091))] = field(default=None, name="den")
    kinds: Annotated[tuple[str, ...], Many(Choice(SESSION_KINDS))] = field(default=(), name="loai")
    reason: Annotated[str, Text(200)] = ""


class MoveParams(Struct, frozen=True, kw_only=True):
    """The session to which a learner would move; `scope` "loat": with the later ones of both series."""

    target_id: Annotated[int | None, IdField()] = field(name="sang", default=None)
    scope: Annotated[str, Text(10)] = field(name="pham_vi", default="")


class ReopeningParams(Struct, frozen=True, kw_only=True):
    """Whether the session alone would be opened again, or ("all") those cancelled with it."""

    scope: Annotated[str, Text(10)] = field(name="pham_vi", default="")


class ReplacedAtQuery(Struct, frozen=True, kw_only=True):
    """The instant of the replacement that is undone."""

    at: Annotated[datetime | None, InstantField()] = field(name="luc", default=None)


class SeriesChangeQuery(Struct, frozen=True, kw_only=True):
    """The change of a series that is undone."""

    change_id: Annotated[int | None, IdField()] = field(name="doi", default=None)


class DayParams(Struct, frozen=True, kw_only=True):
    """A ward's day of texts: which day, which group of states, which session."""

    day: Annotated[str, Text(20)] = field(name="ngay", default="")
    group: Annotated[str, Text(20)] = field(name="loc", default="")
    session_id: Annotated[int | None, IdField()] = field(name="buoi", default=None)
    number: PageNumber = field(name="trang", default=1)


class ProblemParams(Struct, frozen=True, kw_only=True):
    """Texts that perhaps reached nobody: of which kind."""

    kind: Annotated[str, Text(20)] = field(name="loai", default="")
    number: PageNumber = field(name="trang", default=1)


class MonthParams(Struct, frozen=True, kw_only=True):
    """The figures of a month (2026-11), and what the wards are ordered by."""

    month: Annotated[str, Text(10)] = field(name="thang", default="")
    order: Annotated[str, Text(20)] = field(name="xep", default="")


class PageParams(Struct, frozen=True, kw_only=True):
    """A page of a list."""

    number: PageNumber = field(name="trang", default=1)


class ActionParams(Struct, frozen=True, kw_only=True):
    """Which texts of a session an action is about, and the page to return to.

    Attributes:
        at: as `routes.actions.encode_instant` writes it.
    """

    purpose: Annotated[str | None, Text(60)] = field(name="loai", default=None)
    at: Annotated[str | None, Text(20)] = field(name="luc", default=None)
    back: Annotated[str | None, Text(2000)] = field(name="ve", default=None)
