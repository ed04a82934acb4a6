"""Where a helper is booked, in words."""

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from scheduling.rules.commitments import Commitment


def commitment_label(other: Commitment, *, may_name: bool) -> str:
    """Another session as a reason: its name only for those who may see it."""
    title = f"“{other.title}”" if may_name else _("một buổi ở nơi khác")
    return f"{title}, {formatting.day_and_hours(other.starts_at, other.ends_at)}"
