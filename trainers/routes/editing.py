"""Helpers of a ward: the list, one helper's page, adding and correcting, their log-in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit, formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.paging import Page
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page, redirect
from people.errors import PossibleDuplicate
from people.labels import phone_label, sex_labels
from trainers import forms
from trainers.labels import day_part_labels, free_time_labels, kind_labels, part_labels
from trainers.models import TRAINER_KINDS, Trainer
from trainers.queries import people as queries
from trainers.queries.people import Person
from trainers.queries.teams import teams_to_join
from trainers.rules import hours_of, parts_of
from trainers.service import people as service
from trainers.service.accounts import give_account

HERE = "/nguoi-day/{ward_id:str}"


@get(HERE, opt=in_ward(Permission.SEE_PEOPLE))
async def helpers(
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    loai: str | None = None,
    da_nghi: bool = False,
    trang: int = 1,
) -> Response[Any]:
    """The list by given name; four statements with the log-in."""
    in_ward(actor, Permission.SEE_PEOPLE, ward_id)
    kind = loai if loai in TRAINER_KINDS else None
    found = await queries.people_page(db, ward_id, kind=kind, gone=da_nghi, number=max(1, trang))
    return _list(ward_id, found, kind=kind, gone=da_nghi)


@post(HERE + "/tim", status_code=200, opt=in_ward(Permission.SEE_PEOPLE))
async def search(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor
) -> Response[Any]:
    """Find by name or phone. A POST, so that no name or number stands in an address."""
    in_ward(actor, Permission.SEE_PEOPLE, ward_id)
    form = await request.form()
    typed = str(form.get("q", "")).strip()[:80]
    if not typed:
        return redirect(f"/nguoi-day/{ward_id}")
    asked = str(form.get("trang", "1"))
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
    return _list(ward_id, await queries.search_page(db, ward_id, typed, number=number), typed=typed)


def _list(
    ward_id: str, found: Page[Person], *, kind: str | None = None, gone: bool = False, typed: str = ""
) -> Response[Any]:
    return page(
        "trainers/list.html",
        ward_id=ward_id,
        found=found,
        typed=typed,
        kind=kind,
        gone=gone,
        kind_labels=kind_labels(),
        part_labels=part_labels,
        phone_label=phone_label,
    )


@get(HERE + "/{trainer_id:int}", opt=in_ward(Permission.SEE_PEOPLE))
async def helper(ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor) -> Response[Any]:
    """One helper: how to reach them, teams, what they teach, when they are free."""
    in_ward(actor, Permission.SEE_PEOPLE, ward_id)
    return await _helper(db, ward_id, trainer_id)


async def _helper(
    db: AsyncSession,
    ward_id: str,
    trainer_id: int,
    *,
    link: str | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    trainer = await queries.trainer_in(db, ward_id, trainer_id)
    teams = (await queries.memberships(db, [trainer_id])).get(trainer_id, [])
    joined = {member.team_id for member in teams}
    return page(
        "trainers/helper.html",
        ward_id=ward_id,
        status=422 if errors else 200,
        trainer=trainer,
        teams=teams,
        may_join=[(team.id, team.name) for team in await teams_to_join(db, ward_id) if team.id not in joined],
        taught=await queries.taught_by(db, trainer_id),
        free=free_time_labels(await queries.hours_of(db, trainer_id)),
        login=await queries.login_of(db, trainer),
        link=link,
        errors=errors or {},
        kind_labels=kind_labels(),
        part_labels=part_labels,
        sex_labels=sex_labels(),
    )


@post(HERE + "/{trainer_id:int}/so-dien-thoai", status_code=200, opt=in_ward(Permission.MANAGE_PEOPLE))
async def show_phone(
    request: Request[Any, Any, Any],
    ward_id: str,
    trainer_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """The whole number; each look is in the audit trail."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    trainer = await queries.trainer_in(db, ward_id, trainer_id)
    _looked(db, trainer, by=actor, now=now)
    name = "trainers/_phone.html" if is_htmx(request) else "trainers/phone.html"
    return page(name, ward_id=ward_id, trainer=trainer)


