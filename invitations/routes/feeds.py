"""Calendar feeds under secret addresses, without log-in; and one session as a calendar file."""

from datetime import datetime

from litestar import get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from invitations.queries.active_feeds import active_feed
from invitations.queries.feeds import HIDDEN_STATES, entry_for, feed
from invitations.rules.feeds import FeedOwner, kind_of_secret
from invitations.service.calendar_text import content_hash, feed_calendar, session_calendar
from invitations.service.feeds import record_use, token_hash
from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import known_language, speak
from lopso.web.calendar_file import calendar_answer, calendar_once
from lopso.web.guards import PUBLIC, own_or
from lopso.web.request import Request
from scheduling.errors import SessionNotFound
from scheduling.queries.access import visible_session
from staffing.queries.own_assignments import own_trainer

MAX_SECRET_LENGTH = 200  # characters; a secret has 44


@get(
    "/lich-rieng/{name:str}",
    opt={**PUBLIC, "exclude_from_csrf": True},  # calendar programs keep no cookie
)
async def private_calendar(request: Request, name: str, db: AsyncSession, now: datetime) -> Response[bytes]:
    """A feed for calendar programs; unknown and revoked secrets have the same answer at the same cost.

    One statement when nothing changed, two when the text is sent; one more to record the use or a change.
    """
    if not db.in_transaction():  # no session cookie had to be looked up
        # Mostly there is one statement only: without a transaction around it that is one round trip to the
        # database instead of three.
        await db.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    secret = name.removesuffix(".ics")[:MAX_SECRET_LENGTH]
    found = await active_feed(db, kind_of_secret(secret), token_hash(secret), now=now)
    if found is None or not name.endswith(".ics"):
        raise NotFound
    speak(known_language(found.language) or "vi")
    base_url: str = request.app.state.settings.public_url
    content = content_hash(found.fingerprint, base_url=base_url, name=found.name)
    changed_at = await record_use(db, found, content, now=now)

    async def text() -> bytes:
        # Read after the fingerprint: a change in between is sent under the old tag, and again next time.
        entries = await feed(db, found.owner, now=now)
        return feed_calendar(found.owner, entries, changed_at=changed_at, base_url=base_url, name=found.name)

    return await calendar_answer(request, text, content=content, changed_at=changed_at)


@get("/buoi/{session_id:int}/lich.ics", opt=own_or(Permission.SEE_CALENDAR))
async def add_to_calendar(
    request: Request, db: AsyncSession, actor: Actor, now: datetime, session_id: int
) -> Response[bytes]:
    """One session for one's own calendar, with the UID that it has in one's feeds; at most six statements."""
    session = await visible_session(db, session_id, by=actor)
    me = await own_trainer(db, actor)
    as_officer = FeedOwner("ward", session.ward_id, session.ward_id, actor.user_id or 0)
    owner = FeedOwner("trainer", me.trainer.id, session.ward_id) if me else as_officer
    entry = await entry_for(db, session_id, owner)
    if entry is not None and me is not None and (not entry.role or entry.state in HIDDEN_STATES):
        owner = as_officer
        entry = await entry_for(db, session_id, owner)
    if entry is None:  # a draft
        raise SessionNotFound(session_id)
    base_url: str = request.app.state.settings.public_url
    return calendar_once(session_calendar(owner, entry, now=now, base_url=base_url))


HANDLERS = [private_calendar, add_to_calendar]
