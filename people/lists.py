"""Declares a kind of list whose rows are persons."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.clock import local_day
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.text import fold
from lopso.kernel.workbook.fields import ListField, ListLayout
from lopso.kernel.workbook.kinds import ListKind, RowReading, SaveRows
from lopso.kernel.workbook.matching import KnownRecord
from lopso.kernel.workbook.namesakes import Comparison
from lopso.kernel.workbook.rows import RawRow
from people import columns, list_signs
from people.drafts import PersonDraft, filled_draft, merge_drafts, person_facts, updated_draft
from people.evidence import reason_to_doubt_person
from people.identity import PEOPLE, IdentityKeys
from venues.models import Ward

D = TypeVar("D", bound=PersonDraft)


@dataclass(frozen=True, slots=True)
class RowContext:
    """What reading a row depends on: the day in Huế, and what a bare neighbourhood number means there."""

    today: date
    rural: bool

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "RowContext":
        """Return what `row_context` made JSON of."""
        return cls(date.fromisoformat(kept["today"]), kept["rural"])


class ReadRow(Protocol[D]):
    """Reads one row; a plain function of a module, so that another process can run it."""

    def __call__(self, row: RawRow, *, context: RowContext) -> RowReading[D]: ...


def same_in_file(row: int, difference: str) -> str:
    """The sentence for somebody who may be the person of another row."""
    return _(
        "Có thể trùng người ở dòng %(row)s (cùng họ tên), nhưng %(difference)s",
        row=row,
        difference=difference,
    )


def same_as_known(difference: str) -> str:
    """The sentence for somebody who may be in the ward's list already."""
    return _(
        "Có thể trùng người đã có trong danh sách (cùng họ tên), nhưng %(difference)s", difference=difference
    )


def person_layout(
    fields: Sequence[ListField],
    *,
    identified_by: Collection[str] = ("phone",),
    section: Callable[[str], bool] = lambda text: False,
) -> ListLayout:
    """Return the columns of a list of persons.

    Args:
        fields: columns besides those of every person.
        identified_by: fields of which one, or a name, makes a row one about somebody.
        section: see `ListLayout`.
    """
    return ListLayout(
        fields=(*columns.PERSON, *fields),
        required=columns.NAMES,
        identity=columns.NAMES | set(identified_by),
        section=section,
    )


def person_list(
    name: str,
    module: str,
    draft: type[D],
    *,
    layout: ListLayout,
    labels: Callable[[], Mapping[str, str]],
    read_row: ReadRow[D],
    known: Callable[[AsyncSession, str, Sequence[D]], Awaitable[Mapping[str, Sequence[KnownRecord[D]]]]],
    save: SaveRows[D],
    compare: Comparison[IdentityKeys] = PEOPLE,
    merge: Callable[[D, D], D] = merge_drafts,
    corrected: Sequence[str] = (),
    facts: Callable[[D], Mapping[str, str]] = lambda person: {},
) -> ListKind[D, IdentityKeys]:
    """Declare a kind of list whose rows are persons.

    Args:
        module: see `ListKind`: ``__name__``.
        layout: see `person_layout`. labels: names of its own columns on screen.
        known: the ward's records that one of the drafts may be, by folded name.
        corrected: fields of the draft, besides sex, phone and e-mail, that a list may fill or correct.
        facts: texts of what is compared besides these, by the name of the column.
    """
    return ListKind(
        name=name,
        module=module,
        layout=layout,
        labels=lambda: {**columns.labels(), **labels()},
        column_needed=lambda: _("Chưa cột nào là họ tên, nên chưa đọc được ai. Xin chọn cột họ tên."),
        no_list=lambda: _("Không tìm thấy cột họ tên trong tệp. Hãy kiểm tra dòng tiêu đề rồi thử lại."),
        described=lambda: list_signs.kind_labels()[name],
        other_kind=list_signs.recogniser_for(name),
        context=row_context,
        row_reader=lambda context: partial(read_row, context=RowContext.from_json(context)),
        nobody=reason_to_doubt_person,
        from_json=draft.from_json,
        key=lambda person: fold(person.full_name),
        title=lambda person: person.full_name,
        title_field="full_name",
        identity=lambda person: person.identity,
        compare=compare,
        merge=merge,
        filled=lambda record, row: filled_draft(record, row, corrected),
        updated=lambda record, row: updated_draft(record, row, corrected),
        facts=lambda person: {**facts(person), **person_facts(person)},
        same_in_file=same_in_file,
        same_as_known=same_as_known,
        known=known,
        save=save,
    )


async def row_context(db: AsyncSession, ward_id: str, now: datetime) -> dict[str, Any]:
    """Return the `RowContext` of a ward as JSON.

    Raises:
        NotFound: no such ward.
    """
    ward = await db.get(Ward, ward_id)
    if ward is None:
        raise NotFound(_("Không có phường, xã mang mã %(code)s.", code=ward_id))
    return {"today": local_day(now).isoformat(), "rural": ward.kind == "xã"}
