"""What staff read of a learner's coming classes."""

from collections.abc import Sequence

from lopso.kernel.i18n import gettext as _
from scheduling.labels.sessions import slots_label
from scheduling.queries.upcoming_classes import UpcomingClass
from scheduling.rules.recurrence import weekly_slot

_FEW = 3


def rhythm_label(classes: Sequence[UpcomingClass]) -> str:
    """ "thứ Ba 14h00 – 16h00 hằng tuần"; "" where the sessions lie at too many different times."""
    slots = {weekly_slot(each.session.starts_at, each.session.ends_at) for each in classes}
    return _("%(slots)s hằng tuần", slots=slots_label(sorted(slots))) if len(slots) <= _FEW else ""
