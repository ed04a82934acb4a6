"""What codes of this room are called on screen."""

from collections.abc import Iterable

from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import masked


def audience_names() -> dict[str, str]:
    """Kinds of learner by code, in the order forms show them."""
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


def audience_words(codes: Iterable[str]) -> str:
    """ "Người cao tuổi, Tiểu thương", in the usual order."""
    chosen = set(codes)
    return ", ".join(name for code, name in audience_names().items() if code in chosen)


def sex_names() -> dict[str, str]:
    """Nữ and Nam by code."""
    return {"female": _("Nữ"), "male": _("Nam")}


def phone_words(phone: str | None, kind: str) -> str:
    """A masked number, with "gọi điện" behind one that cannot be texted."""
    if phone is None:
        return _("Không có điện thoại")
    return _("%(phone)s (gọi điện)", phone=masked(phone)) if kind == "landline" else masked(phone)
