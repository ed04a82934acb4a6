"""What the board of a week shows: short sessions down, people across."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day, start_of_day
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.paging import Page
from lopso.web.pages import TemplatePage, page
from scheduling.models import ClassSession
from scheduling.queries.places import place_of
from scheduling.rules.commitments import AssignmentRole
from staffing.forms.board import BoardForm, pick_value
from staffing.labels.helpers import empty_place_label, helper_kind_label, load_label, suitability_reasons
from staffing.queries.board import Board, BoardHelper, BoardPlace, board_of
from staffing.queries.board_search import FoundHelpers, find_helpers
from staffing.queries.short_sessions import ShortSession, next_short_session, short_sessions
from staffing.rules.picks import Pick, RoleInSession
from staffing.rules.suitability import Suitability
from staffing.rules.week_plan import is_available as week_plan_available
from staffing.rules.week_plan.places import MOST_IN_A_WEEK, WeekPlan

SHOWN_FIRST = 5


@dataclass(frozen=True, slots=True)
class BoardOption:
    """Somebody who can be picked. `load`: sessions that week; `reasons` speak against, `why` speaks for."""

    id: str
    value: str
    trainer_id: int
    name: str
    sub: str
    load: str
    why: str
    reasons: Sequence[tuple[str, str]]
    checked: bool
    disabled: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class BoardNeed:
    """A role to fill. `id` is the name at which its mistakes are said; `there` names who is in it already."""

    id: str
    role: AssignmentRole
    legend: str
    first: Sequence[BoardOption]
    more: Sequence[BoardOption]
    error: str | None
    there: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A short session; `number` is its place on the page."""

    session: ClassSession
    place: str
    needs: Sequence[BoardNeed]
    number: int

    @property
    def wrong(self) -> bool:
        """Whether something in it needs to be looked at."""
        return any(need.error or any(each.error for each in need.first) for need in self.needs)


@dataclass(frozen=True, slots=True)
class BoardSearch:
    """What was searched for, and who was found: each with the sessions of the page that they can come to.

    `more`: others match too.
    """

    typed: str = ""
    people: Sequence[tuple[BoardHelper, Sequence[ClassSession]]] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class BoardProposal:
    """What a week plan ticked.

    Attributes:
        added: how many picks are its own.
        empty: sessions with places that stay free, and why.
        loads: sessions of the week by name, the most first, of all who are picked.
        most: sessions that a plan gives one person.
        proven: there is no better plan.
    """

    added: int
    empty: Sequence[tuple[ClassSession, str]]
    loads: Sequence[tuple[str, int]]
    most: int
    proven: bool


@dataclass(frozen=True, slots=True)
class BoardMistakes:
    """Why picks, and roles as a whole, were refused; `sentence` is about all of it."""

    picks: Mapping[Pick, str]
    places: Mapping[RoleInSession, str]
    sentence: str | None = None

    def by_name(self) -> dict[str, str]:
        """For the summary on top, by the name of the role."""
        found = {"": self.sentence} if self.sentence else {}
        for pick, sentence in self.picks.items():
            found.setdefault(_need_id(pick.place), sentence)
        return found | {_need_id(place): sentence for place, sentence in self.places.items()}


NO_MISTAKES = BoardMistakes({}, {})


def board_address(ward_id: str, day: date) -> str:
    """The board of the week that holds `day`."""
    return f"/lich/{ward_id}/xep-nguoi?tuan={day.isoformat()}"


async def board_page(
    db: AsyncSession,
    ward_id: str,
    monday: date,
    form: BoardForm,
    *,
    by: Actor,
    now: datetime,
    mistakes: BoardMistakes = NO_MISTAKES,
    plan: WeekPlan | None = None,
    status: int = 200,
) -> TemplatePage:
    """The board, see `board_context`."""
    context = await board_context(db, ward_id, monday, form, by=by, now=now, mistakes=mistakes, plan=plan)
    return page("staffing/board.html", ward_id=ward_id, status=status, **context)


