"""The ward's list of learners: look through it, find, add, correct, take off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners import forms, queries, service
from learners.labels import audience_label
from learners.models import AUDIENCES, Learner
from learners.queries import Filters
from learners.rules import audience_names
from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.paging import Page
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from people.errors import PossibleDuplicate
from people.labels import phone_label, sex_labels
from venues.queries import neighbourhood_choices

HERE = "/nguoi-hoc/{ward_id:str}"

ANSWERS = {"yes": True, "no": False}


@get(HERE, opt=in_ward(Permission.SEE_PEOPLE))
async def learners(
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    to: str = "",
    nhom: str = "",
    luu_tru: bool = False,
    trang: int = 1,
) -> Response[Any]:
    """The list by given name, narrowed by neighbourhood and kind; five statements with the log-in."""
    in_ward(actor, Permission.SEE_PEOPLE, ward_id)
    # A filter left open is sent as an empty field.
    neighbourhood_id = int(to) if to.isdecimal() and len(to) < 16 else None
    filters = Filters(neighbourhood_id, nhom if nhom in AUDIENCES else None, archived=luu_tru)
    found = await queries.learners_page(db, ward_id, filters, number=max(1, trang))
    return await _list(db, ward_id, found, filters=filters)


@post(HERE + "/tim", status_code=200, opt=in_ward(Permission.SEE_PEOPLE))
async def search(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor
) -> Response[Any]:
    """Find by name or phone. A POST, so that no name or number stands in an address."""
    in_ward(actor, Permission.SEE_PEOPLE, ward_id)
    form = await request.form()
    typed = str(form.get("q", "")).strip()[:80]
    if not typed:
        return redirect(f"/nguoi-hoc/{ward_id}")
    number = str(form.get("trang", "1"))
    found = await queries.search_page(
        db, ward_id, typed, number=max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    )
    return await _list(db, ward_id, found, typed=typed)


async def _list(
    db: AsyncSession, ward_id: str, found: Page[Learner], *, filters: Filters | None = None, typed: str = ""
) -> Response[Any]:
    return page(
        "learners/list.html",
        ward_id=ward_id,
        found=found,
        typed=typed,
        filters=filters or Filters(),
        filtered=filters not in (None, Filters()),
        places=await neighbourhood_choices(db, ward_id),
        audience_names=audience_names(),
        audience_label=audience_label,
        phone_label=phone_label,
    )


@get(HERE + "/moi", opt=in_ward(Permission.MANAGE_PEOPLE))
async def new(ward_id: str, db: AsyncSession, actor: Actor) -> Response[Any]:
    """An empty form."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    return await _form(db, ward_id, dict.fromkeys(forms.FIELDS, ""))


