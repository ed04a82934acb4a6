"""Calendar files as responses, with conditional requests (RFC 9110, 13)."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from litestar.response import Response

from lopso.web.request import Request

MEDIA_TYPE = "text/calendar"


def unchanged(request: Request, *, etag: str, changed_at: datetime | None) -> bool:
    """Whether the client has this version already; If-None-Match takes precedence."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool({"*", etag.removeprefix("W/")} & known)
    if changed_at is None:
        return False
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (ValueError, OverflowError):  # not a date, or with a zone no clock could hold
        return False
    return since.tzinfo is not None and changed_at <= since


async def calendar_answer(
    request: Request,
    text: Callable[[], Awaitable[bytes]],
    *,
    content: bytes,
    changed_at: datetime | None = None,
) -> Response[bytes]:
    """304 when nothing changed, else the calendar that `text` writes, with validators.

    Args:
        content: a digest of the content, at least 16 bytes; differs whenever the text differs.
        changed_at: when the content last changed, whole seconds; None when unknown.
    """
    # Weak: the same tag stands for the text as it is and for its compressed form.
    headers = {
        "etag": f'W/"{content.hex()[:32]}"',
        "cache-control": "private, no-cache",
        "x-robots-tag": "noindex",
    }
    if changed_at is not None:
        headers["last-modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    if unchanged(request, etag=headers["etag"], changed_at=changed_at):
        return Response(b"", status_code=304, headers=headers, media_type=MEDIA_TYPE)
    return _file(await text(), headers)


def calendar_once(text: bytes) -> Response[bytes]:
    """A calendar file to import once ("add to calendar")."""
    return _file(text, {})


def _file(text: bytes, headers: dict[str, str]) -> Response[bytes]:
    # Inline: iPhones then show the event at once instead of a download.
    headers["content-disposition"] = 'inline; filename="lop-so.ics"'
    return Response(text, headers=headers, media_type=MEDIA_TYPE)
