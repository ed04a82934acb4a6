"""Refusals of this package.

DomainError
├── UnsuitableWording   409  a wording says what it must not, or has a placeholder it may not use
└── WordingChanged      409  a shipped wording differs from the one loaded under the same version
"""

from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _


class UnsuitableWording(Refused):
    """A wording that may not be used; `reason` is a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(_("Mẫu tin %(code)s không dùng được. %(reason)s", code=code, reason=reason))
        self.code = code


class WordingChanged(Refused):
    """A version that was loaded never changes: another wording is another version."""

    def __init__(self, code: str, version: int) -> None:
        super().__init__(
            _(
                "Mẫu tin %(code)s bản %(version)s đã đăng ký, không sửa được. Hãy lập bản mới.",
                code=code,
                version=version,
            )
        )
        self.code = code
        self.version = version
