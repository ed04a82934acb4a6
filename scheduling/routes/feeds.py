"""The door of private calendars: no log-in, the address is the key."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from litestar import Request, get
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import known_language, speak
from scheduling.feeds import content_hash, helper_calendar
from scheduling.queries.feeds import feed, standing_token
from scheduling.service.feeds import note_use, token_hash

LONGEST = 200  # characters; a secret has 43


@get("/lich-rieng/{name:str}", opt={"public": True})
async def private_calendar(
    request: Request[Any, Any, Any], name: str, db: AsyncSession, now: datetime
) -> Response[bytes]:
    """A helper's appointments for calendar programs; unknown and dead secrets look and take alike.

    Two statements; a third when the use or a change is noted.
    """
    secret = name.removesuffix(".ics")
    found = await standing_token(db, token_hash(secret[:LONGEST]))
    if found is None or secret == name:
        raise NotFound
    token, language = found
    speak(known_language(language) or "vi")
    base_url: str = request.app.state.settings.public_url
    entries = await feed(db, token.trainer_id, now=now)
    content = content_hash(entries, base_url=base_url)
    changed_at = await note_use(db, token, content, now=now)
    headers = {
        "etag": f'"{content.hex()[:32]}"',
        "last-modified": format_datetime(changed_at.astimezone(UTC), usegmt=True),
        "cache-control": "private, no-cache",
        "x-robots-tag": "noindex",
    }
    if _unchanged(request, headers["etag"], changed_at):
        return Response(b"", status_code=304, headers=headers, media_type="text/calendar")
    headers["content-disposition"] = 'inline; filename="lop-so.ics"'
    text = helper_calendar(entries, trainer_id=token.trainer_id, changed_at=changed_at, base_url=base_url)
    return Response(text, headers=headers, media_type="text/calendar")


def _unchanged(request: Request[Any, Any, Any], etag: str, changed_at: datetime) -> bool:
    """Whether the asker has this text already; the tag decides where one is given (RFC 9110)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool({"*", etag} & known)
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and changed_at <= since


HANDLERS = [private_calendar]
