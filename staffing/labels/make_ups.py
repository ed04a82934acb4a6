"""What speaks against a date on which is made up for a session."""

from collections.abc import Mapping

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from staffing.rules.make_ups import MakeUpDate


def make_up_notes(found: MakeUpDate, names: Mapping[int, str]) -> list[str]:
    """A phrase each; names of helpers by id."""
    notes: list[str] = []
    if found.room_taken:
        notes.append(_("phòng, hoặc chuỗi này, đã có buổi khác vào giờ đó"))
    if found.day_off:
        notes.append(_("%(day)s là ngày nghỉ", day=formatting.weekday_and_date(found.slot.day)))
    if found.helpers:
        who = ", ".join(names.get(each, "") for each in found.helpers)
        notes.append(_("%(names)s bận hoặc báo nghỉ", names=who))
    if found.learners:
        notes.append(ngettext("%(n)s người học có lớp khác", "%(n)s người học có lớp khác", found.learners))
    return notes
