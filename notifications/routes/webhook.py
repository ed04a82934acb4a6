"""Webhooks of Twilio: delivery reports, and texts that people send.

Refused without a valid signature, which covers our public address.
"""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession
from twilio.request_validator import (  # pyright: ignore[reportMissingTypeStubs]  (Twilio ships none)
    RequestValidator,
)

from gateways.protocol import Receipt
from gateways.twilio_codes import REPORTED_STATUS, failure_kind
from lopso.kernel.errors import Forbidden, NotFound
from lopso.kernel.parsing import without_unreadable
from lopso.kernel.settings import Settings
from lopso.web.guards import PUBLIC
from lopso.web.request import Request
from notifications.service.replies import take_reply
from notifications.service.reports import record_report

SIGNED = {**PUBLIC, "exclude_from_csrf": True}
E164 = re.compile(r"\+[0-9]{8,15}")
_LONGEST = 64  # characters of a code or a state that are stored


@post("/webhook/twilio/{reference:uuid}", opt=SIGNED, status_code=204, include_in_schema=False)
async def twilio_report(request: Request, reference: UUID, db: AsyncSession, now: datetime) -> Response[None]:
    """Record a delivery report; duplicate, late and unknown ones get the same answer."""
    settings: Settings = request.app.state.settings
    form = await _signed(request, settings, str(reference))
    status = _readable(form, "MessageStatus")
    reported = REPORTED_STATUS.get(status)
    if reported is not None and (provider_id := _readable(form, "MessageSid")):
        code = _readable(form, "ErrorCode")[:_LONGEST] or None
        detail = {"status": status, "code": code} if code else {"status": status}
        receipt = Receipt(provider_id[:_LONGEST], reported, code, detail, failure_kind(reported, code))
        await record_report(db, reference, receipt, now=now, segment_price=settings.sms_segment_price)
    return Response(None, status_code=204)


@post("/webhook/twilio/tin-den", opt=SIGNED, status_code=200, include_in_schema=False)
async def twilio_incoming(request: Request, db: AsyncSession, now: datetime) -> Response[str]:
    """Record the opt-out or opt-in in a text from somebody, where the country allows such texts.

    No text is sent in answer: who said STOP gets no more texts.
    """
    settings: Settings = request.app.state.settings
    form = await _signed(request, settings, "tin-den")
    phone, provider_id = _readable(form, "From"), _readable(form, "MessageSid")[:_LONGEST]
    if provider_id and E164.fullmatch(phone):
        await take_reply(db, provider_id, phone, _readable(form, "Body"), now=now)
    return Response("<Response/>", media_type="application/xml")


async def _signed(request: Request, settings: Settings, path: str) -> Any:
    """The form, when Twilio signed it for our public address of `path`.

    Raises:
        NotFound: no texts go through Twilio here.
        Forbidden: the signature is missing or wrong.
    """
    if settings.twilio is None:
        raise NotFound
    form = await request.form()
    address = f"{settings.public_url}/webhook/twilio/{path}"
    signature = request.headers.get("x-twilio-signature", "")
    if not _genuine(settings.twilio.auth_token, address, form, signature):
        raise Forbidden
    return form


def _readable(form: Any, name: str) -> str:
    return without_unreadable(str(form.get(name, "")))


def _genuine(token: str, address: str, form: Any, signature: str) -> bool:
    """Whether Twilio signed this; fields we do not know are signed too."""
    if not all(isinstance(value, str) for value in form.values()):
        return False
    return bool(RequestValidator(token).validate(address, form, signature))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  (untyped)


HANDLERS = [twilio_report, twilio_incoming]
