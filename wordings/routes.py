"""Wordings of texts: what is in use, drafting another version, putting it into use. For the city alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from gateways.brandname_config import read_config
from gateways.placeholders import NAMES, TYPES, shown
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.settings import Settings
from lopso.kernel.text import unaccent
from lopso.web.forms import Form
from lopso.web.guards import PARTIAL, in_city
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from wordings.forms import ActivationForm, WordingForm, WordingParams
from wordings.labels import placeholder_labels, placeholder_type_labels, version_state_labels, wording_labels
from wordings.queries import samples as wording_samples
from wordings.queries import versions as wording_versions
from wordings.queries.samples import PlaceholderValues, WardSamples, WordingSample
from wordings.queries.usage import WordingUsage
from wordings.rules.wording import PLACEHOLDERS, TO_HELPERS
from wordings.service.checks import message_class_of, normalized, wording_fault
from wordings.service.drafts import activate_draft, discard_draft, save_draft

HERE = "/mau-tin"
ONE = HERE + "/{code:str}"


@dataclass(frozen=True, slots=True)
class WordingPreview:
    """A wording as it would read: what is wrong with it, its plain form, and real texts, the longest last.

    Attributes:
        week: how many messages and segments the coming week has in the ward; None for messages about skills.
        planned: those messages are planned; otherwise they would go if every session were announced.
    """

    fault: str | None
    plain: str
    samples: Sequence[WordingSample]
    week: tuple[int, int] | None
    planned: bool

    @property
    def segments(self) -> int:
        """Of the longest text."""
        return max((each.size.segments for each in self.samples), default=1)


@get(HERE, opt=in_city(Permission.MANAGE_CITY))
async def every(request: Request, db: AsyncSession) -> Response[Any]:
    """All wordings by whom they go to, with what is in use and what is being drafted."""
    found = await wording_versions.wordings(db)
    return page(
        "wordings/wordings.html",
        to_learners=[(code, found[code]) for code in found if code not in TO_HELPERS],
        to_helpers=[(code, found[code]) for code in found if code in TO_HELPERS],
        wording_labels=wording_labels(),
        version_state_labels=version_state_labels(),
        registration_required=registered_id_required(request.app.state.settings),
        shown=shown,
        here=HERE,
    )


@get(ONE, opt=in_city(Permission.MANAGE_CITY))
async def one(
    request: Request, code: str, db: AsyncSession, usage: WordingUsage, now: datetime
) -> Response[Any]:
    """One wording: in use, draft, former versions; four statements with the log-in."""
    return await _one(request, code, db, usage, now)


@get(ONE + "/soan", opt=in_city(Permission.MANAGE_CITY))
async def write(
    request: Request,
    code: str,
    db: AsyncSession,
    usage: WordingUsage,
    now: datetime,
    params: WordingParams,
) -> Response[Any]:
    """The next version: the draft or else the newest; or with the words of another version."""
    versions = await wording_versions.versions_of(db, code)
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
    """Keep the draft, or with the button `xem` only show what it would look like."""
    await wording_versions.versions_of(db, code)
    typed = form.value()
    body, ward_id = normalized(typed.body), typed.ward
    if typed.preview_only == "xem":
        return await _editor(request, code, db, usage, now, typed=body, ward_id=ward_id)
    wrong: dict[str, str] = {}
    samples, in_city = (
        await _ward_samples(db, code, ward_id, usage, now),
        await _longest_in_city(db, code, now),
    )
    segments = _preview(code, body, samples, in_city).segments
    try:
        await save_draft(db, code, body, by=actor, now=now)
    except InvalidInput as error:
        wrong = error.fields
    asks = segments > 1 and typed.agreed_segments != str(segments)
    if not wrong and asks:
        wrong = {"dong_y": _("Tin dài nhất thành %(n)s đoạn. Xin rút gọn, hoặc chọn vẫn lưu.", n=segments)}
    if wrong:
        return await _editor(request, code, db, usage, now, typed=body, ward_id=ward_id, errors=wrong)
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
    body, ward_id = normalized(typed.body), typed.ward
    return page(
        "wordings/_preview.html",
        preview=_preview(code, body, await _ward_samples(db, code, ward_id, usage, now)),
        segment_price=request.app.state.settings.sms_segment_price,
    )


@post(ONE + "/dung", opt=in_city(Permission.MANAGE_CITY))
async def use(
    request: Request,
    form: Form[ActivationForm],
    code: str,
    db: AsyncSession,
    usage: WordingUsage,
    actor: Actor,
    now: datetime,
) -> Response[Any]:
    """From now on texts use the draft."""
    registration_required = registered_id_required(request.app.state.settings)
    try:
        registered_id = form.value().registered_id
        row = await activate_draft(
            db, code, registered_id, registration_required=registration_required, by=actor, now=now
        )
    except InvalidInput as error:
        typed = form.typed["registered_id"]
        return await _one(request, code, db, usage, now, typed=typed, errors=error.fields)
    return redirect(
        f"{HERE}/{code}",
        flash=_("Bản %(version)s được dùng từ bây giờ.", version=row.version),
    )


@post(ONE + "/bo", opt=in_city(Permission.MANAGE_CITY))
async def discard(code: str, db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Throw the draft away."""
    await discard_draft(db, code, by=actor, now=now)
    return redirect(f"{HERE}/{code}", flash=_("Đã bỏ bản nháp."))