@post(HERE + "/moi", opt=in_ward(Permission.MANAGE_PEOPLE))
async def add(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Put somebody on the books."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    form = await request.form()
    values = forms.typed({name: str(form.get(name, "")) for name in forms.FIELDS})
    chosen = [str(each) for each in form.getall("audience", [])]
    agreed = [str(each) for each in form.getall("agreed", [])]
    try:
        details = forms.read_learner(values, chosen, today=local_day(now))
        learner = await service.register(
            db, ward_id, details, by=actor, now=now, another=form.get("another") == "1"
        )
    except InvalidInput as error:
        return await _form(db, ward_id, values, chosen=chosen, agreed=agreed, error=error)
    answers = {purpose: True for purpose in ("class", "photo", "invitation") if purpose in agreed}
    if values["sms"] in ANSWERS:
        answers["sms"] = ANSWERS[values["sms"]]
    await service.answer_consents(db, ward_id, learner.id, answers, how="spoken", by=actor, now=now)
    return redirect(
        f"/nguoi-hoc/{ward_id}/{learner.id}", flash=_("Đã thêm %(name)s.", name=learner.full_name)
    )


@get(HERE + "/{learner_id:int}/sua", opt=in_ward(Permission.MANAGE_PEOPLE))
async def edit_page(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The form with what is known. Whoever may correct a number sees it whole, which is noted."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    learner = await queries.learner_in(db, ward_id, learner_id)
    said = await queries.consents_of(db, learner_id)
    if learner.phone:
        audit.record(
            db,
            by=actor,
            now=now,
            action="learner.phone_shown",
            ward_id=ward_id,
            subject="learner",
            subject_id=learner_id,
        )
    return await _form(
        db,
        ward_id,
        forms.values_of(learner, sms=_said(said.get("sms"))),
        learner=learner,
        chosen=learner.audiences,
        agreed=[purpose for purpose, stands in said.items() if stands],
    )


@post(HERE + "/{learner_id:int}/sua", opt=in_ward(Permission.MANAGE_PEOPLE))
async def save(
    request: Request[Any, Any, Any],
    ward_id: str,
    learner_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Write down what changed."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    form = await request.form()
    values = forms.typed({name: str(form.get(name, "")) for name in forms.FIELDS})
    chosen = [str(each) for each in form.getall("audience", [])]
    agreed = [str(each) for each in form.getall("agreed", [])]
    try:
        details = forms.read_learner(values, chosen, today=local_day(now))
        await service.edit(
            db, ward_id, learner_id, details, by=actor, now=now, another=form.get("another") == "1"
        )
    except InvalidInput as error:
        learner = await queries.learner_in(db, ward_id, learner_id)
        return await _form(db, ward_id, values, learner=learner, chosen=chosen, agreed=agreed, error=error)
    said = await queries.consents_of(db, learner_id)
    answers = {
        purpose: purpose in agreed
        for purpose in ("class", "photo", "invitation")
        if purpose in agreed or said.get(purpose)
    }
    if values["sms"] in ANSWERS:
        answers["sms"] = ANSWERS[values["sms"]]
    await service.answer_consents(db, ward_id, learner_id, answers, how="spoken", by=actor, now=now)
    return redirect(f"/nguoi-hoc/{ward_id}/{learner_id}", flash=_("Đã lưu thông tin."))


@post(HERE + "/{learner_id:int}/luu-tru", opt=in_ward(Permission.MANAGE_PEOPLE))
async def archive(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Take off the list."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    learner = await service.archive(db, ward_id, learner_id, by=actor, now=now)
    return redirect(
        f"/nguoi-hoc/{ward_id}",
        flash=_("Đã đưa %(name)s ra khỏi danh sách.", name=learner.full_name),
        undo_url=f"/nguoi-hoc/{ward_id}/{learner_id}/khoi-phuc",
    )


@post(HERE + "/{learner_id:int}/khoi-phuc", opt=in_ward(Permission.MANAGE_PEOPLE))
async def restore(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Put back on the list."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    learner = await service.restore(db, ward_id, learner_id, by=actor, now=now)
    return redirect(
        f"/nguoi-hoc/{ward_id}/{learner_id}",
        flash=_("Đã đưa %(name)s trở lại danh sách.", name=learner.full_name),
    )


def _said(answer: bool | None) -> str:
    return "" if answer is None else "yes" if answer else "no"


async def _form(
    db: AsyncSession,
    ward_id: str,
    values: dict[str, str],
    *,
    learner: Learner | None = None,
    chosen: Sequence[str] = (),
    agreed: Sequence[str] = (),
    error: InvalidInput | None = None,
) -> Response[Any]:
    return page(
        "learners/form.html",
        ward_id=ward_id,
        status=422 if error else 200,
        learner=learner,
        values=values,
        chosen=chosen,
        agreed=agreed,
        namesakes=error.namesakes if isinstance(error, PossibleDuplicate) else (),
        errors=error.fields if error else {},
        places=await neighbourhood_choices(db, ward_id),
        audience_names=audience_names(),
        sex_labels=sex_labels(),
        phone_label=phone_label,
    )


HANDLERS = [learners, search, new, add, edit_page, save, archive, restore]
