"""The timeline of a message, in sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import capitalized
from notifications import labels
from notifications.models import DeliveryEvent, Message

_FINAL = ("delivered", "undelivered", "failed", "ambiguous", "expired", "withdrawn", "suppressed")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event; `kind` and `icon` as in the timeline component."""

    at: datetime
    title: str
    text: str = ""
    kind: str = ""
    icon: str = "clock"


def summary(message: Message, events: Sequence[DeliveryEvent]) -> str:
    """The outcome of a message in half a line: "18h00 gửi đi, 18h01 đến máy"."""
    parts = [_("%(time)s gửi đi", time=formatting.hour(message.sent_at))] if message.sent_at else []
    if message.state in _FINAL and message.state != "withdrawn":
        at = next((event.at for event in reversed(events) if event.state == message.state), None)
        at = at or message.finished_at
        if at is not None:
            parts.append(f"{formatting.hour(at)} {labels.state_labels()[message.state][1]}")
    if message.resolution:
        parts.append(labels.resolution_labels()[message.resolution])
    return ", ".join(parts)


def entries_of(
    message: Message, events: Sequence[DeliveryEvent], names: Mapping[int, str]
) -> list[TimelineEntry]:
    """The events of a message, newest first.

    Args:
        names: of the users in its events, by id.
    """
    entries = [TimelineEntry(message.created_at, _("Lên lịch"), icon="calendar", kind="soft")]
    if message.repeat:
        entries = [
            TimelineEntry(
                message.created_at, _("Lên lịch gửi lại, lần %(n)s", n=message.repeat + 1), icon="calendar"
            )
        ]
    for event in events:
        entries.append(
            _staff_action(event, names) if "did" in event.detail else _delivery_step(message, event)
        )
    seen = {event.state for event in events}
    if message.state in _FINAL and message.state not in seen and message.finished_at is not None:
        entries.append(
            TimelineEntry(
                message.finished_at,
                capitalized(labels.state_labels()[message.state][1]),
                _sentence(labels.message_reason(message)),
                _kind(message.state),
                "info",
            )
        )
    return sorted(entries, key=lambda each: each.at)[::-1]


def _staff_action(event: DeliveryEvent, names: Mapping[int, str]) -> TimelineEntry:
    who = names.get(event.detail.get("by") or 0, _("Hệ thống"))
    title = {
        "held": _("%(who)s giữ tin lại", who=who),
        "released": _("%(who)s cho gửi tiếp", who=who),
        "withdrawn": _("%(who)s chọn không gửi tin này", who=who),
        "put_back": _("%(who)s cho gửi trở lại, trong một tin mới", who=who),
        "sent_again": _("%(who)s cho gửi lại, trong một tin mới", who=who),
        "called": _("%(who)s ghi: đã gọi điện", who=who),
        "met": _("%(who)s ghi: đã gặp", who=who),
        "not_needed": _("%(who)s ghi: không cần nữa", who=who),
        "reopened": _("%(who)s bỏ đánh dấu", who=who),
    }.get(event.detail["did"], who)
    return TimelineEntry(event.at, title, icon="edit", kind="soft")


def _delivery_step(message: Message, event: DeliveryEvent) -> TimelineEntry:
    why = event.detail.get("why", "")
    if event.state == "planned":
        title = {
            "never_seen": _("Nhà mạng chưa nhận được, sẽ gửi lại"),
            "not_tried": _("Chưa kịp gửi, chờ lượt sau"),
            "credentials": _("Nhà mạng không nhận ra tài khoản của thành phố, chờ gửi lại"),
            "sender": _("Nhà mạng không nhận tên người gửi của thành phố, chờ gửi lại"),
        }.get(why, _("Nhà mạng bận, chờ gửi lại"))
        return TimelineEntry(event.at, title, kind="warn", icon="clock")
    if event.state == "sent":
        return TimelineEntry(event.at, _("Gửi đi"), _("Nhà mạng đã nhận tin."), icon="message")
    code = event.detail.get("code")
    reason = labels.reason_label(
        event.state,
        message.state_reason if event.state == message.state else why,
        message.error_code if event.state == message.state else (str(code) if code else None),
    )
    title = {
        "delivered": _("Đến máy người nhận"),
        "ambiguous": _("Chưa rõ kết quả"),
    }.get(event.state, capitalized(labels.state_labels()[event.state][1]))
    icon = "check" if event.state == "delivered" else "warn"
    return TimelineEntry(event.at, title, _sentence(reason), _kind(event.state), icon)


def _kind(state: str) -> str:
    kind = labels.state_labels()[state][0]
    return kind if kind in ("ok", "warn", "bad") else "soft"


def _sentence(half: str) -> str:
    return capitalized(half) + "." if half else ""
