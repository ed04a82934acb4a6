"""Audiences, and purposes of consents, on screen."""

from collections.abc import Iterable

from lopso.kernel.i18n import gettext as _


def audience_label(codes: Iterable[str]) -> str:
    """ "Người cao tuổi, Tiểu thương", in the usual order."""
    chosen = set(codes)
    return ", ".join(name for code, name in audience_labels().items() if code in chosen)


def audience_labels() -> dict[str, str]:
    """Audiences by code, in the order forms show them."""
    return {
        "elderly": _("Người cao tuổi"),
        "trader": _("Tiểu thương"),
        "farmer": _("Nông dân"),
        "worker": _("Người lao động"),
        "official": _("Cán bộ, công chức"),
        "pupil_student": _("Học sinh, sinh viên"),
        "disadvantaged": _("Hoàn cảnh khó khăn"),
        "other": _("Khác"),
    }


def purpose_labels() -> dict[str, str]:
    """What every learner is asked to agree to, by purpose, as forms show it."""
    return {
        "class": _("Lưu thông tin để xếp lớp và điểm danh"),
        "sms": _("Nhận tin nhắn nhắc lịch học"),
    }


def missing_answers_label(purposes: Iterable[str]) -> str:
    """ "Chưa hỏi: xếp lớp, tin nhắn": the purposes to which somebody gave no answer."""
    names = {"class": _("xếp lớp"), "sms": _("tin nhắn")}
    return _("Chưa hỏi: %(what)s", what=", ".join(names[each] for each in purposes))
