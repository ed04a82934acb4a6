"""Changing a session, alone or with those to come of its series: form, preview, confirmation."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from lopso.web.guards import of_row
from lopso.web.pages import page, redirect
from scheduling.forms.fields import ChangeScope
from scheduling.forms.plans import more_than_seats, options, place_of_plan
from scheduling.forms.sessions import SessionChangeForm, read_change, scope_within
from scheduling.labels.links import back_of, week_of
from scheduling.labels.refusals import refusal_text
from scheduling.labels.sessions import booking_label
from scheduling.models import ClassSession
from scheduling.queries import sessions as queries
from scheduling.queries.changes import PlannedChange, planned_changes
from scheduling.queries.choices import Choices, choices
from scheduling.queries.places import place_of
from scheduling.rules.plan import SessionChange, difference, encode_change
from scheduling.service.changes import change_session, check_changeable, helper_busy_text, values_of
from scheduling.service.series_changes import change_series, in_scope

EDIT = "/buoi/{session_id:int}/sua"


@get(EDIT, opt=of_row(Permission.PLAN))
async def edit_form(
    form: Form[SessionChangeForm], db: AsyncSession, actor: Actor, now: datetime, session_id: int
) -> Response[Any]:
    """A session as it is, or with what the address brings back."""
    session = await queries.session_to_plan(db, actor, session_id)
    check_changeable(session, now)
    scope = scope_within(session, form.sensible().switch_to or form.sensible().scope)
    if not form.typed.pairs(without=["pham_vi"]):
        form = Form.of(SessionChangeForm.of(session))
    return await _form(db, session, form.unchecked(), scope)


@get(EDIT + "/xem-truoc", opt=of_row(Permission.PLAN))
async def preview_change(
    form: Form[SessionChangeForm], db: AsyncSession, actor: Actor, now: datetime, session_id: int
) -> Response[Any]:
    """What would change, what prevents it, who would be notified."""
    session = await queries.session_to_plan(db, actor, session_id)
    check_changeable(session, now)
    return await _preview(db, session, form, actor=actor, now=now)


@post(EDIT, opt=of_row(Permission.PLAN))
async def change(
    form: Form[SessionChangeForm], db: AsyncSession, actor: Actor, now: datetime, session_id: int
) -> Response[Any]:
    """Change what was picked."""
    session = await queries.session_to_plan(db, actor, session_id)
    typed = form.sensible()
    scope, picked = scope_within(session, typed.scope), typed.picked
    try:
        wanted = await _wanted(db, session, form, scope)
        if scope == "one":
            await change_session(db, session_id, wanted, by=actor, now=now)
            return redirect(f"/buoi/{session_id}", flash=_("Đã lưu thay đổi."))
        done = await change_series(db, session_id, wanted, scope=scope, picked=picked, by=actor, now=now)
    except (InvalidInput, Refused) as refusal:
        session = await queries.session_to_plan(db, actor, session_id)  # locked meanwhile, its place unloaded
        return await _preview(db, session, form, actor=actor, now=now, picked=picked, refusal=refusal)
    flash = ngettext("Đã đổi %(n)s buổi.", "Đã đổi %(n)s buổi.", len(done.session_ids))
    left = " ".join([_("Chưa đổi được:"), *done.left_out]) if done.left_out else ""
    await db.refresh(session)
    return redirect(
        back_of(session, whole=True), flash=f"{flash} {left}".strip(), kind="warn" if left else "ok"
    )


async def _wanted(
    db: AsyncSession, session: ClassSession, form: Form[SessionChangeForm], scope: ChangeScope
) -> SessionChange:
    offered = await choices(db, session.ward_id)
    after = read_change(form, session, offered, with_day=scope == "one")
    return difference(values_of(session), after)


async def _form(
    db: AsyncSession,
    session: ClassSession,
    form: Form[SessionChangeForm],
    scope: ChangeScope,
) -> Response[Any]:
    return page(
        "scheduling/session_form.html",
        ward_id=session.ward_id,
        form=form,
        session=session,
        here=f"/buoi/{session.id}/sua",
        back=f"/buoi/{session.id}",
        week=week_of(session),
        kind=session.kind,
        scope=scope,
        when=formatting.day_and_hours(session.starts_at, session.ends_at),
        **options(await choices(db, session.ward_id), session.kind),
    )


@dataclass(frozen=True, slots=True)
class ChangePreviewRow:
    """A session of the preview in words: its date, what changes from what, what prevents it."""

    id: int
    when: str
    changes: Sequence[tuple[str, str, str]]
    reasons: Sequence[str]
    links: Sequence[tuple[str, str]]
    possible: bool
    checked: bool
    draft: bool


async def _preview(
    db: AsyncSession,
    session: ClassSession,
    form: Form[SessionChangeForm],
    *,
    actor: Actor,
    now: datetime,
    picked: Collection[int] | None = None,
    refusal: InvalidInput | Refused | None = None,
) -> Response[Any]:
    scope = scope_within(session, form.sensible().scope)
    offered = await choices(db, session.ward_id)
    facts = values_of(session)
    try:
        after = read_change(form, session, offered, with_day=scope == "one")
    except InvalidInput as error:
        return await _form(db, session, form.refused(error), scope)
    if after.slot != facts.slot and after.slot.starts_at <= now:
        past = InvalidInput({"since": _("Giờ mới đã qua; hãy chọn giờ sắp tới.")})
        return await _form(db, session, form.refused(past), scope)
    wanted = difference(facts, after)
    sessions = [session] if scope == "one" else await in_scope(db, session, scope, now)
    found = await planned_changes(
        db,
        [(each, values_of(each)) for each in sessions],
        wanted,
        like=None if scope == "one" else facts,
    )
    if not found:
        return redirect(f"/buoi/{session.id}", flash=_("Không có gì thay đổi."))
    fields = form.typed.pairs(without=["pick"])
    here = f"/buoi/{session.id}/sua"
    return page(
        "scheduling/change_preview.html",
        status=refusal.status if refusal else 200,
        ward_id=session.ward_id,
        session=session,
        here=here,
        back=f"{here}?{urlencode(fields)}",
        fields=fields,
        scope=scope,
        week=week_of(session),
        lines=[_line(each, offered, actor, picked) for each in found],
        possible=sum(each.possible for each in found),
        affected=await queries.affected_people(db, [each.session.id for each in found if each.notifies]),
        texts=f"{here}/tin-nhan?{urlencode({'pham_vi': scope, 'doi': encode_change(wanted)})}",
        crowded=more_than_seats(after.capacity, after.place, offered),
        refusal=refusal_text(refusal),
    )


def _line(
    found: PlannedChange, offered: Choices, actor: Actor, picked: Collection[int] | None
) -> ChangePreviewRow:
    before, after, session = found.before, found.after, found.session
    changes: list[tuple[str, str, str]] = []

    def differs(label: str, old: object, new: object) -> None:
        if old != new:
            changes.append((label, str(old), str(new)))

    in_words = formatting.hours if before.slot.day == after.slot.day else formatting.day_and_hours
    differs(
        _("Giờ"),
        in_words(before.slot.starts_at, before.slot.ends_at),
        in_words(after.slot.starts_at, after.slot.ends_at),
    )
    if before.place != after.place:
        differs(_("Nơi học"), place_of(session).name, place_of_plan(after.place, offered))
    differs(_("Tên buổi"), before.title, after.title)
    differs(_("Số chỗ"), before.capacity, after.capacity)
    differs(_("Cần người dạy chính"), before.need_trainers, after.need_trainers)
    differs(_("Cần người hỗ trợ"), before.need_helpers, after.need_helpers)
    differs(_("Ghi chú"), before.note or "–", after.note or "–")
    reasons = [helper_busy_text(each, after.slot, by=actor) for each in found.busy]
    if found.too_few_seats:
        reasons.append(_("đã có %(n)s người ghi danh", n=session.seats_taken))
    return ChangePreviewRow(
        id=session.id,
        when=formatting.day_and_hours(session.starts_at, session.ends_at),
        changes=changes,
        reasons=reasons,
        links=[(f"/buoi/{each.session_id}", booking_label(each, after.slot.day)) for each in found.there],
        possible=found.possible,
        checked=found.possible and (picked is None or session.id in picked),
        draft=session.published_at is None,
    )


HANDLERS = [edit_form, preview_change, change]
