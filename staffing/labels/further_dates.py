"""Dates of further meetings of a series, in words."""

from collections.abc import Collection
from datetime import datetime

from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from scheduling.labels.series_dates import SeriesPreviewRow, date_row
from staffing.queries.further_dates import FurtherDate


def further_date_row(found: FurtherDate, picked: Collection[datetime] | None) -> SeriesPreviewRow:
    """A date with who is elsewhere then; one at which the series has a cancelled meeting is closed."""
    warnings: list[str] = []
    if found.known:
        warnings.append(_("buổi ngày này đã hủy; muốn học lại, hãy mở lại buổi đó"))
    if found.busy:
        warnings.append(_("bận hoặc vắng: %(names)s", names=", ".join(found.busy)))
    if found.learners:
        warnings.append(
            ngettext(
                "%(n)s người học có lớp khác giờ đó", "%(n)s người học có lớp khác giờ đó", found.learners
            )
        )
    return date_row(found.date, picked, warnings, closed=not found.possible)
