"""Learners' cards for staff: those of a learner, a session or a ward; renewal and revocation of a page."""

import asyncio
from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learner_portal.card import cards_for, render_cards
from learner_portal.errors import NothingToPrint
from learner_portal.forms import CardSelection
from learner_portal.queries.cards import CARDS_A_FILE, CardBatch, cards_of_session, cards_of_ward
from learner_portal.queries.pages import learner_and_page
from learner_portal.service.pages import issue_cards, renew_page, revoke_page
from learners.labels import audience_labels
from lopso.kernel.access import Actor, Permission
from lopso.kernel.audit import Subject
from lopso.kernel.clock import local_day
from lopso.kernel.i18n import gettext as _
from lopso.kernel.settings import Settings
from lopso.web.forms import Form
from lopso.web.guards import in_ward, of_row, require_in_ward
from lopso.web.pages import is_htmx, page, redirect
from lopso.web.request import Request
from scheduling.models import ClassSession
from scheduling.queries.access import visible_session
from scheduling.queries.places import place_of
from venues.models import Ward
from venues.queries import neighbourhood_choices

LEARNER = "/nguoi-hoc/{ward_id:str}/{learner_id:int}/the"
SESSION = "/buoi/{session_id:int}/the-hoc-vien"
WARD = "/nguoi-hoc/{ward_id:str}/the"
MANAGES_PEOPLE = in_ward(Permission.MANAGE_PEOPLE)


@get(LEARNER, opt=MANAGES_PEOPLE)
async def learner_card(request: Request, ward_id: str, learner_id: int, db: AsyncSession) -> Response[Any]:
    """A panel on the learner's page for htmx, else a page of its own."""
    learner, own_page, ward = await learner_and_page(db, ward_id, learner_id)
    name = "learner_portal/_learner_card.html" if is_htmx(request) else "learner_portal/learner_card.html"
    return page(name, ward_id=ward_id, learner=learner, own_page=own_page, ward_phone=ward.phone)


@post(LEARNER, status_code=200, opt=MANAGES_PEOPLE)
async def print_learner_card(
    request: Request, ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[bytes]:
    """One learner's card as PDF. A POST, since the first card creates the page behind it."""
    learner, _own_page, ward = await learner_and_page(db, ward_id, learner_id)
    if learner.archived_at is not None:
        raise NothingToPrint(_("Người này đã ra khỏi danh sách nên không in thẻ."))
    about = Subject("learner", learner_id, ward_id)
    return await _pdf_response(request, db, CardBatch([learner], 1, 0), ward, about, by=actor, now=now)


@post(LEARNER + "/doi-ma", opt=MANAGES_PEOPLE)
async def renew_learner_page(
    request: Request, ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Give the page another secret: cards printed so far open nothing any more."""
    secret = _settings(request).secret
    await renew_page(db, ward_id, learner_id, secret=secret, by=actor, now=now)
    message = _("Đã đổi mã. Thẻ cũ không mở được trang nữa, xin in thẻ mới.")
    return redirect(f"/nguoi-hoc/{ward_id}/{learner_id}/the", flash=message)


@post(LEARNER + "/tat", opt=MANAGES_PEOPLE)
async def revoke_learner_page(
    ward_id: str, learner_id: int, db: AsyncSession, actor: Actor, now: datetime
) -> Response[Any]:
    """Revoke the page; a card printed later has another secret."""
    await revoke_page(db, ward_id, learner_id, by=actor, now=now)
    message = _("Đã tắt trang. Thẻ đã in không mở được nữa.")
    return redirect(f"/nguoi-hoc/{ward_id}/{learner_id}/the", flash=message)


@get(SESSION, opt=of_row(Permission.PLAN))
async def session_cards(
    session_id: int, db: AsyncSession, actor: Actor, params: CardSelection
) -> Response[Any]:
    """How many cards a session needs, before they are printed."""
    session = await _session(db, session_id, actor)
    return page(
        "learner_portal/session_cards.html",
        ward_id=session.ward_id,
        session=session,
        place=place_of(session),
        cards=await cards_of_session(db, session, without_card=params.without_card),
        without_card=params.without_card,
        cards_a_file=CARDS_A_FILE,
        ward_phone=(await db.get_one(Ward, session.ward_id)).phone,
    )


@post(SESSION, status_code=200, opt=of_row(Permission.PLAN))
async def print_session_cards(
    request: Request,
    form: Form[CardSelection],
    session_id: int,
    db: AsyncSession,
    actor: Actor,
    now: datetime,
) -> Response[bytes]:
    """The cards of those with a seat, of the session's own ward."""
    session = await _session(db, session_id, actor)
    chosen = form.sensible()
    cards = await cards_of_session(db, session, without_card=chosen.without_card, part=chosen.part)
    ward = await db.get_one(Ward, session.ward_id)
    about = Subject("class_session", session_id, session.ward_id)
    return await _pdf_response(request, db, cards, ward, about, by=actor, now=now)


@get(WARD, opt=MANAGES_PEOPLE)
async def ward_cards(db: AsyncSession, ward: Ward, params: CardSelection) -> Response[Any]:
    """Whose cards to print: the ward's list, narrowed by neighbourhood and audience."""
    return page(
        "learner_portal/ward_cards.html",
        ward_id=ward.id,
        cards=await cards_of_ward(db, ward.id, params.filters, without_card=params.without_card),
        filters=params.filters,
        without_card=params.without_card,
        cards_a_file=CARDS_A_FILE,
        places=await neighbourhood_choices(db, ward.id),
        audience_labels=audience_labels(),
        ward_phone=ward.phone,
    )


@post(WARD, status_code=200, opt=MANAGES_PEOPLE)
async def print_ward_cards(
    request: Request,
    form: Form[CardSelection],
    db: AsyncSession,
    actor: Actor,
    now: datetime,
    ward: Ward,
) -> Response[bytes]:
    """The cards of a part of the ward's list."""
    chosen = form.sensible()
    cards = await cards_of_ward(
        db, ward.id, chosen.filters, without_card=chosen.without_card, part=chosen.part
    )
    about = Subject("ward", ward.id, ward.id)
    return await _pdf_response(request, db, cards, ward, about, by=actor, now=now)


async def _pdf_response(
    request: Request,
    db: AsyncSession,
    cards: CardBatch,
    ward: Ward,
    about: Subject,
    *,
    by: Actor,
    now: datetime,
) -> Response[bytes]:
    if not cards.learners:
        raise NothingToPrint(_("Không có thẻ nào để in."))
    settings = _settings(request)
    tokens = await issue_cards(db, cards.learners, secret=settings.secret, about=about, by=by, now=now)
    sheets = cards_for(
        cards.learners, tokens, ward, public_url=settings.public_url, this_year=local_day(now).year
    )
    pdf = await asyncio.to_thread(render_cards, sheets, has_phone=ward.phone is not None)
    return Response(
        pdf,
        media_type="application/pdf",
        headers={
            "content-disposition": f'inline; filename="the-hoc-vien-{about.id}.pdf"',
            "referrer-policy": "no-referrer",
        },
    )


async def _session(db: AsyncSession, session_id: int, actor: Actor) -> ClassSession:
    session = await visible_session(db, session_id, by=actor)
    require_in_ward(actor, Permission.PLAN, session.ward_id)
    return session


def _settings(request: Request) -> Settings:
    return request.app.state.settings


HANDLERS = [
    learner_card,
    print_learner_card,
    renew_learner_page,
    revoke_learner_page,
    session_cards,
    print_session_cards,
    ward_cards,
    print_ward_cards,
]