@post(HERE + "/{trainer_id:int}/tai-khoan", status_code=200, opt=in_ward(Permission.MANAGE_PEOPLE))
async def account(
    request: Request[Any, Any, Any],
    ward_id: str,
    trainer_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """A link with which the helper chooses a password; shown once."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    try:
        token = await give_account(db, ward_id, trainer_id, by=actor, now=now)
    except InvalidInput as error:
        return await _helper(db, ward_id, trainer_id, errors={"": next(iter(error.fields.values()))})
    link = f"{request.app.state.settings.public_url}/loi-moi/{token}"
    return await _helper(db, ward_id, trainer_id, link=link)


@get(HERE + "/moi", opt=in_ward(Permission.MANAGE_PEOPLE))
async def new(ward_id: str, db: AsyncSession, actor: Actor) -> Response[Any]:
    """An empty form."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    return await _form(db, ward_id, {**dict.fromkeys(forms.FIELDS, ""), "kind": "team_member"})


@post(HERE + "/moi", opt=in_ward(Permission.MANAGE_PEOPLE))
async def add(
    request: Request[Any, Any, Any], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Take a helper on."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    form = await request.form()
    values = forms.typed({name: str(form.get(name, "")) for name in forms.FIELDS})
    skills = forms.read_ids([str(each) for each in form.getall("skill", [])])
    parts = forms.read_parts([str(each) for each in form.getall("part", [])])
    try:
        trainer = await service.enlist(
            db, ward_id, forms.read_trainer(values), by=actor, now=now, another=form.get("another") == "1"
        )
    except InvalidInput as error:
        return await _form(db, ward_id, values, skills=skills, parts=parts, error=error)
    await service.set_skills(db, ward_id, trainer.id, skills, by=actor, now=now)
    await service.set_hours(db, ward_id, trainer.id, hours_of(parts), by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}/{trainer.id}", flash=_("Đã thêm %(name)s.", name=trainer.full_name)
    )


@get(HERE + "/{trainer_id:int}/sua", opt=in_ward(Permission.MANAGE_PEOPLE))
async def edit_page(
    ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The form with what is known. Whoever may correct a number sees it whole, which is noted."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    trainer = await queries.trainer_in(db, ward_id, trainer_id)
    _looked(db, trainer, by=actor, now=now)
    return await _form(
        db,
        ward_id,
        forms.values_of(trainer),
        trainer=trainer,
        skills=[each.skill_id for each in await queries.taught_by(db, trainer_id)],
        parts=list(parts_of(await queries.hours_of(db, trainer_id))),
    )


@post(HERE + "/{trainer_id:int}/sua", opt=in_ward(Permission.MANAGE_PEOPLE))
async def save(
    request: Request[Any, Any, Any],
    ward_id: str,
    trainer_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Write down what changed."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    form = await request.form()
    values = forms.typed({name: str(form.get(name, "")) for name in forms.FIELDS})
    skills = forms.read_ids([str(each) for each in form.getall("skill", [])])
    parts = forms.read_parts([str(each) for each in form.getall("part", [])])
    try:
        details = forms.read_trainer(values)
        await service.edit(
            db, ward_id, trainer_id, details, by=actor, now=now, another=form.get("another") == "1"
        )
    except InvalidInput as error:
        trainer = await queries.trainer_in(db, ward_id, trainer_id)
        return await _form(db, ward_id, values, trainer=trainer, skills=skills, parts=parts, error=error)
    await service.set_skills(db, ward_id, trainer_id, skills, by=actor, now=now)
    # Hours finer than the parts of a day ("sau 17h") stay while nobody ticks otherwise.
    if frozenset(parts) != parts_of(await queries.hours_of(db, trainer_id)):
        await service.set_hours(db, ward_id, trainer_id, hours_of(parts), by=actor, now=now)
    return redirect(f"/nguoi-day/{ward_id}/{trainer_id}", flash=_("Đã lưu thông tin."))


@post(HERE + "/{trainer_id:int}/nghi", opt=in_ward(Permission.MANAGE_PEOPLE))
async def leave(
    ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Take off the list."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    trainer = await service.leave(db, ward_id, trainer_id, by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}",
        flash=_("Đã ghi %(name)s nghỉ.", name=trainer.full_name),
        undo_url=f"/nguoi-day/{ward_id}/{trainer_id}/tro-lai",
    )


@post(HERE + "/{trainer_id:int}/tro-lai", opt=in_ward(Permission.MANAGE_PEOPLE))
async def come_back(
    ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Put back on the list."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    trainer = await service.come_back(db, ward_id, trainer_id, by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}/{trainer_id}",
        flash=_("%(name)s đã trở lại danh sách.", name=trainer.full_name),
    )


def _looked(db: AsyncSession, trainer: Trainer, *, by: Actor, now: datetime) -> None:
    if trainer.phone:
        audit.record(
            db,
            by=by,
            now=now,
            action="trainer.phone_shown",
            ward_id=trainer.ward_id,
            subject="trainer",
            subject_id=trainer.id,
        )


async def _form(
    db: AsyncSession,
    ward_id: str,
    values: dict[str, str],
    *,
    trainer: Trainer | None = None,
    skills: Sequence[int] = (),
    parts: Sequence[tuple[int, str]] = (),
    error: InvalidInput | None = None,
) -> Response[Any]:
    return page(
        "trainers/form.html",
        ward_id=ward_id,
        status=422 if error else 200,
        trainer=trainer,
        values=values,
        chosen_skills=set(skills),
        chosen_parts=set(parts),
        namesakes=error.namesakes if isinstance(error, PossibleDuplicate) else (),
        errors=error.fields if error else {},
        groups=await queries.skills_offered(db),
        kind_labels=kind_labels(),
        sex_labels=sex_labels(),
        weekdays=list(enumerate(formatting.weekday_names())),
        day_parts=day_part_labels(),
        phone_label=phone_label,
    )


HANDLERS = [helpers, search, helper, show_phone, account, new, add, edit_page, save, leave, come_back]
