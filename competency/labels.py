"""Levels and reasons in words."""

from lopso.kernel.i18n import gettext as _


def level_labels() -> dict[str, str]:
    """Labels of the levels, lowest first, in the reader's language."""
    return {
        "with_help": _("Có người giúp"),
        "alone": _("Tự làm được"),
        "can_teach": _("Dạy lại được"),
    }


def revoke_labels() -> dict[str, str]:
    """Labels of the kinds of revocation, as the public check shows them, in the reader's language."""
    return {
        "mistake": _("Giấy ghi sai thông tin"),
        "signed_wrongly": _("Có kỹ năng đã thu hồi xác nhận"),
        "replaced": _("Đã cấp bản khác thay thế"),
        "other": _("Lý do khác"),
    }
