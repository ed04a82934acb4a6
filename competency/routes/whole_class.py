"""Roll call of a whole class at once: on sheets, or as JSON from a phone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from attendance import queries as attendance
from attendance.queries import RollSession
from attendance.rules import tally
from competency.forms.roll import SHEET_ROWS, Roster, RosterSheetForm, SheetNumber, read_sheet
from competency.forms.upload import RosterUpload
from competency.queries.roll import RollPage, roll_page
from competency.routes.roll import HERE, ROLL_CALLED, is_closed
from competency.routes.roll_answers import address_of, draw
from competency.service.rosters import save_roster
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from lopso.kernel.i18n import ngettext
from lopso.kernel.paging import Page, offset
from lopso.web.forms import Form, Typed, read_json
from lopso.web.pages import redirect
from lopso.web.request import Request


@get(HERE + "/ca-lop", opt=ROLL_CALLED)
async def whole_class(
    session_id: int, db: AsyncSession, actor: Actor, now: datetime, params: SheetNumber
) -> Response[Any]:
    """The class on a sheet, copied from paper or over a slow line; a large class has several sheets."""
    session = await attendance.session_for(db, session_id, actor=actor)
    if is_closed(session, now):
        return redirect(address_of(session_id))
    return _draw_sheet(await roll_page(db, session), params.number)


@post(HERE + "/ca-lop", status_code=200, opt=ROLL_CALLED)
async def save_whole_class(
    form: Form[RosterSheetForm], session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Save the sheet, then the next one of a large class. What could not be kept is said beside its row."""
    session = await attendance.session_for(db, session_id, actor=actor)
    roster = read_sheet(form.value().form_id, form.typed)
    saved = await save_roster(db, session, roster.marks, roster.skills, by=actor, now=now)
    if saved.refused:
        owners = {each.client_id: each.learner_id for each in (*roster.marks, *roster.skills)}
        refused = {owners[client_id]: sentence for client_id, sentence in saved.refused.items()}
        return _draw_sheet(
            await roll_page(db, session), form.value().number, refused=refused, typed=form.typed
        )
    sentence = ngettext("Đã lưu %(n)s thay đổi.", "Đã lưu %(n)s thay đổi.", len(saved.saved))
    following = form.value().next_number or form.value().number + 1
    if len(await attendance.standing_marks(db, session_id)) > (following - 1) * SHEET_ROWS:
        return redirect(f"{address_of(session_id)}/ca-lop?trang={following}", flash=sentence)
    return redirect(address_of(session_id), flash=sentence)


def _draw_sheet(
    roll: RollPage, number: int, *, refused: Mapping[int, str] | None = None, typed: Typed | None = None
) -> Response[Any]:
    first = offset(number, SHEET_ROWS)
    sheet = Page(roll.people[first : first + SHEET_ROWS], number, len(roll.people), SHEET_ROWS)
    return draw("competency/roll_sheet.html", roll, sheet=sheet, refused=refused, typed=typed or Typed())


@post(HERE + "/danh-sach", status_code=200, opt=ROLL_CALLED)
async def upload(
    request: Request, session_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """A whole roster as JSON (`RosterUpload`, or its list of marks): the same one twice changes nothing.

    Answers ``{"saved": [...], "known": [...], "refused": {client_id: sentence}, "people", "present",
    "unmarked", "marks": {learner_id: mark}, "skills": {learner_id: {skill_id: level}}}``. The last two say
    what stands now of everybody named in the request, null where nothing does: a later mark may stand.
    """
    session = await attendance.session_for(db, session_id, actor=actor)
    sent = read_json(RosterUpload, await request.body(), today=local_day(now), bare_list="marks")
    saved = await save_roster(db, session, sent.roster.marks, sent.roster.skills, by=actor, now=now)
    standing = await attendance.standing_marks(db, session_id)
    counts = tally(standing.values())
    return Response(
        {
            "saved": [str(each) for each in saved.saved],
            "known": [str(each) for each in saved.known],
            "refused": {str(client_id): sentence for client_id, sentence in saved.refused.items()},
            "people": counts.people,
            "present": counts.present,
            "unmarked": counts.unmarked,
            "marks": {str(each): standing.get(each) for each in _named(sent.roster)},
            "skills": await _standing_levels(db, session, sent.roster),
        }
    )


def _named(sent: Roster) -> Sequence[int]:
    return sorted({each.learner_id for each in (*sent.marks, *sent.skills)})


async def _standing_levels(
    db: AsyncSession, session: RollSession, sent: Roster
) -> dict[str, dict[str, str | None]]:
    """No statement when the request names no skill."""
    stands: dict[str, dict[str, str | None]] = {}
    levels = (await roll_page(db, session)).levels() if sent.skills else {}
    for each in sent.skills:
        level = levels.get((each.learner_id, each.skill_id))
        stands.setdefault(str(each.learner_id), {})[str(each.skill_id)] = level
    return stands


HANDLERS = [whole_class, save_whole_class, upload]
