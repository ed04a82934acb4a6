"""Refusals of venues."""

from lopso.kernel.errors import InvalidInput, NotFound
from lopso.kernel.i18n import gettext as _


class NoSuchWard(NotFound):
    """An unknown ward code."""

    def __init__(self, code: str) -> None:
        super().__init__(_("Không có phường, xã mang mã %(code)s.", code=code))


class NameTaken(InvalidInput):
    """Another open place of the ward has this name; accents do not count."""

    def __init__(self) -> None:
        super().__init__({"name": _("Tên này đã có trong danh sách.")})
