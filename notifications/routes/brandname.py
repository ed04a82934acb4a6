"""Delivery reports of the brand-name gateway, authenticated by a secret in the address."""

import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from gateways.brandname_config import read_config
from gateways.brandname_receipts import as_text, receipt_of, value_at
from lopso.kernel.errors import Forbidden, NotFound
from lopso.kernel.settings import Settings
from lopso.web.guards import PUBLIC
from lopso.web.request import Request
from notifications.service.reports import record_report

SECRET_IN_ADDRESS = {**PUBLIC, "exclude_from_csrf": True}
_MOST = 500  # reports in one request


@post("/webhook/tin-nhan/{reference:uuid}", opt=SECRET_IN_ADDRESS, status_code=200, include_in_schema=False)
async def text_report(request: Request, reference: UUID, now: datetime) -> Response[str]:
    """Record a report about the message in the address."""
    await _take(request, reference, now)
    return Response("OK", media_type="text/plain")


@post("/webhook/tin-nhan", opt=SECRET_IN_ADDRESS, status_code=200, include_in_schema=False)
async def text_reports(request: Request, now: datetime) -> Response[str]:
    """Record reports that name their messages: for providers that have one address for all."""
    await _take(request, None, now)
    return Response("OK", media_type="text/plain")


async def _take(request: Request, reference: UUID | None, now: datetime) -> None:
    """Record the reports; duplicate, late and unknown ones get the same answer."""
    settings: Settings = request.app.state.settings
    if settings.brandname is None or not settings.brandname.callback_token:
        raise NotFound
    given = request.query_params.get("khoa", "")
    if not hmac.compare_digest(given.encode(), settings.brandname.callback_token.encode()):
        raise Forbidden
    config = read_config(settings.brandname)
    sessions: async_sessionmaker[AsyncSession] = request.app.state.sessions
    if config.callback is None:
        return
    for said in _reports(await request.body()):
        named = reference or _reference(as_text(value_at(said, config.callback.reference)))
        status = as_text(value_at(said, config.callback.status))
        if named is None or status not in config.statuses:
            continue
        error = as_text(value_at(said, config.callback.error)) if config.callback.error else None
        given_id = as_text(value_at(said, config.callback.id)) if config.callback.id else None
        # A transaction each: many messages and months in one could deadlock with a worker.
        async with sessions.begin() as db:
            await record_report(
                db,
                named,
                receipt_of(config, given_id or named.hex, status, error),
                now=now,
                segment_price=settings.sms_segment_price,
            )


def _reports(body: bytes) -> Sequence[Any]:
    """The reports of a body: JSON, a list of it, or a form."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return [dict(parse_qsl(body.decode(errors="replace")))]
    return said[:_MOST] if isinstance(said, list) else [said]  # pyright: ignore[reportUnknownVariableType]  (whatever JSON holds)


def _reference(named: str | None) -> UUID | None:
    try:
        return UUID(named or "")
    except ValueError:
        return None


HANDLERS = [text_report, text_reports]
