"""The editor of a wording: its draft, with a preview on what is in the calendar of a ward."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from gateways.placeholders import NAMES, TYPES, shown
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.web.forms import Form
from lopso.web.guards import PARTIAL, in_city
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from wordings.forms import WordingForm, WordingParams
from wordings.labels import placeholder_labels, placeholder_type_labels, wording_labels
from wordings.queries.samples import longest_in_city, ward_samples, wards_with_classes
from wordings.queries.usage import WordingUsage
from wordings.queries.versions import versions_of
from wordings.routes.versions import HERE, ONE
from wordings.rules.placeholders import PLACEHOLDERS, TO_HELPERS
from wordings.rules.samples import PlaceholderValues, WardSamples
from wordings.service.checks import normalized
from wordings.service.drafts import save_draft
from wordings.service.preview import preview


@get(ONE + "/soan", opt=in_city(Permission.MANAGE_CITY))
async def write(
    request: Request,
    code: str,
    db: AsyncSession,
    usage: WordingUsage,
    now: datetime,
    params: WordingParams,
) -> Response[Any]:
    """The editor with the draft or else the newest version; or with the words of another version."""
    versions = await versions_of(db, code)
    newest = versions[0]
    former = next((each for each in versions if str(each.row.id) == params.version), newest)
    return await _editor(
        request,
        code,
        db,
        usage,
        now,
        typed=former.row.body_accented,
        ward_id=params.ward,
        replaces=newest.row.version if former is not newest and newest.state == "draft" else None,
    )


@post(ONE + "/soan", opt=in_city(Permission.MANAGE_CITY))
async def save(
    request: Request,
    form: Form[WordingForm],
    code: str,
    db: AsyncSession,
    usage: WordingUsage,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """Store the draft, or with the button `xem` only preview it."""
    await versions_of(db, code)
    typed = form.value()
    body, ward_id = normalized(typed.body), typed.ward
    if typed.preview_only == "xem":
        return await _editor(request, code, db, usage, now, typed=body, ward_id=ward_id)
    _wards, _chosen, samples = await _samples(db, code, ward_id, usage, now)
    segments = preview(code, body, samples, await longest_in_city(db, code, now=now)).segments
    errors: dict[str, str] = {}
    try:
        await save_draft(db, code, body, by=actor, now=now)
    except InvalidInput as error:
        errors = error.fields
    if not errors and segments > 1 and typed.agreed_segments != str(segments):
        errors = {"dong_y": _("Tin dài nhất thành %(n)s đoạn. Xin rút gọn, hoặc chọn vẫn lưu.", n=segments)}
    if errors:
        return await _editor(request, code, db, usage, now, typed=body, ward_id=ward_id, errors=errors)
    return redirect(f"{HERE}/{code}", flash=_("Đã lưu bản nháp. Tin vẫn gửi theo bản đang dùng."))


@post(ONE + "/xem-thu", status_code=200, opt={**in_city(Permission.MANAGE_CITY), **PARTIAL})
async def look(
    request: Request,
    form: Form[WordingForm],
    code: str,
    db: AsyncSession,
    usage: WordingUsage,
    now: datetime,
) -> Response[Any]:
    """The preview alone, while somebody types."""
    if code not in PLACEHOLDERS:
        raise NotFound
    typed = form.value()
    _wards, _chosen, samples = await _samples(db, code, typed.ward, usage, now)
    return page(
        "wordings/_preview.html",
        preview=preview(code, normalized(typed.body), samples),
        segment_price=request.app.state.settings.sms_segment_price,
    )


async def _editor(
    request: Request,
    code: str,
    db: AsyncSession,
    usage: WordingUsage,
    now: datetime,
    *,
    typed: str,
    ward_id: str,
    errors: dict[str, str] | None = None,
    replaces: int | None = None,
) -> Response[Any]:
    wards, chosen, samples = await _samples(db, code, ward_id, usage, now)
    return page(
        "wordings/editor.html",
        status=422 if errors else 200,
        code=code,
        wording_labels=wording_labels(),
        to_helpers=code in TO_HELPERS,
        places=_placeholders(code, samples.shown),
        shown_wards=wards,
        chosen=chosen,
        typed=shown(typed),
        replaces=replaces,
        errors=errors or {},
        preview=preview(code, typed, samples, await longest_in_city(db, code, now=now)),
        segment_price=request.app.state.settings.sms_segment_price,
        here=HERE,
    )


async def _samples(
    db: AsyncSession, code: str, ward_id: str, usage: WordingUsage, now: datetime
) -> tuple[Sequence[tuple[str, str]], str, WardSamples]:
    """All wards, the one whose sessions are shown (`ward_id` if there is such a ward), its samples."""
    wards, next_ward = await wards_with_classes(db, now=now)
    known = [ward for ward, _name in wards]
    chosen = ward_id if ward_id in known else next_ward or next(iter(known), "")
    if not chosen:
        return wards, chosen, WardSamples((), None)
    return wards, chosen, await ward_samples(db, code, chosen, usage=usage, now=now)


def _placeholders(code: str, samples: Sequence[PlaceholderValues]) -> list[tuple[str, str, str, str]]:
    """Name, type, meaning and example of each placeholder, in the order in which messages name them."""
    meanings, types = placeholder_labels(), placeholder_type_labels()
    forms: Mapping[str, Sequence[str]] = samples[0].forms if samples else {}
    examples = {name: each[0] for name, each in forms.items()}
    return [
        (NAMES[name], types[TYPES[name]], meaning, examples.get(name, ""))
        for name, meaning in meanings.items()
        if name in PLACEHOLDERS[code]
    ]


HANDLERS = [write, save, look]
