"""Levels and reasons in words, and what is missing for a certificate."""

from collections.abc import Sequence
from dataclasses import dataclass

from competency.models import Certificate
from competency.queries.class_skills import ClassSkill
from competency.queries.progress import Progress
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext


def level_labels() -> dict[str, str]:
    """Labels of the levels, lowest first, in the reader's language."""
    return {
        "with_help": _("Có người giúp"),
        "alone": _("Tự làm được"),
        "can_teach": _("Dạy lại được"),
    }


def skill_parts(progress: ClassSkill) -> list[tuple[str, int, str]]:
    """One skill of a class for a bar: (kind of part, people, words)."""
    return [
        ("done", progress.confirmed, _("đã xác nhận")),
        ("half", progress.alone, _("tự làm được")),
        ("weak", progress.with_help, _("có người giúp")),
        ("rest", progress.unrecorded, _("chưa ghi")),
    ]


def revoke_labels() -> dict[str, str]:
    """Labels of the kinds of revocation, as the public check shows them, in the reader's language."""
    return {
        "mistake": _("Giấy ghi sai thông tin"),
        "signed_wrongly": _("Có kỹ năng đã thu hồi xác nhận"),
        "replaced": _("Đã cấp bản khác thay thế"),
        "other": _("Lý do khác"),
    }


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """Whether a certificate can be issued to a learner.

    Attributes:
        ready: confirmed skills that no standing certificate has on it.
        latest: the newest standing certificate.
        missing: why none can be issued, in a sentence; "" when one can, or all is on paper already.
    """

    ready: int
    latest: Certificate | None
    missing: str


def certificate_status(progress: Progress, certificates: Sequence[Certificate]) -> CertificateStatus:
    """What stands between a learner and the next certificate.

    Args:
        certificates: of the learner, those that stand, newest first.
    """
    printed = {each["sign_off_id"] for paper in certificates for each in paper.snapshot["skills"]}
    signed = {each.sign_off_id for each in progress.skills if each.sign_off_id is not None}
    ready, waiting = len(signed - printed), sum(each.awaiting is not None for each in progress.skills)
    missing = ""
    if not signed and waiting:
        missing = ngettext(
            "Chưa cấp chứng nhận được: %(n)s kỹ năng đã làm ở lớp còn chờ người thứ hai xác nhận.",
            "Chưa cấp chứng nhận được: %(n)s kỹ năng đã làm ở lớp còn chờ người thứ hai xác nhận.",
            waiting,
        )
    elif not signed and any(each.shown for each in progress.skills):
        missing = _("Chưa cấp chứng nhận được: có kỹ năng đã làm ở lớp nhưng chưa đủ số lần để xác nhận.")
    elif not signed:
        missing = _("Chưa cấp chứng nhận được: chưa có kỹ năng nào được ghi là đã làm ở lớp.")
    return CertificateStatus(ready, next(iter(certificates), None), missing)
