"""One number's texts for staff: what it gets, who shares it, consent; texts end or begin in one tap."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.service import answer_consents
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page, redirect
from notifications import labels
from notifications.queries.numbers import Reader, helper_reader, learner_reader, number_of
from notifications.service.opt_outs import opt_in, opt_out, undo_opt_out

LEARNER = "/tin-nhan/{ward_id:str}/so/nguoi-hoc/{learner_id:int}"
HELPER = "/tin-nhan/{ward_id:str}/so/nguoi-day/{trainer_id:int}"


@dataclass(frozen=True, slots=True)
class Said:
    """What to say after a tap, and the wish that takes it back."""

    sentence: str
    undo: Mapping[str, str] | None = None


@get(LEARNER, opt=in_ward(Permission.SEE_MESSAGES))
async def learner_number(
    request: Request[Any, Any, Any], ward_id: str, learner_id: int, db: AsyncSession, actor: Actor
) -> Response[Any]:
    """A panel on the learner's page for htmx, a page of its own for everybody else; six statements."""
    in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    reader = await learner_reader(db, ward_id, learner_id)
    return await _answer(request, db, ward_id, reader, actor)


@post(LEARNER, opt=in_ward(Permission.MANAGE_PEOPLE))
async def change_learner(
    request: Request[Any, Any, Any],
    ward_id: str,
    learner_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """One tap: texts end or begin, the consent is given or taken back."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    reader = await learner_reader(db, ward_id, learner_id)
    return await _change(request, db, ward_id, reader, actor, now)


@get(HELPER, opt=in_ward(Permission.SEE_MESSAGES))
async def helper_number(
    request: Request[Any, Any, Any], ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor
) -> Response[Any]:
    """The same about a helper."""
    in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    reader = await helper_reader(db, ward_id, trainer_id)
    return await _answer(request, db, ward_id, reader, actor)


@post(HELPER, opt=in_ward(Permission.MANAGE_PEOPLE))
async def change_helper(
    request: Request[Any, Any, Any],
    ward_id: str,
    trainer_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """One tap: texts end or begin."""
    in_ward(actor, Permission.MANAGE_PEOPLE, ward_id)
    reader = await helper_reader(db, ward_id, trainer_id)
    return await _change(request, db, ward_id, reader, actor, now)


async def _change(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    ward_id: str,
    reader: Reader,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    wishes = {**request.query_params, **(await request.form())}
    said = await _obey(db, ward_id, reader, wishes, actor, now)
    if is_htmx(request):
        return await _answer(request, db, ward_id, reader, actor, said=said)
    here = _here(ward_id, reader)
    undo = f"{here}?{urlencode(said.undo)}" if said.undo else None
    return redirect(here, flash=said.sentence, undo_url=undo)


async def _obey(
    db: AsyncSession, ward_id: str, reader: Reader, wishes: Mapping[str, Any], actor: Actor, now: datetime
) -> Said:
    """Do what was tapped (`viec`, on the topic `loai`). A wish nobody knows changes nothing.

    The word of the reader, the provider or another ward ends only where somebody said to be sure (`chac`).
    """
    wish, topic = str(wishes.get("viec", "")), str(wishes.get("loai", "")) or None
    if wish in ("dong-y", "rut-dong-y") and reader.learner:
        yes = wish == "dong-y"
        await answer_consents(db, ward_id, reader.id, {"sms": yes}, how="spoken", by=actor, now=now)
        return Said(_("Đã ghi: đồng ý nhận tin nhắn.") if yes else _("Đã ghi: không đồng ý nhận tin nhắn."))
    if reader.phone is None:
        return Said(_("Người này không có số điện thoại."))
    if topic not in (None, *reader.topics):
        return Said(_("Chưa có gì thay đổi."))
    about = {"loai": topic} if topic else {}
    if wish == "ngung":
        new = await opt_out(db, reader.phone, topic, how="staff", ward_id=ward_id, by=actor, now=now)
        return Said(_ended(topic), {"viec": "thoi-ngung", **about} if new else None)
    if wish == "thoi-ngung":
        await undo_opt_out(db, reader.phone, topic, by=actor, now=now)
        return Said(_begun(topic))
    if wish == "nhan-lai":
        before = (await number_of(db, ward_id, reader)).refusal(topic)
        if before is None:
            return Said(_("Chưa có gì thay đổi."))
        if before.theirs and not wishes.get("chac"):
            return Said(_("Cần hỏi lại người nhận trước. Nếu chắc chắn, xin bấm lại và xác nhận."))
        await opt_in(db, reader.phone, topic, by=actor, now=now)
        again = not before.theirs and (before.topic is not None) is (topic is not None)
        return Said(_begun(topic), {"viec": "ngung", **about} if again else None)
    return Said(_("Chưa có gì thay đổi."))


def _ended(topic: str | None) -> str:
    if topic is None:
        return _("Số này không nhận tin nhắn nào nữa.")
    return _("Số này không nhận tin loại này nữa: %(topic)s.", topic=labels.topic_labels()[topic].lower())


def _begun(topic: str | None) -> str:
    if topic is None:
        return _("Số này nhận lại tin nhắn.")
    return _("Số này nhận lại tin loại này: %(topic)s.", topic=labels.topic_labels()[topic].lower())


async def _answer(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    ward_id: str,
    reader: Reader,
    actor: Actor,
    *,
    said: Said | None = None,
) -> Response[Any]:
    name = "notifications/_number.html" if is_htmx(request) else "notifications/number.html"
    back = "nguoi-hoc" if reader.learner else "nguoi-day"
    return page(
        name,
        ward_id=ward_id,
        status=200,
        number=await number_of(db, ward_id, reader),
        here=_here(ward_id, reader),
        back=f"/{back}/{ward_id}/{reader.id}",
        said=said,
        may_change=actor.may(Permission.MANAGE_PEOPLE, ward_id),
        topic_labels=labels.topic_labels(),
        source_labels=labels.opt_out_source_labels(),
        consent_labels=labels.consent_labels(),
        state_label=labels.state_label,
        purpose_label=labels.purpose_label,
        reason_label=labels.reason_label,
    )


def _here(ward_id: str, reader: Reader) -> str:
    who = "nguoi-hoc" if reader.learner else "nguoi-day"
    return f"/tin-nhan/{ward_id}/so/{who}/{reader.id}"


HANDLERS = [learner_number, change_learner, helper_number, change_helper]