async def board_context(
    db: AsyncSession,
    ward_id: str,
    monday: date,
    form: BoardForm,
    *,
    by: Actor,
    now: datetime,
    mistakes: BoardMistakes = NO_MISTAKES,
    plan: WeekPlan | None = None,
) -> dict[str, Any]:
    """What the board shows; eleven statements whatever the number of sessions and helpers.

    One more on an empty board, and for a search.
    """
    until = start_of_day(monday + timedelta(days=7))
    found = await sessions_shown(db, ward_id, monday, form, now=now)
    searched = await find_helpers(db, ward_id, form.typed, by=by) if form.typed else FoundHelpers()
    board = await board_of(db, ward_id, found.items, by=by, picked=form.picks, found=searched.ids)
    upcoming = None if found.items else await next_short_session(db, ward_id, since=until)
    return {
        "here": f"/lich/{ward_id}/xep-nguoi",
        "calendar": f"/lich/{ward_id}?tuan={monday.isoformat()}",
        "monday": monday,
        "week": _week_inside(monday, now),
        "found": found,
        "rows": _rows(found.items, board, form, mistakes, by),
        "kept": _picks_elsewhere(form, found.items),
        "search": _search(form.typed, searched, board),
        "proposed": [pick_value(pick) for pick in form.proposed],
        "proposal": _proposal(plan, form, board, found.items) if plan else None,
        "may_propose": week_plan_available(),
        "agreed": form.agreed,
        "upcoming": upcoming,
        "upcoming_href": next_address(ward_id, upcoming),
        "errors": mistakes.by_name(),
    }


async def sessions_shown(
    db: AsyncSession, ward_id: str, monday: date, form: BoardForm, *, now: datetime
) -> Page[ShortSession]:
    """The short sessions of one page of the board, those with picks among them; two statements."""
    until = start_of_day(monday + timedelta(days=7))
    since = max(start_of_day(monday), now)
    chosen = {pick.session_id for pick in form.picks}
    return await short_sessions(db, ward_id, since=since, until=until, number=form.number, also=chosen)


async def page_of(
    db: AsyncSession, ward_id: str, monday: date, form: BoardForm, ids: Collection[int], *, now: datetime
) -> int:
    """The first page of the board, from the one shown on, that has one of the sessions `ids`."""
    found = await sessions_shown(db, ward_id, monday, form, now=now)
    for number in (form.number, *range(1, found.pages + 1)):
        turned = replace(form, number=number)
        shown = await sessions_shown(db, ward_id, monday, turned, now=now)
        if any(each.session.id in ids for each in shown.items):
            return number
    return form.number


def _picks_elsewhere(form: BoardForm, shorts: Sequence[ShortSession]) -> list[str]:
    """Picks for sessions of other pages, as the form sends them."""
    if form.unpicks_others:
        return []
    shown = {each.session.id for each in shorts}
    return [pick_value(pick) for pick in dict.fromkeys(form.picks) if pick.session_id not in shown]


def _proposal(plan: WeekPlan, form: BoardForm, board: Board, shorts: Sequence[ShortSession]) -> BoardProposal:
    sessions = {each.session.id: each.session for each in shorts}
    loads = sorted(plan.loads.items(), key=lambda each: (-each[1], board.helpers[each[0]].sort_key))
    return BoardProposal(
        added=len(plan.picks.intersection(form.proposed)),
        empty=[
            (sessions[place.session_id], empty_place_label(place.role, number, why))
            for place, (number, why) in plan.empty.items()
        ],
        loads=[(board.helpers[trainer_id].full_name, load) for trainer_id, load in loads],
        most=MOST_IN_A_WEEK,
        proven=plan.proven,
    )


def _search(typed: str, searched: FoundHelpers, board: Board) -> BoardSearch:
    fits: dict[int, dict[int, ClassSession]] = {one: {} for one in searched.ids if one in board.helpers}
    for place in board.places:
        for each in (*place.ranked, *place.found):
            if each.can_be_asked and each.facts.trainer_id in fits:
                fits[each.facts.trainer_id][place.short.session.id] = place.short.session
    people = [(board.helpers[one], list(sessions.values())) for one, sessions in fits.items()]
    return BoardSearch(typed, people, searched.more)


