"""Rows of a plan sheet that are not planned, as rows to hand back."""

from collections.abc import Sequence

from lopso.kernel.i18n import gettext as _
from lopso.kernel.workbook.results import Doubt, DoubtfulRow
from plan_sheets.labels.fields import field_labels
from plan_sheets.labels.rows import difference_label
from plan_sheets.rules.decided_rows import DecidedRow
from plan_sheets.rules.resolved_rows import WardNames


def unsaved_rows(
    rows: Sequence[DecidedRow], damaged: Sequence[DoubtfulRow], names: WardNames
) -> list[DoubtfulRow]:
    """The rows that wait for a person, each with its reasons, and those with damaged cells."""
    waiting = [each for each in rows if each.waits]
    return [*(_doubtful(each, names) for each in waiting), *damaged]


def _doubtful(row: DecidedRow, names: WardNames) -> DoubtfulRow:
    labels = field_labels()
    doubts = [Doubt(labels.get(each.field, ""), each.value, each.sentence) for each in row.faults]
    doubts += [Doubt(labels["place"], row.found.row.text("place"), each) for each in row.clashes]
    for label, old, new in (difference_label(each, names) for each in row.changes):
        doubts.append(Doubt(label, new, _("%(field)s: %(old)s → %(new)s", field=label, old=old, new=new)))
    file = row.found.file
    return DoubtfulRow(file.sheet, file.number, tuple(file.cells), tuple(doubts))
