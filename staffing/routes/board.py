"""One board to staff a week: many picks over many sessions, one submit, its result, its undoing."""

import asyncio
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import quote

from litestar import get, post
from litestar.response import Response
from msgspec.structs import replace as with_other
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import start_of_day
from lopso.kernel.errors import NotFound, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import TemplatePage, is_htmx, page, redirect
from lopso.web.request import Request
from scheduling.queries.places import place_of
from scheduling.rules.weeks import monday_shown
from staffing.forms.board import BoardForm, BoardQuery, OffersMadeQuery
from staffing.labels.helpers import assignment_state_label, role_label
from staffing.queries.offers_made import offers_made_at
from staffing.queries.short_sessions import next_short_session, short_sessions
from staffing.queries.week_plan import open_places
from staffing.routes import board_page as view
from staffing.rules.week_plan import is_available as week_plan_available
from staffing.service.board import PicksRefused, offer_picks, undo_offers

HERE = "/lich/{ward_id:str}/xep-nguoi"
PLANNED = in_ward(Permission.PLAN)
MOST_SECONDS = 2.0  # to plan the sessions of one page, which takes some hundredths of a second


@get(HERE, opt=PLANNED)
async def board(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, params: BoardQuery
) -> TemplatePage:
    """The short sessions of a week, and whom to ask into each."""
    form = BoardForm(number=params.number)
    return await view.board_page(db, ward_id, monday_shown(params.day, now), form, by=actor, now=now)


@post(HERE + "/tim", status_code=200, opt=PLANNED)
async def search(
    request: Request, form: Form[BoardForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> TemplatePage:
    """Where somebody fits, by name or phone, what is picked kept; by POST: no name in an address."""
    typed = form.sensible()
    if typed.ends_search:
        typed = with_other(typed, typed="")
    monday = monday_shown(typed.day, now)
    if not is_htmx(request, target="board-sessions"):
        return await view.board_page(db, ward_id, monday, typed, by=actor, now=now)
    context = await view.board_context(db, ward_id, monday, typed, by=actor, now=now)
    return page("staffing/_board_search.html", ward_id=ward_id, **context)


@post(HERE + "/goi-y", status_code=200, opt=PLANNED)
async def propose(
    form: Form[BoardForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> TemplatePage:
    """Tick the best people for all the sessions shown, around those who are ticked.

    Whom the proposal before ticked and who is not ticked any more is not proposed again for that place.
    """
    if not week_plan_available():
        raise NotFound
    from staffing.rules.week_plan.staffing import plan_of

    typed = with_other(form.sensible(), typed="")
    monday = monday_shown(typed.day, now)
    shown = await view.sessions_shown(db, ward_id, monday, typed, now=now)
    places = await open_places(db, ward_id, shown.items, picked=typed.picks, by=actor)
    refused = frozenset(typed.proposed).difference(typed.picks)
    plan = await asyncio.to_thread(plan_of, places, typed.picks, without=refused, seconds=MOST_SECONDS)
    added = sorted(plan.picks.difference(typed.picks))
    ticked = with_other(typed, picks=(*typed.picks, *added), proposed=(*added, *sorted(refused)))
    return await view.board_page(db, ward_id, monday, ticked, by=actor, now=now, plan=plan)


@post(HERE, status_code=200, opt=PLANNED)
async def ask(
    form: Form[BoardForm], db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> Response[Any]:
    """Ask all who are picked, or nobody: then the board says at each pick why not, the others stay ticked."""
    typed = form.sensible()
    monday = monday_shown(typed.day, now)
    if not typed.picks:
        mistakes = view.BoardMistakes({}, {}, _("Xin chọn ít nhất một người."))
        return await view.board_page(
            db, ward_id, monday, typed, by=actor, now=now, mistakes=mistakes, status=422
        )
    try:
        await offer_picks(db, ward_id, typed.picks, agreed=typed.agreed, by=actor, now=now)
    except Refused as refusal:
        await db.rollback()
        if isinstance(refusal, PicksRefused):
            mistakes = view.BoardMistakes(refusal.picks, refusal.places)
            ids = {place.session_id for place in (*refusal.places, *refusal.picks)}
            typed = with_other(typed, number=await view.page_of(db, ward_id, monday, typed, ids, now=now))
        else:
            mistakes = view.BoardMistakes({}, {}, refusal.sentence)
        return await view.board_page(
            db, ward_id, monday, typed, by=actor, now=now, mistakes=mistakes, status=refusal.status
        )
    return redirect(_address(ward_id, "ket-qua", monday, now))


@get(HERE + "/ket-qua", opt=PLANNED)
async def result(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, params: OffersMadeQuery
) -> Response[Any]:
    """What was asked of whom by one submit, and what is still short; five statements.

    Where nothing was asked then, by this person, the board is shown.
    """
    monday = monday_shown(params.day, now)
    at = params.offered_at
    rows = await offers_made_at(db, ward_id, at, by=actor) if at is not None else ()
    if at is None or not rows:
        return redirect(view.board_address(ward_id, monday))
    until = start_of_day(monday + timedelta(days=7))
    left = await short_sessions(db, ward_id, since=max(start_of_day(monday), now), until=until)
    upcoming = left.items[0] if left.items else await next_short_session(db, ward_id, since=until)
    standing = [row for row in rows if row.state != "withdrawn"]
    return page(
        "staffing/board_result.html",
        ward_id=ward_id,
        monday=monday,
        calendar=f"/lich/{ward_id}?tuan={monday.isoformat()}",
        here=HERE.replace("{ward_id:str}", ward_id),
        undo=_address(ward_id, "hoan-tac", monday, at),
        title=_title(len(standing)),
        groups=[
            (session, place_of(session).name, list(found))
            for session, found in groupby(rows, key=lambda row: row.session)
        ],
        drafts=any(row.session.published_at is None for row in standing),
        may_undo=any(row.state in ("offered", "accepted") for row in rows),
        left=left,
        missing=view.missing_words,
        place_of=place_of,
        upcoming=upcoming,
        upcoming_href=view.next_address(ward_id, upcoming),
        role_name=role_label,
        state_of=assignment_state_label,
    )


@post(HERE + "/hoan-tac", status_code=200, opt=PLANNED)
async def undo(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, params: OffersMadeQuery
) -> Response[Any]:
    """Withdraw what one submit offered, but for those who have answered since."""
    address = view.board_address(ward_id, monday_shown(params.day, now))
    if params.offered_at is None:
        return redirect(address)
    undone = await undo_offers(db, ward_id, offered_at=params.offered_at, by=actor, now=now)
    flash = ngettext(
        "Đã hoàn tác %(n)s lượt phân công.", "Đã hoàn tác %(n)s lượt phân công.", undone.withdrawn
    )
    if undone.answered:
        names = ", ".join(undone.answered)
        flash += " " + _("%(names)s đã nhận lời nên vẫn giữ; muốn rút xin mở trang của buổi.", names=names)
    return redirect(address, flash=flash, kind="warn" if undone.answered else "ok")


def _title(number: int) -> str:
    if not number:
        return _("Đã hoàn tác, không ai được phân công")
    return ngettext("Đã ghi %(n)s lượt phân công", "Đã ghi %(n)s lượt phân công", number)


def _address(ward_id: str, step: str, monday: date, offered_at: datetime) -> str:
    at = quote(offered_at.isoformat())
    return f"/lich/{ward_id}/xep-nguoi/{step}?tuan={monday.isoformat()}&luc={at}"


HANDLERS = [board, search, propose, ask, result, undo]
