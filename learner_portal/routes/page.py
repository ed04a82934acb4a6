"""The learner's own page: no log-in, the address on the card is the key (docs/decisions/0042).

It reads and sets no cookie, so there is nothing that another site could make a browser misuse: who can name
the address may do what its page does. That is why its forms carry no token of their own.
"""

import base64
import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar import HttpMethod, get, post, route
from litestar.exceptions import HTTPException
from litestar.response import Response
from psycopg.errors import NumericValueOutOfRange
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncSession

from competency.queries.certificates import standing_certificates
from competency.queries.learner import progress
from competency.rules import grouped, level_labels
from invitations.queries.feeds import entry_for
from invitations.rules.feeds import FeedOwner
from invitations.service.calendar_text import session_calendar
from learner_portal.forms import MailPreferenceForm, ReadingForm, TextPreferenceForm
from learner_portal.queries.pages import PageOwner, page_owner
from learner_portal.queries.preferences import mail_preferences, text_preferences
from learner_portal.rules import token_hash
from learner_portal.service.pages import ensure_page_feed, record_use, save_reading_preferences
from learner_portal.service.preferences import resume_texts, set_mail_invitations, stop_texts
from learners.models import Learner
from lopso.kernel.access import Actor
from lopso.kernel.clock import local_day
from lopso.kernel.errors import DomainError, Forbidden, NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import known_language, language, speak
from lopso.kernel.parsing import read_id
from lopso.kernel.text import capitalized
from lopso.web import errors
from lopso.web.calendar_file import calendar_once
from lopso.web.forms import Form
from lopso.web.guards import PUBLIC
from lopso.web.pages import TemplatePage, page, redirect
from lopso.web.request import Request
from notifications import labels
from notifications.rules.addressing import Addressee, form_of_address
from scheduling.queries.learner_sessions import learner_session, learner_sessions
from scheduling.service.own_enrolments import cancel_own_enrolment, restore_own_enrolment

PAGE = "/hv/{token:str}"
NO_LOG_IN = {**PUBLIC, "exclude_from_csrf": True}
CARD_HOLDER = Actor(None, "Trang của người học")
"""Whoever holds the card; holds no permission, and the audit says so."""

TAKING_PLACE = 4  # that take place; the page stays within one answer of 14 KB
NOT_TAKING_PLACE = 2  # called off, or said busy: the nearest
SKILLS = 12
CERTIFICATES = 3


def _compact(file: Path) -> str:
    """A stylesheet without its comments and the white space that only people need."""
    rules = re.sub(r"/\*.*?\*/|\s+", " ", file.read_text(), flags=re.DOTALL)
    rules = re.sub(r"\s*([{};,>])\s*", r"\1", rules)
    return re.sub(r":\s+(?=[^{}]*[;}])", ":", rules).replace(";}", "}").strip()


CSS = _compact(Path(__file__).parents[1] / "page.css")
_STYLE = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_STYLE}'",
            "img-src data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
}


def learner_response(name: str, *, status: int = 200, large: bool = False, **context: Any) -> TemplatePage:
    answer = page(name, status=status, css=CSS, large=large, **context)
    answer.headers |= HEADERS
    return answer


def refusal(request: Request, error: DomainError) -> Response[Any]:
    """A refusal on a page of its own; an address that opens nothing says the same whatever the reason."""
    if isinstance(error, NotFound):
        speak("vi")
        return learner_response("learner_portal/not_found.html", status=404)
    return _refusal_page(request, error.status, error.sentence)


def invalid_request(request: Request, error: HTTPException) -> Response[Any]:
    """What the framework refuses of a form."""
    status, sentences = error.status_code, errors.sentences()
    return _refusal_page(request, status, sentences.get(status, sentences[400]))


def invalid_number(request: Request, error: DataError) -> Response[Any]:
    """A number in an address that no row can have opens nothing either."""
    if isinstance(error.orig, NumericValueOutOfRange):
        return refusal(request, NotFound())
    return errors.unexpected(request, error)


def _refusal_page(request: Request, status: int, sentence: str) -> TemplatePage:
    back = f"/hv/{request.path_params['token']}"
    return learner_response("learner_portal/refused.html", status=status, sentence=sentence, back=back)


REFUSALS: dict[Any, Any] = {
    DomainError: refusal,
    HTTPException: invalid_request,
    DataError: invalid_number,
}


async def _owner(db: AsyncSession, token: str) -> PageOwner:
    """Who holds the card; from here on their language is spoken.

    Raises:
        NotFound: unknown, replaced or turned off, or the learner is off the books: all alike.
    """
    owner = await page_owner(db, token_hash(token))
    if owner is None:
        raise NotFound
    speak(known_language(owner.page.language) or "vi")
    return owner


async def _acting_owner(request: Request, db: AsyncSession, token: str) -> PageOwner:
    """Who holds the card and changes something. A form that stands on another site is refused.

    Raises:
        NotFound: as `_owner`.
        Forbidden: the browser says that another site sends the form.
    """
    owner = await _owner(db, token)
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden(_("Xin mở trang từ thẻ học viên rồi thử lại."))
    return owner


