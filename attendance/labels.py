"""Marks of a roll in words."""

from lopso.kernel.i18n import gettext as _


def mark_labels() -> dict[str, str]:
    """Labels of the marks, in the reader's language."""
    return {
        "present": _("Có mặt"),
        "late": _("Đến muộn"),
        "left_early": _("Về sớm"),
        "excused": _("Có phép"),
        "absent": _("Vắng"),
        "cleared": _("Chưa điểm danh"),
    }
