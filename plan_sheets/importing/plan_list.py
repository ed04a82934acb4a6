"""The columns of a plan sheet, and its rows as texts."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.i18n import gettext as _
from lopso.kernel.parsing import Period, period_of_titles
from lopso.kernel.text import fold
from lopso.kernel.workbook.columns import looks_like_ordinal
from lopso.kernel.workbook.fields import ListField, ListLayout
from lopso.kernel.workbook.kinds import ListKind, RowReading, SavedRecords
from lopso.kernel.workbook.matching import KnownRecord, Match, MatchedRows, MatchResult
from lopso.kernel.workbook.namesakes import BlockingKeys, Comparison
from lopso.kernel.workbook.rows import RawRow
from people import list_signs
from people.lists import row_context
from plan_sheets.labels.fields import field_labels
from plan_sheets.rules.plan_rows import DAY_FIELDS, PlanRow

RowTexts: TypeAlias = tuple[tuple[tuple[str, str], ...], Period]
"""Texts by field with the period: rows that say the same."""

_LONGEST = 200  # characters of a cell
_HEADERS: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "columns.json").read_text(encoding="utf-8")
)
_DOCUMENT = re.compile(
    r"\bngày\s*[\d.…]*\s*tháng\s*[\d.…]*\s*năm\s*[\d.…]*|\bsố\s*:?\s*\d[\w/.-]*|\d{1,2}/\d{1,2}/\d{4}",
    re.IGNORECASE,
)
"""What the head of a letter has: its date and its number say nothing about when classes meet."""
_SECTION = re.compile(r"^(?:thang|thg|tuan|quy|dot|[ivx]+[.)]|[a-d][.)])\b", re.ASCII)


def _field(name: str) -> ListField:
    return ListField(
        name,
        tuple(_HEADERS[name]),
        looks_like=looks_like_ordinal if name == "ordinal" else None,
        weak_header=name in DAY_FIELDS,
        minor=name in ("ordinal", "audience", "code"),
    )


LAYOUT = ListLayout(
    fields=tuple(map(_field, _HEADERS)),
    required=frozenset({"course"}),
    identity=frozenset({"course", "weekday", "hours", "when", "starts", *DAY_FIELDS}),
    section=lambda text: bool(_SECTION.match(fold(text))),
    repeated=frozenset({"course", "weekday", "hours", "when", "starts"}),
)


def read_plan_texts(row: RawRow) -> RowReading[PlanRow]:
    """The texts of a row by field; columns nobody knows become one remark."""
    texts = {name: row.text(name)[:_LONGEST] for name in _HEADERS if name != "ordinal" and row.text(name)}
    remarks = "; ".join(f"{name}: {text}" for name, text in row.extras.items() if text)
    if remarks:
        texts["remark"] = remarks[: 2 * _LONGEST]
    return RowReading(PlanRow(texts, _period(row)))


def _period(row: RawRow) -> Period:
    """Month and year as heading, name of the sheet and title say, in this order."""
    lines = [_DOCUMENT.sub(" ", line) for line in row.title.split("\n")]
    return period_of_titles(row.section, row.sheet, *lines)


def _from_json(kept: dict[str, Any]) -> PlanRow:
    period = kept["period"]
    return PlanRow(dict(kept["texts"]), Period(period["month"], tuple(period["years"])))


def _compare(one: RowTexts, other: RowTexts) -> Match:
    return Match(MatchResult.SAME if one == other else MatchResult.DIFFERENT)


def _equal(texts: RowTexts) -> BlockingKeys:
    return BlockingKeys((texts,), (texts,))


def _first(one: PlanRow, other: PlanRow) -> PlanRow:
    return one


async def _nothing_known(
    db: AsyncSession, ward_id: str, rows: Sequence[PlanRow]
) -> Mapping[str, Sequence[KnownRecord[PlanRow]]]:
    """Rows are matched with series by what they mean, in `plan_sheets.rules.deciding`."""
    return {}


async def _save_nothing(
    db: AsyncSession,
    ward_id: str,
    rows: MatchedRows[PlanRow],
    *,
    agreed: Collection[str],
    by: Actor,
    now: datetime,
) -> SavedRecords:
    raise NotImplementedError("a plan is saved by plan_sheets.service.saving")


PLAN_LIST: ListKind[PlanRow, RowTexts] = ListKind(
    name="plan",
    module=__name__,
    layout=LAYOUT,
    labels=field_labels,
    column_needed=lambda: _("Chưa cột nào là nội dung lớp. Xin chọn cột ấy."),
    no_list=lambda: _(
        "Không tìm thấy cột nội dung (tên lớp) trong tệp. Xin kiểm tra dòng tiêu đề. "
        "Mỗi lớp phải là một dòng: thời khóa biểu ghi tên lớp dưới từng thứ thì chưa đọc được."
    ),
    described=lambda: list_signs.kind_labels()["plan"],
    other_kind=list_signs.recogniser_for("plan"),
    context=row_context,
    row_reader=lambda context: read_plan_texts,
    from_json=_from_json,
    key=lambda row: fold(row.text("course")),
    title=lambda row: row.text("course"),
    title_field="course",
    identity=lambda row: (tuple(sorted(row.texts.items())), row.period),
    compare=Comparison(_compare, _equal),
    merge=_first,
    filled=_first,
    updated=_first,
    facts=lambda row: row.texts,
    same_in_file=lambda row, difference: "",
    same_as_known=lambda difference: "",
    known=_nothing_known,
    save=_save_nothing,
)
