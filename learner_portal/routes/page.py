"""The learner's own page, without log-in: the token in the address is the key (docs/decisions/0042).

It reads and sets no cookie, so there is nothing that another site could make a browser misuse: whoever has
the address may do what its page does. That is why its forms carry no CSRF token.
"""

from datetime import datetime
from typing import Any

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from competency.labels import level_labels
from competency.queries.certificates import standing_certificates
from competency.queries.progress import progress
from competency.rules import grouped
from invitations.queries.feeds import entry_for
from invitations.rules.feeds import FeedOwner
from invitations.service.calendar_text import session_calendar
from learner_portal.labels import preparation_labels
from learner_portal.queries.preferences import mail_preferences, text_preferences
from learner_portal.routes.responses import HEADERS, NO_LOG_IN, PAGE, REFUSALS, learner_response, owner_of
from learner_portal.rules.salutations import short_salutation
from learner_portal.service.pages import record_use
from lopso.kernel.clock import local_day
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import read_id
from lopso.kernel.text import capitalized
from lopso.web.calendar_file import calendar_once
from lopso.web.request import Request
from scheduling.queries.learner_sessions import learner_session, learner_sessions
from wordings.rules.addressing import Addressee

# So many that the page stays within one response of 14 KB.
TAKING_PLACE = 4
NOT_TAKING_PLACE = 2  # cancelled, or reported busy: the nearest
SKILLS = 12
CERTIFICATES = 3


@get(PAGE, opt=NO_LOG_IN, exception_handlers=REFUSALS)
async def learner_page(token: str, db: AsyncSession, now: datetime) -> Response[Any]:
    """Future sessions, skills, certificates, texts and mails; a fixed number of statements."""
    owner = await owner_of(db, token)
    record_use(owner.page, now=now)
    learner = owner.learner
    sessions, more = await learner_sessions(db, learner.id, now=now, going=TAKING_PLACE, off=NOT_TAKING_PLACE)
    skills = (await progress(db, learner.id, learner.audiences)).skills
    signed = [each for each in skills if each.level]
    shown = [each for each in skills if each.shown and not each.level]
    addressee = Addressee(learner.full_name, learner.title, learner.sex, learner.birth_year)
    salutation = short_salutation(addressee, local_day(now).year)
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
        bring=preparation_labels(),
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
    """``…/lich/12.ics``: one session as a file for the phone's calendar."""
    learner = (await owner_of(db, token)).learner
    owner = FeedOwner("learner", learner.id, learner.ward_id)
    session_id = read_id(name.removesuffix(".ics")) if name.endswith(".ics") else None
    entry = None
    if session_id is not None and await learner_session(db, learner.id, session_id):
        entry = await entry_for(db, session_id, owner)
    if entry is None:
        raise NotFound
    response = calendar_once(session_calendar(owner, entry, now=now, base_url=""))
    response.headers |= HEADERS
    return response


HANDLERS = [learner_page, add_to_calendar]
