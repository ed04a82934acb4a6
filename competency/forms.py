"""What the roll-call pages send: a tap, or a whole roster, as a form or as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid5

from attendance.rules import MARKS
from attendance.service.marks import Mark
from competency.rules import LEVELS
from competency.service.demonstrations import ObservedSkill
from lopso.kernel.errors import InvalidInput
from lopso.kernel.i18n import gettext as _

LARGEST_ROSTER = 500
"""Marks, and skills, taken in one request."""

REST_MARKS = ("present", "absent")


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything one request says about a session."""

    marks: Sequence[Mark]
    shown: Sequence[ObservedSkill]


@dataclass(frozen=True, slots=True)
class Rest:
    """Everybody without a mark gets this one."""

    mark: str
    form_id: UUID


def read_tap(form: Mapping[str, Any]) -> Mark | ObservedSkill | Rest:
    """One press of a button on the roll.

    ``form_id`` is made with the page: the same button pressed twice on one page is one tap, two different
    buttons are two.

    Raises:
        InvalidInput: no button of ours.
    """
    form_id = _uuid(form.get("form_id"))
    rest, mark, skill = (str(form.get(name, "")) for name in ("rest", "mark", "skill"))
    if form_id is None:
        raise _broken()
    if rest in REST_MARKS:
        return Rest(rest, form_id)
    learner_id = _int(form.get("learner_id"))
    if learner_id is None:
        raise _broken()
    if mark in MARKS:
        return Mark(learner_id, mark, uuid5(form_id, mark))
    skill_id, colon, level = skill.partition(":")
    number = _int(skill_id)
    if number is None or not colon or level not in ("", *LEVELS):
        raise _broken()
    return ObservedSkill(learner_id, number, level or None, uuid5(form_id, skill))


def read_roster_form(form: Mapping[str, Any]) -> Roster:
    """The sheet of the whole class, as what was changed on it.

    A field is named ``mark.<learner>.<as shown>`` or ``skill.<learner>.<skill>.<as shown>``: what another
    helper changed since the sheet was opened is not changed back.

    Raises:
        InvalidInput: not what the page sends.
    """
    form_id = _uuid(form.get("form_id"))
    if form_id is None:
        raise _broken()
    marks: list[Mark] = []
    shown: list[ObservedSkill] = []
    for name, given in form.items():
        kind, *numbers, before = name.split(".") if name.count(".") >= 2 else ("", "", "")
        value = str(given)
        if kind not in ("mark", "skill") or value == before:
            continue
        client_id = uuid5(form_id, f"{name}={value}")
        if kind == "mark":
            (learner_id,) = _whole(numbers, 1)
            if value not in ("", *MARKS):
                raise _broken()
            marks.append(Mark(learner_id, value or "cleared", client_id))
        else:
            learner_id, skill_id = _whole(numbers, 2)
            if value not in ("", *LEVELS):
                raise _broken()
            shown.append(ObservedSkill(learner_id, skill_id, value or None, client_id))
    return _limited(Roster(marks, shown))


def read_roster_json(text: bytes) -> Roster:
    """A list of marks, or ``{"marks": [...], "skills": [...]}``.

    A mark is ``{"learner_id", "mark", "client_id"}``, a skill ``{"learner_id", "skill_id", "level",
    "client_id"}`` (level null takes it back). Both may add ``happened_at`` (ISO 8601 with zone) and
    ``offline``.

    Raises:
        InvalidInput: the fields say which entry and why.
    """
    try:
        body: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput({"": _("Nội dung gửi lên không phải JSON.")}) from error
    given = cast("Mapping[str, object]", body) if isinstance(body, dict) else {"marks": body}
    wrong: dict[str, str] = {}
    marks = [_mark(each, f"marks.{n}", wrong) for n, each in enumerate(_list(given, "marks", wrong))]
    shown = [_shown(each, f"skills.{n}", wrong) for n, each in enumerate(_list(given, "skills", wrong))]
    if wrong:
        raise InvalidInput(wrong)
    return _limited(Roster([m for m in marks if m is not None], [s for s in shown if s is not None]))


