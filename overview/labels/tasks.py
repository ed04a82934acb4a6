"""Tasks in words: what it is about, why it waits, the one next step and where it is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.workbook.staging import KEPT
from overview.queries.tasks.rows import TaskGroup, TaskRow
from scheduling.rules.places import place_name


@dataclass(frozen=True, slots=True)
class Task:
    """One line: `why` it waits, `facts` of what it is about, and the `step` that `href` leads to."""

    name: str
    why: str
    facts: Sequence[str]
    step: str
    href: str


@dataclass(frozen=True, slots=True)
class ShownTasks:
    """A group with its heading; `more` are not shown."""

    name: str
    title: str
    icon: str
    tone: str
    total: int
    tasks: Sequence[Task]

    @property
    def more(self) -> int:
        """How many are on the group's own page only."""
        return self.total - len(self.tasks)


def group_heading(name: str) -> tuple[str, str, str]:
    """Heading, icon and tone of a group."""
    return {
        "own_unanswered": (_("Lời mời chờ bạn trả lời"), "message", "warn"),
        "own_without_roll": (_("Buổi của bạn chưa điểm danh"), "list", "warn"),
        "declined": (_("Báo bận, chưa có người thay"), "helper", "bad"),
        "short": (_("Buổi sắp tới thiếu người"), "helper", "warn"),
        "unanswered": (_("Chưa trả lời lời mời"), "clock", "warn"),
        "without_roll": (_("Buổi đã xong, chưa điểm danh"), "list", "warn"),
        "to_call": (_("Cần gọi điện trước buổi học"), "phone", "bad"),
        "failed": (_("Tin nhắn không đến nơi"), "message", "bad"),
        "sign_offs": (_("Kỹ năng chờ xác nhận"), "check", ""),
        "imports": (_("Danh sách chờ xem lại"), "file", ""),
    }[name]


def shown_tasks(group: TaskGroup, ward_id: str | None, now: datetime) -> ShownTasks:
    """A group in words."""
    title, icon, tone = group_heading(group.name)
    tasks = [task_words(row, ward_id, now) for row in group.rows]
    return ShownTasks(group.name, title, icon, tone, group.total, tasks)


def task_words(row: TaskRow, ward_id: str | None, now: datetime) -> Task:
    """A task in words.

    Args:
        ward_id: the ward of the page; None where a helper's own are shown.
    """
    return _WORDS[row.group](row, ward_id or "", now)


def when_and_where(row: TaskRow, now: datetime) -> Sequence[str]:
    """Day, hours and place of a session: "ngày mai, 8h00 – 10h00", "Nhà văn hóa TDP 5"."""
    detail = row.detail
    starts, ends = datetime.fromisoformat(detail["starts"]), datetime.fromisoformat(detail["ends"])
    place = place_name(
        words=detail["words"], room=detail["room"], venue=detail["venue"], market=detail["market"]
    )
    return (f"{formatting.day_in_words(starts, now)}, {formatting.hours(starts, ends)}", place)


def _about_session(row: TaskRow, now: datetime, why: str, step: str, path: str) -> Task:
    return Task(row.name, why, when_and_where(row, now), step, f"/buoi/{row.session_id}{path}")


def _own_unanswered(row: TaskRow, ward_id: str, now: datetime) -> Task:
    task = _about_session(row, now, _("Bạn được mời."), _("Trả lời"), "")
    return Task(task.name, task.why, task.facts, task.step, "/viec-cua-toi")


def _without_roll(row: TaskRow, ward_id: str, now: datetime) -> Task:
    people = row.detail["people"]
    why = ngettext("%(n)s người ghi danh.", "%(n)s người ghi danh.", people)
    return _about_session(row, now, why, _("Điểm danh"), "/diem-danh")


def _declined(row: TaskRow, ward_id: str, now: datetime) -> Task:
    person, reason = row.detail["person"], row.detail["reason"]
    why = _("%(name)s báo bận: %(reason)s.", name=person, reason=reason.rstrip("."))
    return _about_session(row, now, why, _("Tìm người thay"), f"/phan-cong/{row.subject_id}/thay")


