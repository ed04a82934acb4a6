"""Labels of closures: their days, their kinds."""

from collections.abc import Collection
from datetime import date

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from scheduling.labels.sessions import kind_label
from scheduling.models import SESSION_KINDS


def closure_days_label(first_day: date, last_day: date) -> str:
    """ "thứ Năm 03/12/2026", or from one day to another."""
    first = formatting.weekday_and_date(first_day)
    if first_day == last_day:
        return first
    return _("%(first)s đến %(last)s", first=first, last=formatting.weekday_and_date(last_day))


def kinds_label(kinds: Collection[str]) -> str:
    """The kinds by name; "mọi loại buổi" where they are all."""
    if set(kinds) == set(SESSION_KINDS):
        return _("mọi loại buổi")
    return ", ".join(kind_label(each) for each in SESSION_KINDS if each in kinds)
