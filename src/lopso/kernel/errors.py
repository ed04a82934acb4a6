"""Refusals with a status and a sentence for the person.

DomainError
├── NotFound        404  no such row, or not one this person may see
├── Forbidden       403  may see it, may not do this
├── Refused         409  a rule or the present state says no
├── InvalidInput    422  named fields are wrong; what was typed is kept
└── TooMany         429  too often
"""

from collections.abc import Mapping

from lopso.kernel.i18n import gettext as _


class DomainError(Exception):
    """A refusal with a status for machines and a sentence for people."""

    status: int = 409

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(DomainError):
    """No such row, or one of a ward where this person holds nothing: the answer is the same."""

    status = 404

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or _("Không tìm thấy trang hoặc mục này."))


class Forbidden(DomainError):
    """The person may see this but not do it."""

    status = 403

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or _("Tài khoản của bạn chưa được giao quyền làm việc này."))


class Refused(DomainError):
    """The present state or a rule of the domain says no."""

    status = 409


class InvalidInput(DomainError):
    """One or more fields are wrong.

    Attributes:
        fields: form field name to the sentence shown beside it; never empty.
    """

    status = 422

    def __init__(self, fields: Mapping[str, str], sentence: str | None = None) -> None:
        super().__init__(sentence or _("Có mục cần xem lại. Những gì bạn đã nhập vẫn còn nguyên."))
        self.fields = dict(fields)


class TooMany(DomainError):
    """Tried too often; `retry_after` is in seconds."""

    status = 429

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
