"""What the holder of a card may change on the learner's page, and the page's calendar feed."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from learner_portal.forms import MailPreferenceForm, ReadingForm, TextPreferenceForm
from learner_portal.routes.responses import (
    NO_LOG_IN,
    PAGE,
    REFUSALS,
    acting_owner,
    learner_response,
    redirect_to_page,
)
from learner_portal.service.pages import ensure_page_feed, save_reading_preferences
from learner_portal.service.preferences import resume_texts, set_mail_invitations, stop_texts
from lopso.kernel.access import Actor
from lopso.kernel.i18n import known_language, language
from lopso.web.forms import Form
from lopso.web.request import Request
from scheduling.service.own_enrolments import cancel_own_enrolment, restore_own_enrolment

CARD_HOLDER = Actor(None, "Trang của người học")
"""Whoever holds the card; has no permission, and is named so in the audit trail."""


@post(PAGE + "/lich-rieng", status_code=200, opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def create_page_feed(request: Request, token: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """The address of the learner's calendar feed; the same for everybody who holds this card."""
    owner = await acting_owner(request, db, token)
    secret = await ensure_page_feed(db, owner.page, token, language=language(), by=CARD_HOLDER, now=now)
    address = f"{request.app.state.settings.public_url}/lich-rieng/{secret}.ics"
    return learner_response(
        "learner_portal/feed.html",
        large=owner.page.large_text,
        address=address,
        webcal="webcal" + address[address.index(":") :],
        back=f"/hv/{token}",
    )


@post(PAGE + "/buoi/{session_id:int}/ban", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def report_busy(
    request: Request, token: str, session_id: int, db: AsyncSession, now: datetime
) -> Response[Any]:
    """ "Tôi bận buổi này": the seat goes to the first on the waiting list."""
    owner = await acting_owner(request, db, token)
    await cancel_own_enrolment(db, session_id, owner.learner.id, by=CARD_HOLDER, now=now)
    return redirect_to_page(token, f"b{session_id}")


@post(PAGE + "/buoi/{session_id:int}/di", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def report_coming(
    request: Request, token: str, session_id: int, db: AsyncSession, now: datetime
) -> Response[Any]:
    """ "Tôi đi được": a seat if one is free, else the end of the waiting list."""
    owner = await acting_owner(request, db, token)
    await restore_own_enrolment(db, session_id, owner.learner.id, by=CARD_HOLDER, now=now)
    return redirect_to_page(token, f"b{session_id}")


@post(PAGE + "/cach-doc", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def save_reading(
    request: Request, form: Form[ReadingForm], token: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """Language and size of letters, kept with the card so that the page needs no cookie."""
    owner = await acting_owner(request, db, token)
    wanted = form.sensible().choice or ""
    chosen = known_language(wanted) or language()
    large = {"to": True, "vua": False}.get(wanted, owner.page.large_text)
    save_reading_preferences(db, owner.page, language=chosen, large_text=large, by=CARD_HOLDER, now=now)
    return redirect_to_page(token)


@post(PAGE + "/tin-nhan", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def save_text_preferences(
    request: Request, form: Form[TextPreferenceForm], token: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """No reminders, no texts at all, or all of them again: for the number, at once."""
    owner = await acting_owner(request, db, token)
    wanted = form.sensible().choice
    if wanted == "nhan":
        await resume_texts(db, owner.learner, by=CARD_HOLDER, now=now)
    elif wanted is not None:
        everything = wanted == "thoi-het"
        await stop_texts(db, owner.learner, everything=everything, by=CARD_HOLDER, now=now)
    return redirect_to_page(token, "tin")


@post(PAGE + "/thu-moi", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def save_mail_preferences(
    request: Request, form: Form[MailPreferenceForm], token: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """No invitations by mail, or all of them again."""
    owner = await acting_owner(request, db, token)
    wanted = form.sensible().choice
    if wanted is not None:
        await set_mail_invitations(db, owner.learner, wanted=wanted == "nhan", by=CARD_HOLDER, now=now)
    return redirect_to_page(token, "thu")


@get(
    [
        PAGE + path
        for path in (
            "/cach-doc",
            "/tin-nhan",
            "/thu-moi",
            "/lich-rieng",
            "/buoi/{session_id:int}/ban",
            "/buoi/{session_id:int}/di",
            "/{anything:str}",
        )
    ],
    opt=NO_LOG_IN,
)
async def reopen(token: str) -> Response[Any]:
    """The address of a change, opened again (a reload, a restored page), changes nothing."""
    return redirect_to_page(token)


HANDLERS = [
    create_page_feed,
    report_busy,
    report_coming,
    save_reading,
    save_text_preferences,
    save_mail_preferences,
    reopen,
]
