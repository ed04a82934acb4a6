"""Labels of wards and rooms."""

from lopso.kernel.i18n import gettext as _
from venues.models import Room, Ward
from venues.queries import WardFound


def former_units(ward: Ward) -> str:
    """What a ward was merged from, as people still say it: "Tây Lộc, Thuận Lộc, …"; empty when nothing."""
    units = [name.split(",")[0] for name in ward.former_names]
    return ", ".join(_bare(unit) for unit in units if unit != ward.full_name)


def found_through(found: WardFound) -> str:
    """Why a search found this ward: "có phường Tây Lộc cũ"; empty when it bears the name itself."""
    if not found.through:
        return ""
    units = ", ".join(unit[:1].lower() + unit[1:] for unit in found.through)
    return _("có %(units)s cũ", units=units)


def _bare(unit: str) -> str:
    for kind in ("Phường ", "Xã ", "Thị trấn "):
        if unit.startswith(kind):
            return unit.removeprefix(kind)
    return unit


def equipment(room: Room) -> list[tuple[str, str]]:
    """What a room offers, as (icon, words)."""
    return [
        (icon, words)
        for there, icon, words in (
            (room.has_power, "plug", _("ổ điện")),
            (room.has_wifi, "wifi", _("wifi")),
            (room.has_projector, "projector", _("máy chiếu")),
        )
        if there
    ]
