"""Sessions as iCalendar text, and which of their texts calendars may show.

Calendars are shared, so they contain nothing about learners. Title and place of a visit to homes are left
out, since they name people; from other typed text phone numbers are removed; notes are never included.
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
from scheduling.labels.sessions import kind_label
from staffing.labels.helpers import role_label

REFRESH_HOURS = 1
FORMAT_VERSION = 3  # to be raised when the same rows are written differently: subscribers then fetch again

_NUMBER = re.compile(r"(?<!\w)(?:\+?84|0)(?:[ .\-]?\d){8,10}(?!\w)")


def content_hash(fingerprint: str, *, base_url: str, name: str = "") -> bytes:
    """Hash of everything that `feed_calendar` depends on; 32 bytes.

    Args:
        fingerprint: of the rows, from `queries.active_feeds`.
    """
    return hashlib.sha256(repr((FORMAT_VERSION, language(), base_url, name, fingerprint)).encode()).digest()


def feed_calendar(
    owner: FeedOwner, entries: Sequence[FeedEntry], *, changed_at: datetime, base_url: str, name: str = ""
) -> bytes:
    """The text of a feed, in the current language.

    Args:
        changed_at: when the content last changed; the same entries give the same bytes.
        base_url: address of this installation, without a slash at the end.
        name: of the ward or the venue; empty for a helper's or a learner's feed.
    """
    mine = _("việc của tôi") if owner.kind == "trainer" else _("lịch học")
    return ical.calendar(
        [_event(owner, entry, changed_at, base_url) for entry in entries],
        name=_("Lớp Số: %(what)s", what=name or mine),
        refresh_hours=REFRESH_HOURS,
    )


def session_calendar(owner: FeedOwner, entry: FeedEntry, *, now: datetime, base_url: str) -> bytes:
    """One session as a file for the owner's calendar, with the UID that it has in their feed.

    An assignment without an answer is written as accepted, as mails do: a copy is not updated when the answer
    comes, and the mail has the same SEQUENCE.
    """
    if entry.state == "offered":
        entry = replace(entry, state="accepted")
    return ical.calendar([_event(owner, entry, now, base_url)])


def _event(owner: FeedOwner, entry: FeedEntry, stamp: datetime, base_url: str) -> ical.IcsEvent:
    return ical.IcsEvent(
        uid=feed_uid(owner, entry.session_id),
        sequence=entry.sequence,
        stamp=stamp,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        summary=_summary(entry),
        location=public_place(entry.kind, entry.place, ward=entry.ward),
        description="\n".join(_description(owner, entry)),
        url=_address(owner, entry, base_url),
        status=_status(entry),
    )


def public_title(kind: str, typed: str) -> str:
    """The title that calendars and mails about them may show."""
    return kind_label(kind) if kind == "home_visit" else without_phone_numbers(typed)


def public_place(kind: str, typed: str, *, ward: str) -> str:
    """The place that calendars and mails about them may show."""
    return ward if kind == "home_visit" else without_phone_numbers(typed)


def without_phone_numbers(typed: str) -> str:
    """`typed` with "…" in place of every phone number."""
    return _NUMBER.sub("…", typed)


@lru_cache(maxsize=256)
def _display(number: str) -> str:
    return phone.display(number)  # takes longer than the rest of an event


def _address(owner: FeedOwner, entry: FeedEntry, base_url: str) -> str:
    if owner.kind == "learner":
        return ""  # learners have no log-in, and the address of their page is a secret
    return f"{base_url}/viec-cua-toi" if owner.kind == "trainer" else f"{base_url}/buoi/{entry.session_id}"


def _status(entry: FeedEntry) -> ical.Status:
    if entry.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.state == "offered" else "CONFIRMED"


def _summary(entry: FeedEntry) -> str:
    title = public_title(entry.kind, entry.title)
    # Many phones show subscribed events the same way whatever their STATUS is.
    if entry.session_cancelled:
        return _("Đã hủy: %(title)s", title=title)
    if entry.is_cancelled:
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
