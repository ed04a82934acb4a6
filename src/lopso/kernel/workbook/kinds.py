"""What one kind of list is: the parts that differ between a list of learners, of traders, of plans.

A new kind of list is a `ListKind`: a column table (`layout`), how a row becomes a draft, when two are the
same record, how drafts are saved. `parsing`, `importing` and `lopso.web.importing` do the rest.
"""

import importlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.workbook.fields import ListLayout
from lopso.kernel.workbook.matching import KnownRecord, MatchedRows
from lopso.kernel.workbook.namesakes import Comparison, Namesakes
from lopso.kernel.workbook.reading import Sheet
from lopso.kernel.workbook.results import Doubt
from lopso.kernel.workbook.rows import RawRow

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class RowReading(Generic[T]):
    """What one row says.

    Attributes:
        notes: sentences on what was repaired. doubts: why the row is not saved as it stands.
    """

    draft: T
    notes: Sequence[str] = ()
    doubts: Sequence[Doubt] = ()


RowReader: TypeAlias = Callable[[RawRow], RowReading[T]]
"""Makes a draft of a row. Touches no database, so that a list can be read in another thread or process."""


@dataclass(frozen=True, slots=True)
class SavedRecords:
    """What a save did: how many records were added, and ids for the audit trail (no names, no phones).

    `not_agreed` are the codes of what was not ticked, of which the new records then have no answer.
    """

    count: int
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    not_agreed: Sequence[str] = ()


class SaveRows(Protocol[T]):
    """Saves the new rows of a list, and the changes of known records. Does not commit."""

    async def __call__(
        self,
        db: AsyncSession,
        ward_id: str,
        rows: MatchedRows[T],
        *,
        agreed: Collection[str],
        by: Actor,
        now: datetime,
    ) -> SavedRecords:
        """`agreed` are the codes of what the person ticked when confirming."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind(Generic[T, K]):
    """One kind of list. `T` is the draft of one row, `K` what tells records of one name apart.

    Attributes:
        name: of the kind, as `StagedImport.kind` and audit entries have it.
        module: name of the module that has this kind as a global, so that another process finds it.
        layout: the column table. labels: field → its name on screen.
        column_needed: the sentence when no chosen column is one of those that a list must have.
        no_list: the sentence when no sheet holds such a list. described: what the list is, in words.
        other_kind: which other kind of list the sheets seem to hold, in words; "" for none.
        context: what reading a row depends on, for a ward at an instant, as JSON. Raises NotFound without
            such a ward.
        row_reader: makes the reader of rows of a context.
        nobody: why a row may be about nobody, given the fields that most rows of its list fill; None when
            enough speaks for a record.
        from_json: makes a draft of what `dataclasses.asdict` and JSON made of it.
        key: only entries with one key are compared. title: a draft on screen.
        title_field: the field that `title` comes from.
        identity, compare: whether two entries of one key are one record.
        merge: one draft of two rows that are the same record; the first row wins.
        filled: a record with its gaps filled from a row.
        updated: a record with the values of a row, where the row has any.
        facts: what tells records of one name apart and what a list may change, name of a column to text.
        same_in_file, same_as_known: sentence for a row that may be that of row N, or a record known already;
            the last argument says what does not fit.
        known: the ward's records that one of the given drafts may be, by key; more of a key do no harm.
    """

    name: str
    module: str
    layout: ListLayout
    labels: Callable[[], Mapping[str, str]]
    column_needed: Callable[[], str]
    no_list: Callable[[], str]
    described: Callable[[], str]
    other_kind: Callable[[Sequence[Sheet]], str]
    context: Callable[[AsyncSession, str, datetime], Awaitable[dict[str, Any]]]
    row_reader: Callable[[dict[str, Any]], RowReader[T]]
    nobody: Callable[[RawRow, frozenset[str]], str | None] = lambda row, usual: None
    from_json: Callable[[dict[str, Any]], T]
    key: Callable[[T], str]
    title: Callable[[T], str]
    title_field: str
    identity: Callable[[T], K]
    compare: Comparison[K]
    merge: Callable[[T, T], T]
    filled: Callable[[T, T], T]
    updated: Callable[[T, T], T]
    facts: Callable[[T], Mapping[str, str]]
    same_in_file: Callable[[int, str], str]
    same_as_known: Callable[[str], str]
    known: Callable[[AsyncSession, str, Sequence[T]], Awaitable[Mapping[str, Sequence[KnownRecord[T]]]]]
    save: SaveRows[T]

    def namesakes(self) -> Namesakes[K]:
        """No entries yet, to be compared as this kind compares them."""
        return Namesakes(self.compare)

    def doubt(self, draft: T, reason: str) -> Doubt:
        """The doubt about a draft as a whole: it may be a record we have, that of another row, or none."""
        return Doubt(self.labels()[self.title_field], self.title(draft), reason)


def kind_named(module: str, name: str) -> ListKind[Any, Any]:
    """Return the kind that a module declares.

    Raises:
        LookupError: it declares none of this name.
    """
    for value in vars(importlib.import_module(module)).values():
        if isinstance(value, ListKind) and value.name == name:
            return cast(ListKind[Any, Any], value)
    raise LookupError(name)
