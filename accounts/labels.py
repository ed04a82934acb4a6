"""Labels of roles."""

from lopso.kernel.access import Role
from lopso.kernel.i18n import gettext as _


def role_name(role: Role | str) -> str:
    """The name of a role in the reader's language."""
    names = {
        Role.CITY_ADMIN: _("Quản trị thành phố"),
        Role.COORDINATOR: _("Cán bộ điều phối"),
        Role.TRAINER: _("Người hướng dẫn"),
        Role.ASSESSOR: _("Người xác nhận kỹ năng"),
        Role.VIEWER: _("Người xem"),
    }
    return names[Role(role)]
