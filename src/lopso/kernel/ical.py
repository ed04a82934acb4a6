"""Calendar texts (iCalendar, RFC 5545): components built with `ics`, finished here.

`ics` 0.7.3 escapes and orders the properties of an event, but folds no line, writes METHOD where strict
readers do not look for it, keeps events in a set without order, knows no time zone, escapes addresses as if
they were text, and lets a line break in a UID start a property of its own. What it leaves open is closed in
this one place.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

# ics ships no type stubs.
from ics import Event  # pyright: ignore[reportMissingTypeStubs]  (it ships none)
from ics.grammar.parse import ContentLine  # pyright: ignore[reportMissingTypeStubs]  (it ships none)
from ics.serializers.event_serializer import EventSerializer  # pyright: ignore[reportMissingTypeStubs]  (it ships none)
from ics.utils import escape_string  # pyright: ignore[reportMissingTypeStubs]  (it ships none)

from lopso.kernel import clock
from lopso.kernel.mail_address import is_address

Method = Literal["REQUEST", "CANCEL"]
"""Of scheduling messages. Feeds and files are none and have no METHOD: with it RFC 5546 (3.2.1) wants an
ORGANIZER in each event, and calendars would offer to write to it."""
Status = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]
ParticipationRole = Literal["REQ-PARTICIPANT", "NON-PARTICIPANT"]
Answer = Literal["NEEDS-ACTION", "ACCEPTED"]

PRODUCT = "-//Lop So//Lop So//VI"
ZONE = "Asia/Ho_Chi_Minh"
LONGEST_LINE = 75  # octets, without the line break

# No daylight saving time since 1975, and the zone is not expected to change.
_ZONE_LINES = (
    "BEGIN:VTIMEZONE",
    f"TZID:{ZONE}",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0700",
    "TZOFFSETTO:+0700",
    "TZNAME:+07",
    "END:STANDARD",
    "END:VTIMEZONE",
)
_UID = re.compile(r"[A-Za-z0-9@.\-]{8,200}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]")
_URL = re.compile(r"https?://[!-~]+")


@dataclass(frozen=True, slots=True)
class Organizer:
    """Who asks; answers of calendar programs go to `address`."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who is asked, with what is known of the answer."""

    name: str
    address: str
    role: ParticipationRole
    answer: Answer


# `ics` looks up its own functions by name anew for every event, which is half of the time it takes.
_WRITERS = cast("Any", EventSerializer).get_serializers()


class _Serializer(EventSerializer):
    @classmethod
    def get_serializers(cls) -> Any:
        return _WRITERS


class _FeedEvent(Event):
    class Meta(Event.Meta):
        serializer = _Serializer


@dataclass(frozen=True, slots=True)
class IcsEvent:
    """One event. Instants are aware; they are shown in Huế.

    Attributes:
        uid: ours, of letters, digits, ``@``, dots and hyphens; the same for life.
        sequence: grows with every change that matters.
        stamp: when this text was true.
        url: an address of ours, or empty.
        organizer, attendee: in invitations by mail; feeds have none.
    """

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    description: str
    url: str
    status: Status
    organizer: Organizer | None = None
    attendee: Attendee | None = None


def calendar(
    entries: Iterable[IcsEvent],
    *,
    method: Method | None = None,
    name: str = "",
    refresh_hours: int | None = None,
) -> bytes:
    """The whole calendar, UTF-8, CRLF, folded; the same entries give the same bytes.

    Args:
        method: of an invitation by mail; its events name an organizer.
        name: shown by calendar programs; without one (an invitation, a single event to be taken over) nothing
            suggests that a calendar of its own be made.
        refresh_hours: how often a subscriber should look again.

    Raises:
        ValueError: a UID holds anything but letters, digits, ``@``, dots and hyphens; or somebody's
            address, or that of a page, is none; or an event of a scheduling message has no organizer.
    """
    lines = ["BEGIN:VCALENDAR", *([f"METHOD:{method}"] if method else [])]
    lines += ["VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    if name:
        lines += [f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}", f"X-WR-TIMEZONE:{ZONE}"]
    if refresh_hours is not None:
        lines += [
            f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh_hours}H",
            f"X-PUBLISHED-TTL:PT{refresh_hours}H",
        ]
    lines += _ZONE_LINES
    for entry in entries:
        if method is not None and entry.organizer is None:
            raise ValueError("an event of a scheduling message has no organizer")
        lines += _event(entry).serialize().split("\r\n")
    lines.append("END:VCALENDAR")
    return b"".join(fold_line(line) + b"\r\n" for line in lines)


def fold_line(line: str) -> bytes:
    """`line` in UTF-8 with a break and a space at least every 75 octets, never inside a character."""
    octets = line.encode()
    if len(octets) <= LONGEST_LINE:
        return octets
    parts: list[bytes] = []
    start, room = 0, LONGEST_LINE
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        parts.append(octets[start:end])
        start, room = end, LONGEST_LINE - 1  # the space that continues a line counts
    parts.append(octets[start:])
    return b"\r\n ".join(parts)


def _event(entry: IcsEvent) -> Any:
    if not _UID.fullmatch(entry.uid):
        raise ValueError(f"not a UID of ours: {entry.uid!r}")
    event: Any = _FeedEvent(  # without types in ics
        uid=entry.uid,
        name=_plain(entry.summary),
        location=_plain(entry.location),
        description=_plain(entry.description),
        status=entry.status,
        transparent=entry.status == "CANCELLED",
    )
    zone = {"TZID": [ZONE]}
    event.extra += [
        ContentLine("DTSTAMP", {}, f"{entry.stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"),
        ContentLine("DTSTART", zone, f"{clock.local(entry.starts_at):%Y%m%dT%H%M%S}"),
        ContentLine("DTEND", zone, f"{clock.local(entry.ends_at):%Y%m%dT%H%M%S}"),
        ContentLine("SEQUENCE", {}, str(entry.sequence)),
    ]
    if entry.organizer is not None:
        common_name = _quoted(entry.organizer.name)
        event.extra += [ContentLine("ORGANIZER", {"CN": [common_name]}, _mailto(entry.organizer.address))]
    if entry.attendee is not None:
        asked = {
            "CUTYPE": ["INDIVIDUAL"],
            "ROLE": [entry.attendee.role],
            "PARTSTAT": [entry.attendee.answer],
            # Answers are given on our pages: what a calendar program mails back nobody reads.
            "RSVP": ["FALSE"],
            "CN": [_quoted(entry.attendee.name)],
        }
        event.extra += [ContentLine("ATTENDEE", asked, _mailto(entry.attendee.address))]
    if entry.url:
        if not _URL.fullmatch(entry.url):
            raise ValueError("not an address")
        event.extra += [ContentLine("URL", {}, entry.url)]
    return event


def _mailto(address: str) -> str:
    if not is_address(address):
        raise ValueError("not an address for an invitation")  # the address itself is nobody's business
    return f"mailto:{address}"


def _quoted(name: str) -> str:
    """`name` as the value of a parameter: `ics` quotes none, and a colon in one would end it."""
    return '"' + _plain(name).replace("\n", " ").replace('"', "'").strip() + '"'


def _text(value: str) -> str:
    return escape_string(_plain(value))


def _plain(value: str) -> str:
    """`value` without control characters; line breaks stay, as newlines, and are escaped by `ics`."""
    return _CONTROL.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))
