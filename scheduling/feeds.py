"""A helper's appointments as a calendar that phones subscribe to.

Nothing of learners goes in, and no free text but titles and places: notes may name people.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from lopso.kernel import ical, phone
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import language
from scheduling import words
from scheduling.queries.feeds import FeedEntry

REFRESH_HOURS = 1


def uid(session_id: int, trainer_id: int) -> str:
    """The identity of one person's appointment, for life: the same in every calendar and mail."""
    return f"buoi-{session_id}.nguoi-{trainer_id}@lopso"


def content_hash(entries: Sequence[FeedEntry], *, base_url: str) -> bytes:
    """Stands for all the feed says; 32 bytes, another whenever anything in it is another."""
    return hashlib.sha256(repr((base_url, language(), list(entries))).encode()).digest()


def helper_calendar(
    entries: Sequence[FeedEntry], *, trainer_id: int, changed_at: datetime, base_url: str
) -> bytes:
    """The calendar text.

    Args:
        changed_at: when the feed last said something else; the same entries give the same bytes.
        base_url: address of this installation, without a slash at the end.
    """
    return ical.calendar(
        [_entry(entry, trainer_id, changed_at, base_url) for entry in entries],
        method="PUBLISH",
        name=_("Lớp Số: việc của tôi"),
        refresh_hours=REFRESH_HOURS,
    )


def _entry(entry: FeedEntry, trainer_id: int, changed_at: datetime, base_url: str) -> ical.Entry:
    return ical.Entry(
        uid=uid(entry.session_id, trainer_id),
        sequence=entry.version,
        stamp=changed_at,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        summary=_summary(entry),
        location=entry.place,
        description="\n".join(_description(entry)),
        url=f"{base_url}/viec-cua-toi",
        status=_status(entry),
    )


def _status(entry: FeedEntry) -> ical.Status:
    if entry.called_off or entry.state in ("withdrawn", "replaced"):
        return "CANCELLED"
    return "TENTATIVE" if entry.state == "offered" else "CONFIRMED"


def _summary(entry: FeedEntry) -> str:
    # Many phones show a subscribed event in one way whatever its status says.
    if entry.called_off:
        return _("Đã hủy: %(title)s", title=entry.title)
    if entry.state in ("withdrawn", "replaced"):
        return _("Không còn phân công: %(title)s", title=entry.title)
    if entry.state == "offered":
        return _("Chờ trả lời: %(title)s", title=entry.title)
    return entry.title


def _description(entry: FeedEntry) -> list[str]:
    role = words.role(entry.role)
    lines = [_("Việc của bạn: %(role)s.", role=role)]
    if entry.ward_phone:
        lines.append(_("Có gì thay đổi, gọi %(phone)s.", phone=phone.display(entry.ward_phone)))
    return lines
