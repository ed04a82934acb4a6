"""The rules for an edition's file (docs/domain/skills.md, "The data file")."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import msgspec

from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import has_unreadable

LARGEST = 1024 * 1024  # bytes; the shipped edition has 40 KB


@dataclass(frozen=True, slots=True)
class EditionFile:
    """What was read: the edition, or sentences about why it is none, the most telling first."""

    data: dict[str, Any]
    problems: tuple[str, ...] = ()


def read_edition(raw: bytes) -> EditionFile:
    """Read an edition from JSON in UTF-8. Never raises; `data` is whole only without problems."""
    if len(raw) > LARGEST:
        return EditionFile({}, (_("Tệp quá lớn. Khung kỹ năng chỉ vài chục kilobyte."),))
    try:
        # Strict: no NaN, no number too large for any, no lone surrogate.
        data: object = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
        unreadable = any(has_unreadable(text) for text in _texts(data))
    except (ValueError, RecursionError):
        unreadable, data = True, None
    if unreadable:
        return EditionFile({}, (_("Tệp này không đọc được: cần tệp JSON, mã UTF-8."),))
    if not isinstance(data, dict):
        return EditionFile({}, (_("Tệp này không phải khung kỹ năng."),))
    edition = cast("dict[str, Any]", data)
    return EditionFile(edition, tuple(_problems(edition)))


def _texts(value: object) -> Iterator[str]:
    """Every text inside a JSON value, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in cast("dict[str, object]", value).items():
            yield name
            yield from _texts(each)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _texts(each)


def _problems(data: Mapping[str, Any]) -> list[str]:
    missing = [name for name in ("code", "version", "title", "status") if not _text(data.get(name))]
    if not isinstance(data.get("complete"), bool):
        missing.append("complete")
    problems = [_("Thiếu mục %(names)s.", names=", ".join(missing))] if missing else []
    return problems + _decision_problems(data) + _group_problems(data) + _number_problems(data)


def _decision_problems(data: Mapping[str, Any]) -> list[str]:
    decision = _mapping(data.get("decision"))
    if decision is None or not isinstance(data.get("sources"), dict):
        return [_("Thiếu mục decision hoặc sources: khung phải nói rõ dựa vào văn bản nào.")]
    try:
        date.fromisoformat(str(decision.get("date")))
    except ValueError:
        return [_("Ngày ban hành (decision.date) cần viết như 2025-04-29.")]
    if not (_text(decision.get("number")) and _text(decision.get("issuer"))):
        return [_("Thiếu số hoặc nơi ban hành của văn bản (decision.number, decision.issuer).")]
    return []


def _group_problems(data: Mapping[str, Any]) -> list[str]:
    problems: list[str] = []
    skills: list[str] = []
    groups = _rows(data.get("groups"))
    for group in groups:
        problems += _row_problems(group, _("nhóm"))
        for skill in _rows(group.get("skills")):
            problems += _row_problems(skill, _("kỹ năng"))
            problems += [
                _("Kỹ năng %(code)s thiếu mục %(name)s.", code=str(skill.get("code")), name=name)
                for name in ("description_vi", "description_en")
                if not isinstance(skill.get(name), str)
            ]
            skills.append(str(skill.get("code")))
    if not skills:
        problems.append(_("Khung chưa có kỹ năng nào."))
    problems += _twice([str(group.get("code")) for group in groups], _("nhóm"))
    problems += _twice(skills, _("kỹ năng"))
    audiences = _rows(data.get("audiences"))
    problems += _twice([str(audience.get("code")) for audience in audiences], _("đối tượng"))
    for audience in audiences:
        problems += _row_problems(audience, _("đối tượng"), marked=False)
        codes: list[Any] = audience["skill_codes"] if isinstance(audience.get("skill_codes"), list) else []
        unknown = [str(code) for code in codes if code not in skills]
        if unknown:
            problems.append(
                _(
                    "Đối tượng %(code)s đòi kỹ năng không có trong khung: %(unknown)s.",
                    code=str(audience.get("code")),
                    unknown=", ".join(unknown),
                )
            )
    return problems


def _number_problems(data: Mapping[str, Any]) -> list[str]:
    required, months = data.get("required_demonstrations", 1), data.get("validity_months")
    problems: list[str] = []
    if type(required) is not int or not 1 <= required <= 20:
        problems.append(_("Số lần thể hiện (required_demonstrations) phải từ 1 đến 20."))
    if months is not None and (type(months) is not int or not 1 <= months <= 600):
        problems.append(_("Số tháng hiệu lực (validity_months) phải từ 1 đến 600, hoặc bỏ trống."))
    return problems


def _row_problems(row: Mapping[str, Any], kind: str, *, marked: bool = True) -> list[str]:
    missing = [name for name in ("code", "name_vi", "name_en") if not _text(row.get(name))]
    if marked and not isinstance(row.get("verified"), bool):
        missing.append("verified")
    if not missing:
        return []
    which = _text(row.get("code")) or _text(row.get("name_vi")) or "?"
    return [_("Ở %(kind)s %(which)s thiếu %(names)s.", kind=kind, which=which, names=", ".join(missing))]


def _twice(codes: list[str], kind: str) -> list[str]:
    return [
        _("Mã %(kind)s %(code)s dùng cho hai mục.", kind=kind, code=code)
        for code, times in Counter(codes).items()
        if times > 1
    ]


def _rows(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        return []
    return [_mapping(each) or {} for each in cast("list[object]", value)]


def _mapping(value: object) -> Mapping[str, Any] | None:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else None


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
