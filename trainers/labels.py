"""Kinds of helper and team, roles in a team, parts of the day and hours on screen."""

from collections.abc import Sequence

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from trainers.rules import WeeklyHours


def kind_labels() -> dict[str, str]:
    """Kinds of helper by code."""
    return {
        "team_member": _("Thành viên tổ công nghệ số"),
        "digital_ambassador": _("Đại sứ số"),
        "student_volunteer": _("Sinh viên tình nguyện"),
    }


def team_kind_labels() -> dict[str, str]:
    """Kinds of team by code."""
    return {
        "community_tech_team": _("Tổ công nghệ số cộng đồng"),
        "student_volunteers": _("Đội sinh viên tình nguyện"),
        "ambassadors": _("Nhóm Đại sứ số"),
    }


def part_labels(team_kind: str = "community_tech_team") -> dict[str, str]:
    """Roles in a team by code."""
    if team_kind == "community_tech_team":
        return {"head": _("Tổ trưởng"), "deputy": _("Tổ phó"), "member": _("Thành viên")}
    return {"head": _("Đội trưởng"), "deputy": _("Đội phó"), "member": _("Thành viên")}


def day_part_labels() -> dict[str, str]:
    """Parts of the day by code."""
    return {"morning": _("Sáng"), "afternoon": _("Chiều"), "evening": _("Tối")}


def free_time_labels(hours: Sequence[WeeklyHours]) -> list[tuple[str, str]]:
    """ "Thứ Hai – Thứ Sáu" with "17h30 – 21h30", days of the same hours together, in order of the week."""
    by_day: dict[int, list[WeeklyHours]] = {}
    for each in sorted(hours):
        by_day.setdefault(each.weekday, []).append(each)
    by_hours: dict[str, list[int]] = {}
    for weekday, spans in by_day.items():
        said = ", ".join(formatting.hours(each.since, each.until) for each in spans)
        by_hours.setdefault(said, []).append(weekday)
    return [(_days(days), said) for said, days in by_hours.items()]


def _days(days: Sequence[int]) -> str:
    names = formatting.weekday_names()
    if len(days) == 7:
        return _("Mọi ngày")
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{names[days[0]]} – {names[days[-1]]}"
    return ", ".join(names[day] for day in days)
