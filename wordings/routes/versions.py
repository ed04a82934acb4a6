"""Wordings and their versions: what is in use, activating a draft, discarding it. For the city alone."""

from datetime import datetime
from functools import partial
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from gateways.brandname_config import read_config
from gateways.placeholders import shown
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _
from lopso.kernel.settings import Settings
from lopso.kernel.text import unaccent
from lopso.web.forms import Form
from lopso.web.guards import in_city
from lopso.web.pages import page, redirect
from lopso.web.request import Request
from wordings.forms import ActivationForm
from wordings.labels import version_state_labels, wording_labels
from wordings.queries.usage import WordingUsage
from wordings.queries.versions import versions_of, wordings
from wordings.rules.placeholders import TO_HELPERS
from wordings.rules.samples import example_text
from wordings.service.drafts import activate_draft, discard_draft

HERE = "/mau-tin"
ONE = HERE + "/{code:str}"


@get(HERE, opt=in_city(Permission.MANAGE_CITY))
async def every(request: Request, db: AsyncSession, now: datetime) -> Response[Any]:
    """All wordings, each as an example text, with the version in use and the draft."""
    found = await wordings(db)
    return page(
        "wordings/wordings.html",
        to_learners=[(code, found[code]) for code in found if code not in TO_HELPERS],
        to_helpers=[(code, found[code]) for code in found if code in TO_HELPERS],
        wording_labels=wording_labels(),
        version_state_labels=version_state_labels(),
        registration_required=registered_id_required(request.app.state.settings),
        example=partial(example_text, now=now),
        here=HERE,
    )


@get(ONE, opt=in_city(Permission.MANAGE_CITY))
async def one(
    request: Request, code: str, db: AsyncSession, usage: WordingUsage, now: datetime
) -> Response[Any]:
    """One wording: in use, draft, former versions; four statements with the log-in."""
    return await _one(request, code, db, usage, now)


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
    """Activate the draft: messages planned from now on use it."""
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
    """Discard the draft."""
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
    versions = await versions_of(db, code)
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


HANDLERS = [every, one, use, discard]
