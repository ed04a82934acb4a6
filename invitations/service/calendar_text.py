"""Sessions as a calendar that phones subscribe to or take over, and what calendars may show of them.

Nothing of learners goes in. What was typed for a visit to homes stays out altogether, for title and place
name people; of other typed words numbers that could be called are left out, and notes never enter.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from invitations.queries.feeds import FeedEntry
from invitations.rules.feeds import FeedOwner, feed_uid
from lopso.kernel import ical, phone
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import language
from scheduling.labels.helpers import role_label
from scheduling.labels.sessions import kind_label

REFRESH_HOURS = 1
WRITTEN = 1  # grows when the same rows come to be written otherwise: subscribers then fetch anew

_NUMBER = re.compile(r"(?<!\w)(?:\+?84|0)(?:[ .\-]?\d){8,10}(?!\w)")


def content_hash(fingerprint: str, *, base_url: str, name: str = "") -> bytes:
    """Stands for all that `calendar_for` would say; 32 bytes, another whenever anything in it is another.

    Args:
        fingerprint: of the rows, as `queries.feeds` gives it.
    """
    return hashlib.sha256(repr((WRITTEN, language(), base_url, name, fingerprint)).encode()).digest()


def calendar_for(
    owner: FeedOwner, entries: Sequence[FeedEntry], *, changed_at: datetime, base_url: str, name: str = ""
) -> bytes:
    """The feed's text, in the reader's language.

    Args:
        changed_at: when the feed last said something else; the same entries give the same bytes.
        base_url: address of this installation, without a slash at the end.
        name: of the ward or the venue; people's own calendars need none.
    """
    mine = _("việc của tôi") if owner.kind == "trainer" else _("lịch học")
    return ical.calendar(
        [_event(owner, entry, changed_at, base_url) for entry in entries],
        method="PUBLISH",
        name=_("Lớp Số: %(what)s", what=name or mine),
        refresh_hours=REFRESH_HOURS,
    )


def session_text(owner: FeedOwner, entry: FeedEntry, *, now: datetime, base_url: str) -> bytes:
    """One session to be taken over into the owner's calendar, known there as in their feed.

    A duty that waits for an answer is written as mails write it: nothing follows that would turn a copy's
    "waiting" into "accepted", and the mail has the same number.
    """
    if entry.state == "offered":
        entry = replace(entry, state="accepted")
    return ical.calendar([_event(owner, entry, now, base_url)], method="PUBLISH")


def _event(owner: FeedOwner, entry: FeedEntry, stamp: datetime, base_url: str) -> ical.Entry:
    return ical.Entry(
        uid=feed_uid(owner, entry.session_id),
        sequence=entry.sequence,
        stamp=stamp,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        summary=_summary(entry),
        location=place_shown(entry.kind, entry.place, ward=entry.ward),
        description="\n".join(_description(owner, entry)),
        url=_address(owner, entry, base_url),
        status=_status(entry),
    )


def title_shown(kind: str, typed: str) -> str:
    """A session's title in calendars and in mails about them: both are shared and read over shoulders."""
    return kind_label(kind) if kind == "home_visit" else without_numbers(typed)


def place_shown(kind: str, typed: str, *, ward: str) -> str:
    """A session's place there."""
    return ward if kind == "home_visit" else without_numbers(typed)


def without_numbers(typed: str) -> str:
    """Typed words, with a mark in place of every number that could be called."""
    return _NUMBER.sub("…", typed)


@lru_cache(maxsize=256)
def _display(number: str) -> str:
    return phone.display(number)  # takes longer than all the rest of an event


def _address(owner: FeedOwner, entry: FeedEntry, base_url: str) -> str:
    if owner.kind == "learner":
        return ""  # a learner has no log-in, and the address of their page is a secret
    return f"{base_url}/viec-cua-toi" if owner.kind == "trainer" else f"{base_url}/buoi/{entry.session_id}"


def _status(entry: FeedEntry) -> ical.Status:
    if entry.taken_back:
        return "CANCELLED"
    return "TENTATIVE" if entry.state == "offered" else "CONFIRMED"


def _summary(entry: FeedEntry) -> str:
    title = title_shown(entry.kind, entry.title)
    # Many phones show a subscribed event in one way whatever its status says.
    if entry.called_off:
        return _("Đã hủy: %(title)s", title=title)
    if entry.taken_back:
        return _("Không còn phân công: %(title)s", title=title)
    if entry.state == "offered":
        return _("Chờ trả lời: %(title)s", title=title)
    return title


def _description(owner: FeedOwner, entry: FeedEntry) -> list[str]:
    lines: list[str] = []
    if entry.role:
        lines.append(_("Việc của bạn: %(role)s.", role=role_label(entry.role)))
    elif owner.kind in ("ward", "venue"):
        lines.append(f"{kind_label(entry.kind)}.")
    if entry.kind == "home_visit":
        lines.append(_("Địa chỉ từng nhà xem trong Lớp Số."))
    if entry.ward_phone and owner.kind in ("trainer", "learner"):
        lines.append(_("Có gì thay đổi, gọi %(phone)s.", phone=_display(entry.ward_phone)))
    return lines
