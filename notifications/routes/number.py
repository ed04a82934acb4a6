"""One number's texts for staff: what it gets, who shares it, consent; texts end or begin in one tap."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learners.service import answer_consents
from lopso.kernel.access import Actor, Permission
from lopso.kernel.i18n import gettext as _
from lopso.web.guards import in_ward
from lopso.web.pages import is_htmx, page, redirect
from notifications import words
from notifications.queries.numbers import Reader, helper_reader, learner_reader, number_of
from notifications.service.opt_outs import opt_in, opt_out

LEARNER = "/tin-nhan/{ward_id:str}/so/nguoi-hoc/{learner_id:int}"
HELPER = "/tin-nhan/{ward_id:str}/so/nguoi-day/{trainer_id:int}"


@get(LEARNER)
async def learner_number(
    request: Request[Any, Any, Any], ward_id: str, learner_id: int, db: AsyncSession, actor: Actor
) -> Response[Any]:
    """A panel on the learner's page for htmx, a page of its own for everybody else; six statements."""
    in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    reader = await learner_reader(db, ward_id, learner_id)
    return await _answer(request, db, ward_id, reader, actor)


@post(LEARNER)
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


@get(HELPER)
async def helper_number(
    request: Request[Any, Any, Any], ward_id: str, trainer_id: int, db: AsyncSession, actor: Actor
) -> Response[Any]:
    """The same about a helper."""
    in_ward(actor, Permission.SEE_MESSAGES, ward_id)
    reader = await helper_reader(db, ward_id, trainer_id)
    return await _answer(request, db, ward_id, reader, actor)


@post(HELPER)
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
    wish = str((await request.form()).get("viec", ""))
    said = await _obey(db, ward_id, reader, wish, actor, now)
    if is_htmx(request):
        return await _answer(request, db, ward_id, reader, actor, said=said)
    return redirect(_here(ward_id, reader), flash=said)


async def _obey(
    db: AsyncSession, ward_id: str, reader: Reader, wish: str, actor: Actor, now: datetime
) -> str:
    """Do what was tapped; the sentence that says so. A wish nobody knows changes nothing."""
    if wish in ("dong-y", "rut-dong-y") and reader.learner:
        yes = wish == "dong-y"
        await answer_consents(db, ward_id, reader.id, {"sms": yes}, how="spoken", by=actor, now=now)
        return _("Đã ghi: đồng ý nhận tin nhắn.") if yes else _("Đã ghi: không đồng ý nhận tin nhắn.")
    if reader.phone is None:
        return _("Người này không có số điện thoại.")
    if wish == "nhan-lai":
        await opt_in(db, reader.phone, None, by=actor, now=now)
        return _("Số này nhận lại tin nhắn.")
    if wish == "ngung-het":
        await opt_out(db, reader.phone, None, how="staff", ward_id=ward_id, by=actor, now=now)
        return _("Số này không nhận tin nhắn nào nữa.")
    if wish == "ngung-nhac":
        topic = reader.topics[0]
        await opt_out(db, reader.phone, topic, how="staff", ward_id=ward_id, by=actor, now=now)
        return _("Số này không nhận tin loại này nữa: %(topic)s.", topic=words.topic_names()[topic].lower())
    return _("Chưa có gì thay đổi.")


async def _answer(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    ward_id: str,
    reader: Reader,
    actor: Actor,
    *,
    said: str = "",
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
        topic_names=words.topic_names(),
        how_words=words.opt_out_words(),
        consent_words=words.consent_words(),
        state_word=words.state_word,
        purpose_word=words.purpose_word,
        reason_word=words.reason_word,
    )


def _here(ward_id: str, reader: Reader) -> str:
    who = "nguoi-hoc" if reader.learner else "nguoi-day"
    return f"/tin-nhan/{ward_id}/so/{who}/{reader.id}"


HANDLERS = [learner_number, change_learner, helper_number, change_helper]
