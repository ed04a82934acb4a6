"""Where private calendars are made, replaced and turned off: a helper's own, an officer's."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.queries.feed_tokens import active_token, open_venue, venue_feeds
from invitations.rules.feeds import FeedOwner
from invitations.service.feeds import create_feed, revoke_feed
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.qr import qr_svg
from lopso.web.guards import SIGNED_IN, in_ward
from lopso.web.pages import TemplatePage, page, redirect
from scheduling.queries.own_assignments import own_trainer
from venues.queries import ward

Req = Request[Any, Any, Any]

MINE = "/viec-cua-toi/lich-rieng"
WARDS = "/lich/{ward_id:str}/lich-rieng"


@get(MINE, opt=SIGNED_IN)
async def my_feed(db: AsyncSession, actor: Actor) -> TemplatePage:
    """A helper's private calendar: whether there is one, and when it was last read."""
    owner = await _helper(db, actor)
    token = await active_token(db, owner)
    return page("invitations/own_feed.html", ward_id=owner.ward_id, token=token)


@post(MINE, status_code=200, opt=SIGNED_IN)
async def new_own_feed(request: Req, db: AsyncSession, actor: Actor, now: datetime) -> TemplatePage:
    """A new secret address of one's own; the old one dies."""
    owner = await _helper(db, actor)
    secret = await create_feed(db, owner, by=actor, now=now)
    return _made(request, owner, secret, name="", back="/viec-cua-toi")


@post(f"{MINE}/tat", status_code=200, opt=SIGNED_IN)
async def end_own_feed(db: AsyncSession, actor: Actor, now: datetime) -> Response[Any]:
    """Let it die."""
    await revoke_feed(db, await _helper(db, actor), by=actor, now=now)
    return redirect(MINE, flash=_("Đã tắt lịch riêng. Đường dẫn cũ không dùng được nữa."))


@get(WARDS, opt=in_ward(Permission.SEE_CALENDAR))
async def officer_feeds(db: AsyncSession, actor: Actor, ward_id: str, trang: int = 1) -> TemplatePage:
    """An officer's own feeds of a ward and of its venues; five statements with the log-in."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    owner = _ward(actor, ward_id)
    return page(
        "invitations/ward_feeds.html",
        ward_id=ward_id,
        row=await ward(db, ward_id),
        here=_here(ward_id),
        token=await active_token(db, owner),
        venues=await venue_feeds(db, ward_id, user_id=actor.user_id, number=trang),
    )


@post(WARDS, status_code=200, opt=in_ward(Permission.SEE_CALENDAR))
async def new_ward_feed(
    request: Req, db: AsyncSession, actor: Actor, now: datetime, ward_id: str
) -> TemplatePage:
    """A new secret address for the ward's calendar."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    owner, name = _ward(actor, ward_id), (await ward(db, ward_id)).full_name
    secret = await create_feed(db, owner, by=actor, now=now)
    return _made(request, owner, secret, name=name, back=_here(ward_id))


@post(f"{WARDS}/tat", status_code=200, opt=in_ward(Permission.SEE_CALENDAR))
async def end_ward_feed(db: AsyncSession, actor: Actor, now: datetime, ward_id: str) -> Response[Any]:
    """Let it die."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    await revoke_feed(db, _ward(actor, ward_id), by=actor, now=now)
    return redirect(_here(ward_id), flash=_("Đã tắt. Đường dẫn cũ không dùng được nữa."))


@post(WARDS + "/{venue_id:int}", status_code=200, opt=in_ward(Permission.SEE_CALENDAR))
async def new_venue_feed(
    request: Req, db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> TemplatePage:
    """A new secret address for the calendar of one venue."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    name = await open_venue(db, ward_id, venue_id)
    owner = FeedOwner("venue", venue_id, ward_id, _officer(actor))
    secret = await create_feed(db, owner, by=actor, now=now)
    return _made(request, owner, secret, name=name, back=_here(ward_id))


@post(WARDS + "/{venue_id:int}/tat", status_code=200, opt=in_ward(Permission.SEE_CALENDAR))
async def end_venue_feed(
    db: AsyncSession, actor: Actor, now: datetime, ward_id: str, venue_id: int
) -> Response[Any]:
    """Let it die."""
    in_ward(actor, Permission.SEE_CALENDAR, ward_id)
    await open_venue(db, ward_id, venue_id)
    await revoke_feed(db, FeedOwner("venue", venue_id, ward_id, _officer(actor)), by=actor, now=now)
    return redirect(_here(ward_id), flash=_("Đã tắt. Đường dẫn cũ không dùng được nữa."))


def _made(request: Req, owner: FeedOwner, secret: str, *, name: str, back: str) -> TemplatePage:
    """The address, shown this once. No redirect: no address of a page may carry it."""
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


def _here(ward_id: str) -> str:
    return f"/lich/{ward_id}/lich-rieng"


def _officer(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotFound
    return actor.user_id


def _ward(actor: Actor, ward_id: str) -> FeedOwner:
    return FeedOwner("ward", ward_id, ward_id, _officer(actor))


async def _helper(db: AsyncSession, actor: Actor) -> FeedOwner:
    me = await own_trainer(db, actor)
    if me is None:
        raise NotFound
    return FeedOwner("trainer", me.trainer.id, me.trainer.ward_id)


HANDLERS = [
    my_feed,
    new_own_feed,
    end_own_feed,
    officer_feeds,
    new_ward_feed,
    end_ward_feed,
    new_venue_feed,
    end_venue_feed,
]
