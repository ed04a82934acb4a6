"""Preferences of a phone number, for staff: opt-outs and consent, one button each."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import get, post
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.service.consents import answer_consents
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request
from notifications import labels
from notifications.forms import PreferenceForm
from notifications.queries.phone_preferences import PhoneOwner, helper_phone, learner_phone, phone_preferences
from notifications.service.opt_outs import opt_in, opt_out, undo_opt_out

LEARNER = "/tin-nhan/{ward_id:str}/so/nguoi-hoc/{learner_id:int}"
HELPER = "/tin-nhan/{ward_id:str}/so/nguoi-day/{trainer_id:int}"


@dataclass(frozen=True, slots=True)
class PreferenceFeedback:
    """What to say after a change, and the form fields that undo it."""

    sentence: str
    undo: Mapping[str, str] | None = None


def preference_routes(
    path: str, owner_of: Callable[..., Awaitable[PhoneOwner]]
) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    """Page and commands for the phones of one kind of owner.

    Args:
        path: with the parameters of `owner_of`.
        owner_of: the query of the owner, called as a dependency of the routes.
    """
    dependencies = {"owner": Provide(owner_of)}

    @get(path, opt=in_ward(Permission.SEE_MESSAGES), dependencies=dependencies)
    async def show(
        request: Request, ward_id: str, owner: PhoneOwner, db: AsyncSession, actor: Actor
    ) -> Response[Any]:
        """A panel of the owner's page for htmx, else a page; six statements."""
        return await _answer(request, db, ward_id, owner, actor)

    @post(path, opt=in_ward(Permission.MANAGE_PEOPLE), dependencies=dependencies)
    async def change(
        request: Request,
        form: Form[PreferenceForm],
        ward_id: str,
        owner: PhoneOwner,
        db: AsyncSession,
        actor: Actor,
        now: datetime,
    ) -> Response[Any]:
        """Stop or resume messages; of a learner, note or withdraw the consent."""
        return await _change(request, form, db, ward_id, owner, actor, now)

    return show, change


async def _change(
    request: Request,
    form: Form[PreferenceForm],
    db: AsyncSession,
    ward_id: str,
    owner: PhoneOwner,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    feedback = await _apply(db, ward_id, owner, _command(request, form.value()), actor, now)
    if is_htmx(request):
        return await _answer(request, db, ward_id, owner, actor, feedback=feedback)
    here = _here(ward_id, owner)
    undo = f"{here}?{urlencode(feedback.undo)}" if feedback.undo else None
    return redirect(here, flash=feedback.sentence, undo_url=undo)


async def _apply(
    db: AsyncSession, ward_id: str, owner: PhoneOwner, form: PreferenceForm, actor: Actor, now: datetime
) -> PreferenceFeedback:
    """Carry out the command on its topic; an unknown one changes nothing.

    An opt-out that needs confirmation ends only when confirmed.
    """
    command, topic = form.command, form.topic or None
    if command in ("dong-y", "rut-dong-y") and owner.learner:
        yes = command == "dong-y"
        await answer_consents(db, ward_id, owner.id, {"sms": yes}, how="spoken", by=actor, now=now)
        return PreferenceFeedback(
            _("Đã ghi: đồng ý nhận tin nhắn.") if yes else _("Đã ghi: không đồng ý nhận tin nhắn.")
        )
    if owner.phone is None:
        return PreferenceFeedback(_("Người này không có số điện thoại."))
    if topic not in (None, *owner.topics):
        return PreferenceFeedback(_("Chưa có gì thay đổi."))
    about = {"loai": topic} if topic else {}
    if command == "ngung":
        new = await opt_out(db, owner.phone, topic, how="staff", ward_id=ward_id, by=actor, now=now)
        return PreferenceFeedback(_stopped_sentence(topic), {"viec": "thoi-ngung", **about} if new else None)
    if command == "thoi-ngung":
        await undo_opt_out(db, owner.phone, topic, by=actor, now=now)
        return PreferenceFeedback(_resumed_sentence(topic))
    if command == "nhan-lai":
        before = (await phone_preferences(db, ward_id, owner)).refusal(topic)
        if before is None:
            return PreferenceFeedback(_("Chưa có gì thay đổi."))
        if before.needs_confirmation and not form.confirmed:
            return PreferenceFeedback(
                _("Cần hỏi lại người nhận trước. Nếu chắc chắn, xin bấm lại và xác nhận.")
            )
        await opt_in(db, owner.phone, topic, by=actor, now=now)
        again = not before.needs_confirmation and (before.topic is not None) is (topic is not None)
        return PreferenceFeedback(_resumed_sentence(topic), {"viec": "ngung", **about} if again else None)
    return PreferenceFeedback(_("Chưa có gì thay đổi."))


def _command(request: Request, form: PreferenceForm) -> PreferenceForm:
    """The posted command; that of an undo link comes in the query instead."""
    address = request.query_params
    return msgspec.structs.replace(
        form, command=form.command or address.get("viec", ""), topic=form.topic or address.get("loai", "")
    )


def _stopped_sentence(topic: str | None) -> str:
    if topic is None:
        return _("Số này không nhận tin nhắn nào nữa.")
    return _("Số này không nhận tin loại này nữa: %(topic)s.", topic=labels.topic_labels()[topic].lower())


def _resumed_sentence(topic: str | None) -> str:
    if topic is None:
        return _("Số này nhận lại tin nhắn.")
    return _("Số này nhận lại tin loại này: %(topic)s.", topic=labels.topic_labels()[topic].lower())


async def _answer(
    request: Request,
    db: AsyncSession,
    ward_id: str,
    owner: PhoneOwner,
    actor: Actor,
    *,
    feedback: PreferenceFeedback | None = None,
) -> Response[Any]:
    part = "_phone_preferences" if is_htmx(request) else "phone_preferences"
    back = "nguoi-hoc" if owner.learner else "nguoi-day"
    return page(
        f"notifications/{part}.html",
        ward_id=ward_id,
        status=200,
        preferences=await phone_preferences(db, ward_id, owner),
        here=_here(ward_id, owner),
        back=f"/{back}/{ward_id}/{owner.id}",
        feedback=feedback,
        may_change=actor.may(Permission.MANAGE_PEOPLE, ward_id),
        topic_labels=labels.topic_labels(),
        source_labels=labels.opt_out_source_labels(),
        consent_labels=labels.consent_labels(),
        state_label=labels.state_label,
        purpose_label=labels.purpose_label,
        reason_label=labels.reason_label,
    )


def _here(ward_id: str, owner: PhoneOwner) -> str:
    who = "nguoi-hoc" if owner.learner else "nguoi-day"
    return f"/tin-nhan/{ward_id}/so/{who}/{owner.id}"


HANDLERS = [*preference_routes(LEARNER, learner_phone), *preference_routes(HELPER, helper_phone)]
