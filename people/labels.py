"""Sex and phone on screen."""

from lopso.kernel.i18n import gettext as _
from lopso.kernel.phone import masked
from people.phones import stored_kind


def sex_labels() -> dict[str, str]:
    """Nữ and Nam by code."""
    return {"female": _("Nữ"), "male": _("Nam")}


def phone_label(number: str | None) -> str:
    """A masked number, with "gọi điện" behind one that cannot be texted; or that there is none."""
    if number is None:
        return _("Không có điện thoại")
    shown = masked(number)
    return _("%(phone)s (gọi điện)", phone=shown) if stored_kind(number) == "landline" else shown