def _list(given: Mapping[str, object], name: str, wrong: dict[str, str]) -> Sequence[object]:
    value = given.get(name, [])
    if not isinstance(value, list):
        wrong[name] = _("Phải là một danh sách.")
        return []
    return cast("list[object]", value)


def _object(entry: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", entry) if isinstance(entry, dict) else {}


@dataclass(frozen=True, slots=True)
class _Common:
    learner_id: int
    client_id: UUID
    happened_at: datetime | None
    offline: bool


def _common(entry: Mapping[str, object], at: str, wrong: dict[str, str]) -> _Common | None:
    """The fields that marks and skills share."""
    learner_id, client_id = entry.get("learner_id"), _uuid(entry.get("client_id"))
    happened, offline = entry.get("happened_at"), entry.get("offline", False)
    instant = None if happened is None else _instant(happened)
    if not _is_id(learner_id):
        wrong[f"{at}.learner_id"] = _("Phải là một số.")
    if client_id is None:
        wrong[f"{at}.client_id"] = _("Phải là một mã UUID.")
    if happened is not None and instant is None:
        wrong[f"{at}.happened_at"] = _("Phải là thời điểm có múi giờ.")
    if not isinstance(offline, bool):
        wrong[f"{at}.offline"] = _("Phải là đúng hoặc sai.")
    if any(name.startswith(f"{at}.") for name in wrong) or client_id is None:
        return None
    return _Common(cast("int", learner_id), client_id, instant, bool(offline))


def _mark(entry: object, at: str, wrong: dict[str, str]) -> Mark | None:
    fields = _object(entry)
    mark = fields.get("mark")
    if mark not in MARKS:
        wrong[f"{at}.mark"] = _("Không có dấu điểm danh này.")
    common = _common(fields, at, wrong)
    if common is None or mark not in MARKS:
        return None
    return Mark(common.learner_id, str(mark), common.client_id, common.happened_at, common.offline)


def _shown(entry: object, at: str, wrong: dict[str, str]) -> ObservedSkill | None:
    fields = _object(entry)
    skill_id, level = fields.get("skill_id"), fields.get("level")
    if not _is_id(skill_id):
        wrong[f"{at}.skill_id"] = _("Phải là một số.")
    if level not in (None, *LEVELS):
        wrong[f"{at}.level"] = _("Không có mức này.")
    common = _common(fields, at, wrong)
    if common is None:
        return None
    return ObservedSkill(
        common.learner_id,
        cast("int", skill_id),
        cast("str | None", level),
        common.client_id,
        common.happened_at,
        common.offline,
    )


def _limited(roster: Roster) -> Roster:
    if max(len(roster.marks), len(roster.shown)) > LARGEST_ROSTER:
        raise InvalidInput({"marks": _("Mỗi lần gửi tối đa %(n)s dòng.", n=LARGEST_ROSTER)})
    return roster


def _whole(texts: Sequence[str], length: int) -> list[int]:
    whole = [number for text in texts if (number := _int(text)) is not None]
    if len(texts) != length or len(whole) != length:
        raise _broken()
    return whole


def _broken() -> InvalidInput:
    return InvalidInput({"form": _("Trang gửi thiếu thông tin. Xin tải lại trang rồi thử lần nữa.")})


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _int(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and _is_id(int(text)) else None


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def read_pairs(picked: Sequence[str]) -> list[tuple[int, int]]:
    """What was ticked in the assessor's queue: ``<learner>:<skill>`` each.

    Raises:
        InvalidInput: nothing was ticked, or not what the page sends.
    """
    if not picked:
        raise InvalidInput({"": _("Xin chọn ít nhất một kỹ năng để xác nhận.")})
    if len(picked) > LARGEST_ROSTER:
        raise InvalidInput({"": _("Mỗi lần gửi tối đa %(n)s dòng.", n=LARGEST_ROSTER)})
    pairs = [_whole(each.split(":"), 2) for each in picked]
    return [(learner_id, skill_id) for learner_id, skill_id in pairs]


def read_id(text: str) -> int | None:
    """A row's number from an address; None when there is none."""
    return _int(text)
