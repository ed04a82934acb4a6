"""What codes of this room are called on screen."""

from collections.abc import Iterable

from learners.rules import audience_names
from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import masked


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
