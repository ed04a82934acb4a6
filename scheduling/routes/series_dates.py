"""What a series' form shows beside its fields: the dates that follow from what was typed so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.forms import Form
from scheduling.forms.series import SeriesForm, dates_as_typed, rows_of
from scheduling.labels.series_dates import SeriesPreviewRow, date_row
from scheduling.queries.choices import Choices
from scheduling.queries.series import SeriesPreview, series_preview

FIRST_DATES = 12


@dataclass(frozen=True, slots=True)
class SeriesOverview:
    """The dates that follow from what was typed so far.

    Attributes:
        summary: how many, from when to when.
        notes: (kind of note, sentence) on what is missing, or is to be looked at.
        first, later: the first dates; of those after them the ones with something to look at.
        more: how many dates after the first ones are as they should be.
    """

    summary: str = ""
    short: str = ""
    notes: Sequence[tuple[str, str]] = ()
    first: Sequence[SeriesPreviewRow] = ()
    later: Sequence[SeriesPreviewRow] = ()
    more: int = 0


async def series_overview(
    db: AsyncSession, ward_id: str, form: Form[SeriesForm], offered: Choices, *, now: datetime
) -> SeriesOverview:
    """Every date that the form gives so far, with what is off or in the room then; two statements."""
    if all(row.empty for row in rows_of(form)):
        return SeriesOverview()
    plan, missing = dates_as_typed(form, offered)
    if plan is None:
        return SeriesOverview(notes=[("info", said) for said in missing.values()])
    return _overview(await series_preview(db, ward_id, plan, now=now))


def _overview(seen: SeriesPreview) -> SeriesOverview:
    rows = [date_row(each, None) for each in seen.lines]
    if not rows:
        return SeriesOverview(
            notes=[("warn", _("Trong khoảng này không có ngày nào khớp với các thứ đã chọn."))]
        )
    later = [each for each in rows[FIRST_DATES:] if each.off or each.past or each.there]
    return SeriesOverview(
        summary=_summary(seen),
        short=_("%(n)s buổi", n=seen.free),
        notes=_notes(seen),
        first=rows[:FIRST_DATES],
        later=later,
        more=len(rows) - len(rows[:FIRST_DATES]) - len(later),
    )


def _summary(seen: SeriesPreview) -> str:
    free = [each.meeting.slot.day for each in seen.lines if each.possible and not each.past]
    count = ngettext("%(n)s buổi lập được", "%(n)s buổi lập được", len(free))
    return f"{count}, {formatting.days(free[0], free[-1])}" if free else count


def _notes(seen: SeriesPreview) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if taken := sum(bool(each.there) for each in seen.lines):
        found.append(("warn", ngettext("Phòng bận %(n)s ngày.", "Phòng bận %(n)s ngày.", taken)))
    if past := sum(each.past for each in seen.lines):
        found.append(("warn", ngettext("%(n)s ngày đã qua.", "%(n)s ngày đã qua.", past)))
    if skipped := sum(each.meeting.skipped for each in seen.lines):
        found.append(("info", ngettext("Bỏ qua %(n)s ngày nghỉ.", "Bỏ qua %(n)s ngày nghỉ.", skipped)))
    if seen.cut_short:
        found.append(("warn", _("Quy tắc này cho nhiều ngày hơn một lần lập được.")))
    return found
