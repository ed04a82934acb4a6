"""Hits of the search in words: what they are called, what tells them apart, where they lead."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from competency.rules import grouped
from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import capitalized
from overview.queries.hits import FoundRow, HitGroup
from people.labels import phone_label
from scheduling.labels.sessions import slots_label
from scheduling.rules.places import place_name
from scheduling.rules.recurrence import WeeklySlot
from trainers.labels import kind_labels, team_kind_labels


@dataclass(frozen=True, slots=True)
class Hit:
    """One line: `facts` tell it from others of the same name; `state` stands out (a draft, revoked)."""

    name: str
    facts: Sequence[str]
    href: str
    state: str | None = None


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group with its heading. `count` is "12" or "hơn 40"; `rest` says that not all of it is shown."""

    name: str
    title: str
    icon: str
    count: str
    hits: Sequence[Hit]
    rest: bool


def group_title(name: str) -> tuple[str, str]:
    """Heading and icon of a group."""
    return {
        "learners": (_("Người học"), "people"),
        "helpers": (_("Người hướng dẫn"), "helper"),
        "sessions": (_("Buổi học"), "calendar"),
        "series": (_("Lớp nhiều buổi"), "refresh"),
        "teams": (_("Tổ, đội"), "people"),
        "places": (_("Địa điểm"), "place"),
        "markets": (_("Chợ"), "market"),
        "certificates": (_("Chứng nhận"), "award"),
    }[name]


def shown_groups(
    groups: Sequence[HitGroup], *, wards: Mapping[str, str], now: datetime
) -> Sequence[ShownGroup]:
    """The groups in words.

    Args:
        wards: names by code; with more than one, hits say theirs.
    """
    return [_shown(group, wards, now) for group in groups]


def _shown(group: HitGroup, wards: Mapping[str, str], now: datetime) -> ShownGroup:
    title, icon = group_title(group.name)
    number = formatting.number(group.total)
    return ShownGroup(
        group.name,
        title,
        icon,
        _("hơn %(n)s", n=number) if group.more else number,
        [_hit(row, wards, now) for row in group.rows],
        group.more or group.total > len(group.rows),
    )


def _hit(row: FoundRow, wards: Mapping[str, str], now: datetime) -> Hit:
    facts = [each for each in _FACTS[row.group](row.detail, now) if each]
    if len(wards) > 1 and row.ward_id in wards:
        facts.append(wards[row.ward_id])
    name = grouped(row.name) if row.group == "certificates" else row.name
    return Hit(name, facts, _address(row), _state(row))


def _address(row: FoundRow) -> str:
    if row.group == "places" and row.detail["kind"] == "neighbourhood":
        return f"/nguoi-hoc/{row.ward_id}?to={row.id}"
    return {
        "learners": f"/nguoi-hoc/{row.ward_id}/{row.id}",
        "helpers": f"/nguoi-day/{row.ward_id}/{row.id}",
        "sessions": f"/buoi/{row.id}",
        "series": f"/lich/{row.ward_id}/chuoi/{row.id}",
        "teams": f"/nguoi-day/{row.ward_id}/to/{row.id}",
        "places": f"/dia-diem/{row.ward_id}/{row.id}",
        "markets": f"/dia-diem/{row.ward_id}/cho/{row.id}",
        "certificates": f"/chung-nhan/{row.id}",
    }[row.group]


def _state(row: FoundRow) -> str | None:
    detail = row.detail
    if detail.get("cancelled"):
        return _("Đã hủy")
    if detail.get("draft"):
        return _("Bản nháp")
    return _("Đã thu hồi") if detail.get("revoked") else None


def _learner(detail: Mapping[str, Any], now: datetime) -> Iterator[str]:
    yield str(detail["year"] or "")
    yield detail["place"] or ""
    yield phone_label(detail["phone"])


def _helper(detail: Mapping[str, Any], now: datetime) -> Iterator[str]:
    yield detail["teams"] or kind_labels()[detail["kind"]]
    yield phone_label(detail["phone"])


def _session(detail: Mapping[str, Any], now: datetime) -> Iterator[str]:
    starts, ends = datetime.fromisoformat(detail["starts"]), datetime.fromisoformat(detail["ends"])
    year = f"/{starts.year}" if starts.year != now.year else ""
    day = capitalized(formatting.weekday_and_day(starts))
    yield f"{day}{year}, {formatting.hours(starts, ends)}"
    yield place_name(
        words=detail["words"], room=detail["room"], venue=detail["venue"], market=detail["market"]
    )


def _series(detail: Mapping[str, Any], now: datetime) -> Iterator[str]:
    slots = [
        WeeklySlot(weekday, time.fromisoformat(start), minutes)
        for weekday, start, minutes in detail["slots"] or ()
    ]
    yield slots_label(slots)
    yield _("từ %(day)s", day=formatting.full_date(date.fromisoformat(detail["since"])))


def _team(detail: Mapping[str, Any], now: datetime) -> Iterator[str]:
    yield team_kind_labels()[detail["kind"]]
    yield detail["place"] or ""


def _place(detail: Mapping[str, Any], now: datetime) -> Iterator[str]:
    if detail["kind"] == "neighbourhood":
        yield _("danh sách người học ở đây")
    elif detail["kind"] == "room":
        yield detail["venue"]
    else:
        yield detail["address"]


def _market(detail: Mapping[str, Any], now: datetime) -> Iterator[str]:
    yield detail["former_ward"]


def _certificate(detail: Mapping[str, Any], now: datetime) -> Iterator[str]:
    yield detail["learner"]


_FACTS: Mapping[str, Callable[[Mapping[str, Any], datetime], Iterator[str]]] = {
    "learners": _learner,
    "helpers": _helper,
    "sessions": _session,
    "series": _series,
    "teams": _team,
    "places": _place,
    "markets": _market,
    "certificates": _certificate,
}