@route(
    PAGE,
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=200,
    opt=NO_LOG_IN,
    exception_handlers=REFUSALS,
)
async def learner_page(token: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """Classes to come, what was learned, texts; a fixed number of statements."""
    owner = await _owner(db, token)
    record_use(owner.page, now=now)
    learner = owner.learner
    sessions, more = await learner_sessions(db, learner.id, now=now, going=TAKING_PLACE, off=NOT_TAKING_PLACE)
    skills = (await progress(db, learner.id, learner.audiences)).skills
    signed = [each for each in skills if each.level]
    shown = [each for each in skills if each.shown and not each.level]
    salutation = _salutation(learner, now)
    return learner_response(
        "learner_portal/page.html",
        large=owner.page.large_text,
        here=f"/hv/{token}",
        learner=learner,
        greeting=_("Chào %(name)s", name=salutation),
        salutation=capitalized(salutation),
        ward_name=owner.ward_name,
        ward_phone=owner.ward_phone,
        sessions=sessions,
        more=more,
        bring=labels.preparation_labels(),
        signed=signed[:SKILLS],
        shown=shown[: max(0, SKILLS - len(signed))],
        more_skills=max(0, len(signed) + len(shown) - SKILLS),
        level_labels=level_labels(),
        certificates=await standing_certificates(db, learner.id, limit=CERTIFICATES),
        grouped=grouped,
        text_preferences=await text_preferences(db, learner),
        mail_preferences=await mail_preferences(db, learner),
    )


@get(PAGE + "/lich/{name:str}", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def add_to_calendar(
    request: Request, token: str, name: str, db: AsyncSession, now: datetime
) -> Response[bytes]:
    """``…/lich/12.ics``: one class for the phone's calendar, taken over once."""
    owner = await _owner(db, token)
    session_id = read_id(name.removesuffix(".ics")) if name.endswith(".ics") else None
    entry = None
    if session_id is not None and await learner_session(db, owner.learner.id, session_id):
        entry = await entry_for(db, session_id, _feed_owner(owner))
    if entry is None:
        raise NotFound
    text = session_calendar(_feed_owner(owner), entry, now=now, base_url="")
    answer = calendar_once(request, text)
    answer.headers |= HEADERS
    return answer


@post(PAGE + "/lich-rieng", status_code=200, opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def create_page_feed(request: Request, token: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """The address of a calendar that follows every change; the same for all who hold this card."""
    owner = await _acting_owner(request, db, token)
    secret = await ensure_page_feed(db, owner.page, token, language=language(), by=CARD_HOLDER, now=now)
    address = f"{request.app.state.settings.public_url}/lich-rieng/{secret}.ics"
    return learner_response(
        "learner_portal/feed.html",
        large=owner.page.large_text,
        address=address,
        webcal="webcal" + address[address.index(":") :],
        back=f"/hv/{token}",
    )


def _feed_owner(owner: PageOwner) -> FeedOwner:
    return FeedOwner("learner", owner.learner.id, owner.learner.ward_id)


@post(PAGE + "/buoi/{session_id:int}/ban", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def report_busy(
    request: Request, token: str, session_id: int, db: AsyncSession, now: datetime
) -> Response[Any]:
    """ "Tôi bận buổi này": the seat goes to whoever waits."""
    owner = await _acting_owner(request, db, token)
    await cancel_own_enrolment(db, session_id, owner.learner.id, by=CARD_HOLDER, now=now)
    return redirect_to_page(token, f"b{session_id}")


@post(PAGE + "/buoi/{session_id:int}/di", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def report_coming(
    request: Request, token: str, session_id: int, db: AsyncSession, now: datetime
) -> Response[Any]:
    """ "Tôi đi được": a seat if one is free, else the queue."""
    owner = await _acting_owner(request, db, token)
    await restore_own_enrolment(db, session_id, owner.learner.id, by=CARD_HOLDER, now=now)
    return redirect_to_page(token, f"b{session_id}")


@post(PAGE + "/cach-doc", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def save_reading(
    request: Request, form: Form[ReadingForm], token: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """Language and size of the letters, kept with the card so that the page needs no cookie."""
    owner = await _acting_owner(request, db, token)
    wanted = form.value().doc or ""
    chosen = known_language(wanted) or language()
    large = {"to": True, "vua": False}.get(wanted, owner.page.large_text)
    save_reading_preferences(db, owner.page, language=chosen, large_text=large, by=CARD_HOLDER, now=now)
    return redirect_to_page(token)


@post(PAGE + "/tin-nhan", opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def save_text_preferences(
    request: Request, form: Form[TextPreferenceForm], token: str, db: AsyncSession, now: datetime
) -> Response[Any]:
    """No reminders, no texts at all, or all of them again: for the number, at once."""
    owner = await _acting_owner(request, db, token)
    wanted = form.value().tin
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
    owner = await _acting_owner(request, db, token)
    wanted = form.value().thu
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
    """An action opened again by its address (a reload, a page kept by the phone) leads back to the page."""
    return redirect_to_page(token)


def redirect_to_page(token: str, place: str = "") -> Response[Any]:
    answer = redirect(f"/hv/{token}" + (f"#{place}" if place else ""))
    answer.headers |= HEADERS
    return answer


def _salutation(learner: Learner, now: datetime) -> str:
    """ "bà Hồng": form of address and given name; the whole name where no form is known."""
    person = Addressee(learner.full_name, learner.title, learner.sex, learner.birth_year)
    title = form_of_address(person, local_day(now).year)
    return learner.full_name if "/" in title else f"{title} {learner.full_name.split()[-1]}"


HANDLERS = [
    learner_page,
    add_to_calendar,
    create_page_feed,
    report_busy,
    report_coming,
    save_reading,
    save_text_preferences,
    save_mail_preferences,
    reopen,
]
