"""Adding, editing, archiving and restoring a learner."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.forms import LearnerForm
from learners.labels import audience_labels
from learners.models import Learner
from learners.queries import learners as queries
from learners.queries.consents import consents_of
from learners.service import consents
from learners.service import learners as service
from lopso.kernel import audit
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect
from people.errors import namesakes_of
from people.labels import phone_label, sex_labels
from venues.queries import neighbourhood_choices

HERE = "/nguoi-hoc/{ward_id:str}"
MANAGED = in_ward(Permission.MANAGE_PEOPLE)


@get(HERE + "/moi", opt=MANAGED)
async def new(ward_id: str, db: AsyncSession) -> Response[Any]:
    """An empty form."""
    return await _form_page(db, ward_id, Form.blank(LearnerForm))


@post(HERE + "/moi", opt=MANAGED)
async def add(
    form: Form[LearnerForm], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Add a learner."""
    try:
        said = form.value()
        learner = await service.register(db, ward_id, said.details, by=actor, now=now, another=said.another)
    except InvalidInput as error:
        return await _form_page(db, ward_id, form, error=error)
    answers = said.answers({})
    await consents.answer_consents(db, ward_id, learner.id, answers, how="spoken", by=actor, now=now)
    return redirect(
        f"/nguoi-hoc/{ward_id}/{learner.id}", flash=_("Đã thêm %(name)s.", name=learner.full_name)
    )


@get(HERE + "/{learner_id:int}/sua", opt=MANAGED)
async def edit_page(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """The form with what is stored. It shows the whole phone number, which is audited."""
    learner = await queries.learner_in(db, ward_id, learner_id)
    said = await consents_of(db, learner_id)
    if learner.phone:
        audit.note(db, learner, "learner.phone_shown", by=actor, now=now)
    return await _form_page(db, ward_id, Form.of(LearnerForm.of(learner, said)), learner=learner)


@post(HERE + "/{learner_id:int}/sua", opt=MANAGED)
async def save(
    form: Form[LearnerForm],
    ward_id: str,
    learner_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Save an edited learner."""
    try:
        said = form.value()
        await service.edit(db, ward_id, learner_id, said.details, by=actor, now=now, another=said.another)
    except InvalidInput as error:
        learner = await queries.learner_in(db, ward_id, learner_id)
        return await _form_page(db, ward_id, form, learner=learner, error=error)
    answers = said.answers(await consents_of(db, learner_id))
    await consents.answer_consents(db, ward_id, learner_id, answers, how="spoken", by=actor, now=now)
    return redirect(f"/nguoi-hoc/{ward_id}/{learner_id}", flash=_("Đã lưu thông tin."))


@post(HERE + "/{learner_id:int}/luu-tru", opt=MANAGED)
async def archive(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Archive a learner."""
    learner = await service.archive(db, ward_id, learner_id, by=actor, now=now)
    return redirect(
        f"/nguoi-hoc/{ward_id}",
        flash=_("Đã đưa %(name)s ra khỏi danh sách.", name=learner.full_name),
        undo_url=f"/nguoi-hoc/{ward_id}/{learner_id}/khoi-phuc",
    )


@post(HERE + "/{learner_id:int}/khoi-phuc", opt=MANAGED)
async def restore(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Restore a learner."""
    learner = await service.restore(db, ward_id, learner_id, by=actor, now=now)
    return redirect(
        f"/nguoi-hoc/{ward_id}/{learner_id}",
        flash=_("Đã đưa %(name)s trở lại danh sách.", name=learner.full_name),
    )


async def _form_page(
    db: AsyncSession,
    ward_id: str,
    form: Form[LearnerForm],
    *,
    learner: Learner | None = None,
    error: InvalidInput | None = None,
) -> Response[Any]:
    return page(
        "learners/form.html",
        ward_id=ward_id,
        form=form.refused(error) if error else form,
        learner=learner,
        namesakes=namesakes_of(error),
        places=await neighbourhood_choices(db, ward_id),
        audience_labels=audience_labels(),
        sex_labels=sex_labels(),
        phone_label=phone_label,
    )


HANDLERS = [new, add, edit_page, save, archive, restore]
