"""Labels of helpers: roles, states of assignments, why somebody suits a session."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lopso.kernel import clock, formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from scheduling.rules.commitments import AssignmentRole, Commitment
from staffing.rules.suitability import ActivePeriod, FreeTime, SkillMatch, Suitability
from staffing.rules.week_plan.places import MOST_IN_A_WEEK, WhyEmpty

Tone = Literal["ok", "warn", "bad", "plain"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing to know about a candidate; `tone` colours it."""

    text: str
    tone: Tone = "plain"

    @property
    def exception(self) -> bool:
        """Whether it speaks against asking this person."""
        return self.tone in ("warn", "bad")


def role_label(code: str) -> str:
    """A role in a session."""
    return _("người dạy chính") if code == "trainer" else _("người hỗ trợ")


def assignment_state_label(code: str) -> tuple[str, Tone]:
    """State of an assignment as staff read it, and its colour."""
    states: dict[str, tuple[str, Tone]] = {
        "offered": (_("Chờ trả lời"), "warn"),
        "accepted": (_("Đã nhận"), "ok"),
        "declined": (_("Báo bận"), "bad"),
        "withdrawn": (_("Đã rút"), "plain"),
        "replaced": (_("Đã thay người"), "plain"),
        "no_show": (_("Không đến"), "bad"),
    }
    return states[code]


def ready_reasons() -> list[tuple[str, str]]:
    """Why helpers cannot come, ready to tap: the most frequent first, none that asks for details."""
    reasons = (
        _("Ốm"),
        _("Bận đột xuất"),
        _("Bận việc cơ quan"),
        _("Bận lịch học"),
        _("Có việc gia đình"),
        _("Không ở địa phương hôm đó"),
    )
    return [(reason, reason) for reason in reasons]


def helper_kind_label(code: str) -> str:
    """A kind of helper."""
    kinds = {
        "digital_ambassador": _("Đại sứ số"),
        "team_member": _("Tổ công nghệ số"),
        "student_volunteer": _("Sinh viên tình nguyện"),
    }
    return kinds[code]


def absence_days(period: ActivePeriod) -> str:
    """ "30/11/2026", "30/11 – 02/12/2026"."""
    if period.first is not None and period.first == period.last:
        return formatting.full_date(period.first)
    return formatting.days(period.first, period.last)


def suitability_reasons(
    suitability: Suitability, *, starts_at: datetime, skills: Mapping[int, str], may_name_clash: bool
) -> Sequence[Reason]:
    """Why somebody has their place in the ranking, the decisive reason first.

    Args:
        starts_at: of the session in question.
        skills: names of the skills its course teaches.
    """
    found: list[Reason] = []
    if suitability.clash is not None:
        found.append(Reason(_clash(suitability.clash, starts_at, may_name_clash), "bad"))
    if (period := suitability.outside_period) is not None:
        found.append(
            Reason(
                _("ngoài đợt tình nguyện (%(days)s)", days=formatting.days(period.first, period.last)), "bad"
            )
        )
    if suitability.away is not None:
        found.append(Reason(_("báo nghỉ %(days)s", days=absence_days(suitability.away)), "bad"))
    if suitability.facts.declined:
        found.append(Reason(_("đã báo bận buổi này"), "bad"))
    if suitability.clash is None:
        found.append(_free_time(suitability.free_time, starts_at))
    found += teaching_reasons(skills, suitability.taught, suitability.skill_match)
    found.append(_load(suitability.load))
    return found


def _clash(other: Commitment, starts_at: datetime, may_name: bool) -> str:
    title = other.title if may_name else _("buổi ở nơi khác")
    hour = formatting.hour(other.starts_at)
    if clock.local_day(other.starts_at) == clock.local_day(starts_at):
        return _("bận: %(title)s %(hour)s cùng ngày", title=title, hour=hour)
    return _("bận: %(title)s %(when)s", title=title, when=formatting.when(other.starts_at))


def _free_time(free_time: FreeTime, starts_at: datetime) -> Reason:
    names = {"part": formatting.part_of_day(starts_at), "weekday": formatting.weekday(starts_at)}
    if free_time is FreeTime.FREE:
        return Reason(_("rảnh %(part)s %(weekday)s", **names), "ok")
    if free_time is FreeTime.OUTSIDE:
        return Reason(_("thường không rảnh %(part)s %(weekday)s", **names), "warn")
    return Reason(_("chưa rõ giờ rảnh"))


def teaching_reasons(skills: Mapping[int, str], known: Collection[int], match: SkillMatch) -> list[Reason]:
    """What of a course somebody is known to be able to teach; `skills` names all of it."""
    taught = [name for skill_id, name in skills.items() if skill_id in known]
    if not skills:
        return []
    if not taught:
        told = Reason(_("chưa ghi nhận dạy được nội dung này"), "warn")
        return [told] if match is SkillMatch.NOT_KNOWN else []
    tone: Tone = "ok" if match is SkillMatch.FULL else "warn"
    if len(taught) == len(skills) > 1:
        return [Reason(_("dạy được cả %(n)s kỹ năng", n=len(skills)), tone)]
    named = ", ".join(taught)
    if len(taught) == len(skills):
        return [Reason(_("dạy được %(skills)s", skills=named), tone)]
    return [
        Reason(
            _("dạy được %(n)s/%(all)s kỹ năng: %(skills)s", n=len(taught), all=len(skills), skills=named),
            tone,
        )
    ]


def load_label(load: int) -> str:
    """How many sessions somebody has in the week of the session, in few words."""
    return ngettext("cùng tuần: %(n)s buổi", "cùng tuần: %(n)s buổi", load)


def _load(load: int) -> Reason:
    if load == 0:
        return Reason(_("cùng tuần chưa có buổi nào"))
    return Reason(ngettext("đã có %(n)s buổi cùng tuần", "đã có %(n)s buổi cùng tuần", load))


def empty_place_label(role: AssignmentRole, number: int, why: WhyEmpty) -> str:
    """Why a plan leaves places free: "thiếu 1 người dạy chính: không ai đến được giờ này"."""
    missing = (
        ngettext("thiếu %(n)s người dạy chính", "thiếu %(n)s người dạy chính", number)
        if role == "trainer"
        else ngettext("thiếu %(n)s người hỗ trợ", "thiếu %(n)s người hỗ trợ", number)
    )
    reason = {
        WhyEmpty.NOBODY_FREE: _("không còn ai đến được giờ này"),
        WhyEmpty.NEEDED_ELSEWHERE: _(
            "những người đến được đã có buổi khác hoặc đủ %(n)s buổi trong tuần", n=MOST_IN_A_WEEK
        ),
    }[why]
    return f"{missing}: {reason}"