def registered_id_required(settings: Settings) -> bool:
    """Whether a provider in force refuses wordings without a registered id."""
    if settings.demo:
        return False
    twilio, brandname = settings.twilio, settings.brandname
    return ("twilio" in settings.gateways and twilio is not None and twilio.registered_only) or (
        "brandname" in settings.gateways and brandname is not None and read_config(brandname).registered_only
    )


async def _one(
    request: Request,
    code: str,
    db: AsyncSession,
    usage: WordingUsage,
    now: datetime,
    *,
    typed: str = "",
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    versions = await wording_versions.versions_of(db, code)
    return page(
        "wordings/wording.html",
        status=422 if errors else 200,
        code=code,
        versions=versions,
        draft=next((each for each in versions if each.state == "draft"), None),
        in_use=next((each for each in versions if each.state == "in_use"), None),
        to_helpers=code in TO_HELPERS,
        last_month=await usage.sent_last_month(db, code, now=now),
        segment_price=request.app.state.settings.sms_segment_price,
        registration_required=registered_id_required(request.app.state.settings),
        wording_labels=wording_labels(),
        version_state_labels=version_state_labels(),
        shown=shown,
        unaccent=unaccent,
        typed=typed,
        errors=errors or {},
        here=HERE,
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
    wards, next_ward = await wording_samples.wards_with_classes(db, now=now)
    known = {ward for ward, _name in wards}
    chosen = ward_id if ward_id in known else next_ward or next(iter(known), "")
    samples = (
        await wording_samples.ward_samples(db, code, chosen, usage=usage, now=now) if chosen else NO_SAMPLES
    )
    return page(
        "wordings/editor.html",
        status=422 if errors else 200,
        code=code,
        wording_labels=wording_labels(),
        to_helpers=code in TO_HELPERS,
        places=_places(code, samples.shown),
        shown_wards=wards,
        chosen=chosen,
        typed=shown(typed),
        replaces=replaces,
        errors=errors or {},
        preview=_preview(code, typed, samples, await _longest_in_city(db, code, now)),
        segment_price=request.app.state.settings.sms_segment_price,
        here=HERE,
    )


NO_SAMPLES = WardSamples((), None)


async def _ward_samples(
    db: AsyncSession, code: str, ward_id: str, usage: WordingUsage, now: datetime
) -> WardSamples:
    wards, next_ward = await wording_samples.wards_with_classes(db, now=now)
    known = [ward for ward, _name in wards]
    chosen = ward_id if ward_id in known else next_ward or (known[0] if known else "")
    return (
        await wording_samples.ward_samples(db, code, chosen, usage=usage, now=now) if chosen else NO_SAMPLES
    )


async def _longest_in_city(db: AsyncSession, code: str, now: datetime) -> Sequence[PlaceholderValues]:
    return await wording_samples.longest_in_city(db, code, now=now)


def _preview(
    code: str, body: str, found: WardSamples, in_city: Sequence[PlaceholderValues] = ()
) -> WordingPreview:
    """What a wording would look like in a ward, and in all where `in_city` has their longest texts."""
    samples = [wording_samples.sample(body, values) for values in found.shown] if body else []
    longest = wording_samples.longest_sample(body, in_city) if body else None
    if longest and longest.size.segments > max((each.size.segments for each in samples), default=0):
        samples.append(longest)
    week = found.week
    return WordingPreview(
        wording_fault(code, message_class_of(code), body),
        unaccent(shown(body)),
        samples,
        (len(week.messages), wording_samples.total_segments(body, week.messages)) if week and body else None,
        planned=week is not None and week.planned,
    )


def _places(code: str, shown_values: Sequence[PlaceholderValues]) -> list[tuple[str, str, str, str]]:
    """Place by its name, its type, what stands there, an example; in the order in which texts name them."""
    meanings, types = placeholder_labels(), placeholder_type_labels()
    forms: Mapping[str, Sequence[str]] = shown_values[0].forms if shown_values else {}
    examples = {name: each[0] for name, each in forms.items()}
    return [
        (NAMES[name], types[TYPES[name]], meaning, examples.get(name, ""))
        for name, meaning in meanings.items()
        if name in PLACEHOLDERS[code]
    ]


HANDLERS = [every, one, write, save, look, use, discard]
