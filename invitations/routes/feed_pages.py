"""Pages on which helpers and staff create, replace and revoke the secret addresses of their feeds."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.forms import WardFeedsQuery
from invitations.queries.feed_tokens import active_token, open_venue, venue_feeds
from invitations.rules.feeds import FeedOwner
from invitations.service.feeds import create_feed, revoke_feed
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.qr import qr_svg
from lopso.web.guards import SIGNED_IN, in_ward
from lopso.web.pages import TemplatePage, page, redirect
from lopso.web.request import Request
from staffing.queries.own_assignments import own_trainer
from venues.models import Ward

OWN = "/viec-cua-toi/lich-rieng"
WARD = "/lich/{ward_id:str}/lich-rieng"
VENUE = WARD + "/{venue_id:int}"
SEES_CALENDAR = in_ward(Permission.SEE_CALENDAR)


@get(OWN, opt=SIGNED_IN)
async def own_feed(db: AsyncSession, actor: Actor) -> TemplatePage:
    """Whether the helper has a feed, and when it was last read."""
    owner = await _helper_owner(db, actor)
    token = await active_token(db, owner)
    return page("invitations/own_feed.html", ward_id=owner.ward_id, token=token)


@post(OWN, status_code=200, opt=SIGNED_IN)
async def new_own_feed(request: Request, db: AsyncSession, actor: Actor, now: datetime) -> TemplatePage:
    """Create the helper's feed; an old one is revoked."""
    owner = await _helper_owner(db, actor)
    secret = await create_feed(db, owner, by=actor, now=now)
    return _created(request, owner, secret, name="", back="/viec-cua-toi")


@post(f"{OWN}/tat", status_code=200, opt=SIGNED_IN)
async def end_own_feed(db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Revoke the helper's feed."""
    await revoke_feed(db, await _helper_owner(db, actor), by=actor, now=now)
    return redirect(OWN, flash=_("Đã tắt lịch riêng. Đường dẫn cũ không dùng được nữa."))


@get(WARD, opt=SEES_CALENDAR)
async def officer_feeds(db: AsyncSession, actor: Actor, ward: Ward, params: WardFeedsQuery) -> TemplatePage:
    """One's own feeds of a ward and of its venues; five statements with the log-in."""
    owner = _ward_owner(actor, ward.id)
    return page(
        "invitations/ward_feeds.html",
        ward_id=ward.id,
        row=ward,
        here=_address(ward.id),
        token=await active_token(db, owner),
        venues=await venue_feeds(db, ward.id, user_id=actor.user_id, number=params.number),
    )


@post(WARD, status_code=200, opt=SEES_CALENDAR)
async def new_ward_feed(
    request: Request, db: AsyncSession, actor: Actor, now: datetime, ward: Ward
) -> TemplatePage:
    """Create one's feed of the ward; an old one is revoked."""
    owner = _ward_owner(actor, ward.id)
    secret = await create_feed(db, owner, by=actor, now=now)
    return _created(request, owner, secret, name=ward.full_name, back=_address(ward.id))


@post(f"{WARD}/tat", status_code=200, opt=SEES_CALENDAR)
async def end_ward_feed(db: AsyncSession, actor: Actor, now: datetime, ward_id: str) -> Response[Any]:
    """Revoke one's feed of the ward."""
    await revoke_feed(db, _ward_owner(actor, ward_id), by=actor, now=now)
    return redirect(_address(ward_id), flash=_("Đã tắt. Đường dẫn cũ không dùng được nữa."))


@post(VENUE, status_code=200, opt=SEES_CALENDAR)
async def new_venue_feed(
    request: Request, db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> TemplatePage:
    """Create one's feed of a venue; an old one is revoked."""
    name = await open_venue(db, ward_id, venue_id)
    owner = _venue_owner(actor, ward_id, venue_id)
    secret = await create_feed(db, owner, by=actor, now=now)
    return _created(request, owner, secret, name=name, back=_address(ward_id))


@post(f"{VENUE}/tat", status_code=200, opt=SEES_CALENDAR)
async def end_venue_feed(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> Response[Any]:
    """Revoke one's feed of a venue."""
    await open_venue(db, ward_id, venue_id)
    await revoke_feed(db, _venue_owner(actor, ward_id, venue_id), by=actor, now=now)
    return redirect(_address(ward_id), flash=_("Đã tắt. Đường dẫn cũ không dùng được nữa."))


def _created(request: Request, owner: FeedOwner, secret: str, *, name: str, back: str) -> TemplatePage:
    """The address, shown only now. No redirect, since no address of a page may contain the secret."""
    public_url: str = request.app.state.settings.public_url
    address = f"{public_url}/lich-rieng/{secret}.ics"
    webcal = f"webcal:{address.removeprefix(urlsplit(address).scheme + ':')}"
    return page(
        "invitations/feed_created.html",
        ward_id=owner.ward_id,
        whose=name,
        back=back,
        address=address,
        webcal=webcal,
        qr=qr_svg(webcal),
    )


def _address(ward_id: str) -> str:
    return f"/lich/{ward_id}/lich-rieng"


def _user_id(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotFound
    return actor.user_id


def _ward_owner(actor: Actor, ward_id: str) -> FeedOwner:
    return FeedOwner("ward", ward_id, ward_id, _user_id(actor))


def _venue_owner(actor: Actor, ward_id: str, venue_id: int) -> FeedOwner:
    return FeedOwner("venue", venue_id, ward_id, _user_id(actor))


async def _helper_owner(db: AsyncSession, actor: Actor) -> FeedOwner:
    own = await own_trainer(db, actor)
    if own is None:
        raise NotFound
    return FeedOwner("trainer", own.trainer.id, own.trainer.ward_id)


HANDLERS = [
    own_feed,
    new_own_feed,
    end_own_feed,
    officer_feeds,
    new_ward_feed,
    end_ward_feed,
    new_venue_feed,
    end_venue_feed,
]
