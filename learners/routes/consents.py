"""Consents of many learners at once: those whom an import saved without, and whoever else was never asked."""

from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.forms import ConsentRoundForm, UnaskedList
from learners.labels import missing_answers_label, purpose_labels
from learners.queries.consents import UnaskedFilters, UnaskedLearner, unasked_batches, unasked_page
from learners.service import consent_rounds as service
from learners.service.consent_rounds import GivenConsents
from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import at, local_day
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.paging import Page
from lopso.kernel.parsing import read_uuid
from lopso.web.forms import Form, read_leniently
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from people.labels import phone_label
from venues.queries import neighbourhood_choices

HERE = "/nguoi-hoc/{ward_id:str}/dong-y"
MANAGED = in_ward(Permission.MANAGE_PEOPLE)

_ADULT_FROM = 16
"""Years of age from which somebody agrees without a parent or guardian."""


@get(HERE, opt=MANAGED)
async def unasked(ward_id: str, db: AsyncSession, now: datetime, params: UnaskedList) -> Response[Any]:
    """Learners of whom an answer is missing; six statements with the log-in."""
    form = Form.blank(ConsentRoundForm).with_defaults(ngay=formatting.full_date(local_day(now)))
    return await _page(db, ward_id, form, params, now)


@post(HERE, opt=MANAGED)
async def note(
    form: Form[ConsentRoundForm],
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: UnaskedList,
) -> Response[Any]:
    """Note what those ticked, or all under the filters, agreed to.

    Without a script the button that ticks a whole page comes here, too, and notes nothing.
    """
    if form.typed["chon"]:
        return await _page(db, ward_id, form.unchecked(), params, now)
    try:
        said = form.value()
        given = _given(said, now)
        await _check_number(db, ward_id, said, params)
        ids = None if said.everybody else said.learner_ids
        filters = params.filters if said.everybody else UnaskedFilters()
        noted = await service.note_consents(db, ward_id, filters, given, learner_ids=ids, by=actor, now=now)
    except InvalidInput as error:
        return await _page(db, ward_id, form.refused(error), params, now)
    if not noted.people:
        return redirect(
            _address(ward_id, params), flash=_("Những người này đã có ý kiến từ trước."), kind="warn"
        )
    return redirect(
        _address(ward_id, params),
        flash=ngettext("Đã ghi %(n)s người đồng ý.", "Đã ghi %(n)s người đồng ý.", noted.people),
        undo_url=f"/nguoi-hoc/{ward_id}/dong-y/{noted.id}/hoan-tac",
    )


@post(HERE + "/xem", status_code=200, opt=MANAGED)
async def look(form: Form[ConsentRoundForm], ward_id: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """Another page, or other filters: what is ticked and typed is kept, nothing is noted."""
    params = read_leniently(UnaskedList, form.sent, today=local_day(now))
    if form.sent["bo_loc"]:
        params = UnaskedList()
    return await _page(db, ward_id, form.unchecked(), params, now)


@post(HERE + "/{round_id:str}/hoan-tac", opt=MANAGED)
async def undo(ward_id: str, round_id: str, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Void what was noted in one press."""
    noted = read_uuid(round_id)
    if noted is None:
        raise NotFound
    people = await service.void_round(db, ward_id, noted, by=actor, now=now)
    said = (
        ngettext("Đã bỏ ý kiến vừa ghi của %(n)s người.", "Đã bỏ ý kiến vừa ghi của %(n)s người.", people)
        if people
        else _("Lần ghi này đã được bỏ trước đó.")
    )
    return redirect(f"/nguoi-hoc/{ward_id}/dong-y", flash=said)


def _given(said: ConsentRoundForm, now: datetime) -> GivenConsents:
    """What was agreed to; noon of the day, or now where that is today.

    Raises:
        InvalidInput: the day is still to come.
    """
    today = local_day(now)
    if said.day > today:
        raise InvalidInput({"ngay": _("Ngày này chưa tới.")})
    granted_at = now if said.day == today else at(said.day, time(12))
    return GivenConsents(said.purposes, granted_at, said.how, said.evidence)


async def _check_number(db: AsyncSession, ward_id: str, said: ConsentRoundForm, params: UnaskedList) -> None:
    """Let "everybody" mean those who were counted on the page.

    Raises:
        InvalidInput: there are others by now.
    """
    if not said.everybody:
        return
    found = await unasked_page(db, ward_id, params.filters, number=1)
    if found.total != said.shown:
        raise InvalidInput(
            {"tat_ca": _("Danh sách vừa thay đổi, nay là %(n)s người. Xin xem lại.", n=found.total)}
        )


async def _page(
    db: AsyncSession, ward_id: str, form: Form[ConsentRoundForm], params: UnaskedList, now: datetime
) -> Response[Any]:
    found = await unasked_page(db, ward_id, params.filters, number=params.trang)
    boxes = {str(each.learner.id) for each in found.items}
    ticked = form.typed.many("nguoi")
    picked = set(ticked) & boxes
    if form.typed["chon"]:
        picked = boxes - picked if boxes <= picked else boxes
    return page(
        "learners/consents.html",
        ward_id=ward_id,
        form=form,
        found=found,
        people=_options(found, picked, local_day(now).year),
        boxes=boxes,
        picked=picked,
        kept=[] if form.typed["bo_chon"] else [each for each in dict.fromkeys(ticked) if each not in boxes],
        most=service.MOST,
        params=params,
        batches=await unasked_batches(db, ward_id, chosen=params.dot),
        places=await neighbourhood_choices(db, ward_id),
        purpose_labels=purpose_labels(),
        here=_address(ward_id, params),
    )


def _options(found: Page[UnaskedLearner], picked: set[str], year: int) -> list[dict[str, Any]]:
    return [_option(each, str(each.learner.id) in picked, year) for each in found.items]


def _option(row: UnaskedLearner, picked: bool, year: int) -> dict[str, Any]:
    """A learner as a box to tick."""
    learner = row.learner
    place = learner.neighbourhood.name if learner.neighbourhood else ""
    about = (str(learner.birth_year or ""), place, phone_label(learner.phone))
    reasons = [("plain", missing_answers_label(row.missing))]
    if learner.birth_year and year - learner.birth_year < _ADULT_FROM:
        reasons.append(("warn", _("Dưới 16 tuổi: cần cha mẹ, người giám hộ đồng ý")))
    return {
        "value": learner.id,
        "name": f"{learner.title} {learner.full_name}".strip(),
        "sub": " · ".join(filter(None, about)),
        "reasons": reasons,
        "checked": picked,
    }


def _address(ward_id: str, params: UnaskedList) -> str:
    asked = {"dot": params.dot.isoformat() if params.dot else None, "to": params.to}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"/nguoi-hoc/{ward_id}/dong-y" + (f"?{query}" if query else "")


HANDLERS = [unasked, note, look, undo]