def next_address(ward_id: str, short: ShortSession | None) -> str | None:
    """Where a short session is staffed: the board of its week, at the session."""
    if short is None:
        return None
    return f"{board_address(ward_id, local_day(short.session.starts_at))}#buoi-{short.session.id}"


def missing_words(short: ShortSession) -> str:
    """ "thiếu 1 người dạy chính, 2 người hỗ trợ"."""
    parts = [
        ngettext("%(n)s người dạy chính", "%(n)s người dạy chính", short.missing("trainer"))
        if short.missing("trainer")
        else "",
        ngettext("%(n)s người hỗ trợ", "%(n)s người hỗ trợ", short.missing("helper"))
        if short.missing("helper")
        else "",
    ]
    return _("thiếu %(who)s", who=", ".join(part for part in parts if part))


def _week_inside(monday: date, now: datetime) -> str:
    """ "tuần 30/11 – 06/12", inside a sentence."""
    words = formatting.week(monday, monday + timedelta(days=6), today=local_day(now))
    return words[:1].lower() + words[1:]


def _rows(
    shorts: Sequence[ShortSession], board: Board, form: BoardForm, mistakes: BoardMistakes, by: Actor
) -> list[BoardRow]:
    return [
        BoardRow(
            short.session,
            place_of(short.session).name,
            [
                _need(each, board, form, mistakes, by)
                for each in board.places
                if each.short.session.id == short.session.id
            ],
            number,
        )
        for number, short in enumerate(shorts, start=1)
    ]


def _need(place: BoardPlace, board: Board, form: BoardForm, mistakes: BoardMistakes, by: Actor) -> BoardNeed:
    options = [_option(place, each, board, form, mistakes, by) for each in place.ranked]
    found = [_option(place, each, board, form, mistakes, by) for each in place.found]
    chosen = sum(each.checked or each.error is not None for each in options)
    first = chosen if form.typed else max(SHOWN_FIRST, chosen)
    return BoardNeed(
        _need_id(place.key),
        place.role,
        _legend(place),
        [*options[:first], *found],
        options[first:],
        mistakes.places.get(place.key),
        [board.helpers[one].full_name for one in place.there],
    )


def _option(
    place: BoardPlace,
    suitability: Suitability,
    board: Board,
    form: BoardForm,
    mistakes: BoardMistakes,
    by: Actor,
) -> BoardOption:
    helper = board.helpers[suitability.facts.trainer_id]
    pick = Pick(place.short.session.id, place.role, helper.id)
    clash = suitability.clash
    *reasons, _load = suitability_reasons(
        suitability,
        starts_at=place.short.session.starts_at,
        skills=place.skills,
        may_name_clash=clash is None or by.may(Permission.SEE_CALENDAR, clash.ward_id),
    )
    teams = [team.name for team in board.teams[helper.id]]
    return BoardOption(
        id=f"f-{pick_value(pick)}",
        value=pick_value(pick),
        trainer_id=helper.id,
        name=helper.full_name,
        sub=" · ".join(_about(helper, place, teams)),
        load=load_label(suitability.load),
        why=", ".join(each.text for each in reasons if not each.exception),
        reasons=[(each.tone, each.text) for each in reasons if each.exception],
        checked=pick in form.picks and suitability.can_be_asked,
        disabled=not suitability.can_be_asked,
        error=mistakes.picks.get(pick),
    )


def _about(helper: BoardHelper, place: BoardPlace, teams: Sequence[str]) -> list[str]:
    elsewhere = [helper.ward] if helper.ward_id != place.short.session.ward_id else []
    return [*(teams or [helper_kind_label(helper.kind)]), *elsewhere]


def _legend(place: BoardPlace) -> str:
    n = place.missing
    if not n:
        return _("Người dạy chính: đã đủ") if place.role == "trainer" else _("Người hỗ trợ: đã đủ")
    if place.role == "trainer":
        return ngettext("Thiếu %(n)s người dạy chính", "Thiếu %(n)s người dạy chính", n)
    return ngettext("Thiếu %(n)s người hỗ trợ", "Thiếu %(n)s người hỗ trợ", n)


def _need_id(place: RoleInSession) -> str:
    return f"{place.session_id}-{place.role}"