def _short(row: TaskRow, ward_id: str, now: datetime) -> Task:
    trainers, helpers = row.detail["trainers"], row.detail["helpers"]
    if trainers and helpers:
        why = _(
            "Thiếu %(trainers)s người dạy chính, %(helpers)s người hỗ trợ.",
            trainers=trainers,
            helpers=helpers,
        )
    elif trainers:
        why = ngettext("Thiếu %(n)s người dạy chính.", "Thiếu %(n)s người dạy chính.", trainers)
    else:
        why = ngettext("Thiếu %(n)s người hỗ trợ.", "Thiếu %(n)s người hỗ trợ.", helpers)
    return _about_session(row, now, why, _("Chọn người"), "/phan-cong")


def _unanswered(row: TaskRow, ward_id: str, now: datetime) -> Task:
    asked = formatting.day_inside(datetime.fromisoformat(row.detail["asked"]), now)
    why = _("%(name)s, mời từ %(day)s.", name=row.detail["person"], day=asked)
    return _about_session(row, now, why, _("Hỏi lại, ghi câu trả lời"), f"/phan-cong/{row.subject_id}")


def _to_call(row: TaskRow, ward_id: str, now: datetime) -> Task:
    people = row.detail["people"]
    why = ngettext("%(n)s người không nhận được tin.", "%(n)s người không nhận được tin.", people)
    return _about_session(row, now, why, _("Xem ai cần gọi"), "/goi-dien")


def _failed(row: TaskRow, ward_id: str, now: datetime) -> Task:
    why = ngettext("%(n)s tin không đến.", "%(n)s tin không đến.", row.detail["number"])
    if row.session_id is None:
        href = f"/tin-nhan/{ward_id}/tin/{row.subject_id}"
        return Task(_("Tin gửi riêng"), why, (formatting.day_in_words(row.at, now),), _("Xem tin"), href)
    starts = datetime.fromisoformat(row.detail["starts"])
    facts = (f"{formatting.day_in_words(starts, now)}, {formatting.hour(starts)}",)
    return Task(row.name, why, facts, _("Gọi hoặc gửi lại"), f"/tin-nhan/{ward_id}/can-goi")


def _sign_offs(row: TaskRow, ward_id: str, now: datetime) -> Task:
    why = _(
        "%(skills)s kỹ năng của %(people)s người.", skills=row.detail["skills"], people=row.detail["people"]
    )
    starts = datetime.fromisoformat(row.detail["starts"])
    facts = (f"{formatting.day_in_words(starts, now)}, {formatting.hour(starts)}",)
    return Task(row.name, why, facts, _("Xác nhận"), f"/xac-nhan/{ward_id}?buoi={row.session_id}")


def _imports(row: TaskRow, ward_id: str, now: datetime) -> Task:
    name, address = {
        "learners": (_("Danh sách người học"), "/nguoi-hoc"),
        "teams": (_("Danh sách tổ, đội"), "/nguoi-day"),
        "plan": (_("Kế hoạch lớp"), "/lich"),
    }[row.name]
    made = datetime.fromisoformat(row.detail["made"])
    why = _("Gửi %(day)s, chưa lưu.", day=formatting.day_inside(made, now))
    facts = (_("giữ đến %(day)s", day=formatting.day(made + KEPT - timedelta(minutes=1))),)
    return Task(name, why, facts, _("Xem và trả lời"), f"{address}/{ward_id}/nhap/{row.detail['id']}")


_WORDS: Mapping[str, Callable[[TaskRow, str, datetime], Task]] = {
    "own_unanswered": _own_unanswered,
    "own_without_roll": _without_roll,
    "declined": _declined,
    "short": _short,
    "unanswered": _unanswered,
    "without_roll": _without_roll,
    "to_call": _to_call,
    "failed": _failed,
    "sign_offs": _sign_offs,
    "imports": _imports,
}
