"""Adding and editing a helper; a helper leaves and comes back."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit, formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import read_id
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from people.errors import namesakes_of
from people.labels import phone_label, sex_labels
from trainers.forms import TrainerForm
from trainers.labels import day_part_labels, kind_labels
from trainers.models import Trainer
from trainers.queries import trainers as queries
from trainers.rules import hours_of, parts_of
from trainers.service import trainers as service
from trainers.service.availability import set_hours
from trainers.service.qualifications import set_skills

HERE = "/nguoi-day/{ward_id:str}"
MANAGED = in_ward(Permission.MANAGE_PEOPLE)


@get(HERE + "/moi", opt=MANAGED)
async def new(ward_id: str, db: AsyncSession) -> Response[Any]:
    """An empty form."""
    return await _form_page(db, ward_id, Form.blank(TrainerForm).with_defaults(kind="team_member"))


@post(HERE + "/moi", opt=MANAGED)
async def add(
    form: Form[TrainerForm], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Add a helper."""
    try:
        said = form.value()
        trainer = await service.enlist(db, ward_id, said.details, by=actor, now=now, another=said.another)
    except InvalidInput as error:
        return await _form_page(db, ward_id, form, error=error)
    await set_skills(db, ward_id, trainer.id, said.skill, by=actor, now=now)
    await set_hours(db, ward_id, trainer.id, hours_of(said.part), by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}/{trainer.id}", flash=_("Đã thêm %(name)s.", name=trainer.full_name)
    )


@get(HERE + "/{trainer_id:int}/sua", opt=MANAGED)
async def edit_page(
    ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The form with what is stored. It shows the whole phone number, which is audited."""
    trainer = await queries.trainer_in(db, ward_id, trainer_id)
    if trainer.phone:
        audit.note(db, trainer, "trainer.phone_shown", by=actor, now=now)
    skills = [each.skill_id for each in await queries.taught_by(db, trainer_id)]
    parts = parts_of(await queries.hours_of(db, trainer_id))
    form = Form.of(TrainerForm.of(trainer, skills=skills, parts=parts))
    return await _form_page(db, ward_id, form, trainer=trainer)


@post(HERE + "/{trainer_id:int}/sua", opt=MANAGED)
async def save(
    form: Form[TrainerForm],
    ward_id: str,
    trainer_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Save an edited helper."""
    try:
        said = form.value()
        await service.edit(db, ward_id, trainer_id, said.details, by=actor, now=now, another=said.another)
    except InvalidInput as error:
        trainer = await queries.trainer_in(db, ward_id, trainer_id)
        return await _form_page(db, ward_id, form, trainer=trainer, error=error)
    await set_skills(db, ward_id, trainer_id, said.skill, by=actor, now=now)
    # Hours finer than the parts of a day ("sau 17h") stay unless somebody ticks otherwise.
    if frozenset(said.part) != parts_of(await queries.hours_of(db, trainer_id)):
        await set_hours(db, ward_id, trainer_id, hours_of(said.part), by=actor, now=now)
    return redirect(f"/nguoi-day/{ward_id}/{trainer_id}", flash=_("Đã lưu thông tin."))


@post(HERE + "/{trainer_id:int}/nghi", opt=MANAGED)
async def leave(
    ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Note that a helper left."""
    trainer = await service.leave(db, ward_id, trainer_id, by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}",
        flash=_("Đã ghi %(name)s nghỉ.", name=trainer.full_name),
        undo_url=f"/nguoi-day/{ward_id}/{trainer_id}/tro-lai",
    )


@post(HERE + "/{trainer_id:int}/tro-lai", opt=MANAGED)
async def come_back(
    ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Note that a helper is back."""
    trainer = await service.come_back(db, ward_id, trainer_id, by=actor, now=now)
    return redirect(
        f"/nguoi-day/{ward_id}/{trainer_id}",
        flash=_("%(name)s đã trở lại danh sách.", name=trainer.full_name),
    )


async def _form_page(
    db: AsyncSession,
    ward_id: str,
    form: Form[TrainerForm],
    *,
    trainer: Trainer | None = None,
    error: InvalidInput | None = None,
) -> Response[Any]:
    return page(
        "trainers/form.html",
        ward_id=ward_id,
        form=form.refused(error) if error else form,
        trainer=trainer,
        chosen_skills={read_id(text) for text in form.typed.many("skill")},
        namesakes=namesakes_of(error),
        groups=await queries.skills_offered(db),
        kind_labels=kind_labels(),
        sex_labels=sex_labels(),
        weekdays=list(enumerate(formatting.weekday_names())),
        day_parts=day_part_labels(),
        phone_label=phone_label,
    )


HANDLERS = [new, add, edit_page, save, leave, come_back]
