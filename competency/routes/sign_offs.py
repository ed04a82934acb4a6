"""The assessor's queue; sign-offs given, undone and revoked."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from competency.forms.roll import INCOMPLETE
from competency.forms.sign_offs import (
    QueueParams,
    QueueSource,
    RevocationReasonForm,
    SignOffForm,
    UndoSignOffParams,
)
from competency.labels import level_labels
from competency.queries.queue import (
    QueueFilter,
    in_groups,
    names_of,
    observed_by_reader,
    queue,
    skill_totals,
)
from competency.queries.queue_classes import classes_waiting, courses_waiting
from competency.queries.sign_offs import sign_off_in
from competency.routes.sign_off_sentences import reasons, signed_sentence, undone_sentence
from competency.service.sign_off_revocations import revoke_sign_off, undo_sign_offs
from competency.service.sign_offs import sign_off
from lopso.kernel.access import Actor, Permission
from lopso.kernel.clock import local_day
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form, read_leniently
from lopso.web.guards import in_ward
from lopso.web.pages import page, redirect

HERE = "/xac-nhan/{ward_id:str}"
SIGNED = in_ward(Permission.SIGN_OFF)


async def _queue_page(
    db: AsyncSession, actor: Actor, ward_id: str, form: Form[SignOffForm], params: QueueParams
) -> Response[Any]:
    """The queue with what is ticked; the button "chon" ticks or unticks a group of boxes."""
    chosen = _filter(params)
    waiting = await queue(db, ward_id, chosen, number=params.trang, reader_id=actor.user_id)
    totals = skill_totals(waiting.items)
    groups = in_groups(totals, waiting.items)
    shown = groups.get("tat-ca", set())
    ticked = form.typed.many("pick")
    picked, group = set(ticked) & shown, groups.get(form.typed["chon"], set())
    picked = picked - group if group <= picked else picked | group
    return page(
        "competency/queue.html",
        ward_id=ward_id,
        form=form,
        waiting=waiting,
        chosen=chosen,
        source=params.source,
        classes=await classes_waiting(db, ward_id),
        courses=await courses_waiting(db, ward_id),
        here=_address(ward_id, params),
        level_labels=level_labels(),
        totals=totals,
        groups=groups,
        observed=observed_by_reader(waiting.items),
        picked=picked,
        kept=[] if form.typed["bo_chon"] else [each for each in dict.fromkeys(ticked) if each not in shown],
    )


def _filter(params: QueueParams) -> QueueFilter:
    source = params.source
    if source is None:
        return QueueFilter(params.ten)
    return QueueFilter(
        params.ten,
        course_id=source.id if source.kind == "noi-dung" else None,
        series_id=source.id if source.kind == "lop" else None,
        session_id=source.id if source.kind == "buoi" else None,
    )


def _address(ward_id: str, params: QueueParams | UndoSignOffParams) -> str:
    name = params.ten if isinstance(params, QueueParams) else ""
    source: QueueSource | None = params.source if isinstance(params, QueueParams) else params.tu
    query = urlencode({key: str(value) for key, value in (("ten", name), ("tu", source)) if value})
    return f"/xac-nhan/{ward_id}" + (f"?{query}" if query else "")


@get(HERE, opt=SIGNED)
async def sign_off_queue(ward_id: str, db: AsyncSession, actor: Actor, params: QueueParams) -> Response[Any]:
    """Who waits for which sign-off."""
    return await _queue_page(db, actor, ward_id, Form.blank(SignOffForm), params)


@post(HERE, opt=SIGNED)
async def sign(
    form: Form[SignOffForm],
    ward_id: str,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    params: QueueParams,
) -> Response[Any]:
    """Sign what was ticked; what cannot be signed is said by name, the rest goes through.

    Without a script a button that ticks several boxes comes here, too, and signs nothing.
    """
    if form.typed["chon"]:
        return await _queue_page(db, actor, ward_id, form.unchecked(), params)
    try:
        signed = await sign_off(db, ward_id, form.value().pick, by=actor, now=now)
        names = await names_of(db, signed.refused)
        if not signed.done:
            raise InvalidInput({"": reasons(signed, names)})
    except InvalidInput as error:
        return await _queue_page(db, actor, ward_id, form.refused(error), params)
    undo = {"luc": now.isoformat(), "tu": str(params.source or "")}
    return redirect(
        _address(ward_id, params),
        flash=signed_sentence(signed, names),
        kind="warn" if signed.refused else "ok",
        undo_url=f"/xac-nhan/{ward_id}/hoan-tac?{urlencode(undo)}",
    )


@post(HERE + "/xem", status_code=200, opt=SIGNED)
async def look(
    form: Form[SignOffForm], ward_id: str, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Another page, another class or a name: what is ticked is kept, nothing is signed."""
    params = read_leniently(QueueParams, form.sent, today=local_day(now))
    answer = await _queue_page(db, actor, ward_id, form.unchecked(), params)
    answer.headers["HX-Push-Url"] = _address(ward_id, params)
    return answer


@post(HERE + "/hoan-tac", opt=SIGNED)
async def undo(
    ward_id: str, db: AsyncSession, actor: Actor, now: datetime, params: UndoSignOffParams
) -> Response[Any]:
    """Revoke what this person signed in one press."""
    if params.luc is None:
        raise InvalidInput({"": _(INCOMPLETE)})
    undone = await undo_sign_offs(db, ward_id, params.luc, by=actor, now=now)
    return redirect(_address(ward_id, params), flash=undone_sentence(undone))


@get(HERE + "/{sign_off_id:int}/thu-hoi", opt=SIGNED)
async def revoke_page(ward_id: str, sign_off_id: int, db: AsyncSession) -> Response[Any]:
    """What will be revoked, and the question why."""
    return await _revoke_page(db, ward_id, sign_off_id, Form.blank(RevocationReasonForm))


@post(HERE + "/{sign_off_id:int}/thu-hoi", opt=SIGNED)
async def revoke(
    form: Form[RevocationReasonForm],
    ward_id: str,
    sign_off_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Revoke a sign-off, with the reason."""
    try:
        reason = form.value().reason
        revoked = await revoke_sign_off(db, ward_id, sign_off_id, reason=reason, by=actor, now=now)
    except InvalidInput as error:
        return await _revoke_page(db, ward_id, sign_off_id, form.refused(error))
    return redirect(
        f"/nguoi-hoc/{ward_id}/{revoked.learner_id}",
        flash=_("Đã thu hồi xác nhận. Kỹ năng này trở lại danh sách chờ xác nhận."),
    )


async def _revoke_page(
    db: AsyncSession, ward_id: str, sign_off_id: int, form: Form[RevocationReasonForm]
) -> Response[Any]:
    return page(
        "competency/revoke_sign_off.html",
        ward_id=ward_id,
        form=form,
        signed=await sign_off_in(db, ward_id, sign_off_id),
        level_labels=level_labels(),
    )


HANDLERS = [sign_off_queue, sign, look, undo, revoke_page, revoke]
