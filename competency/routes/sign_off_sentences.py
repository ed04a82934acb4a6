"""What the assessor is told after signing, and after undoing it."""

from collections.abc import Mapping

from competency.queries.queue import PairNames
from competency.service.readiness import Pair
from competency.service.sign_off_revocations import UndoneSignOffs
from competency.service.sign_offs import Signed
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext

NAMED = 3
"""How many learners one reason names; the others are counted."""


def signed_sentence(signed: Signed, names: Mapping[Pair, PairNames]) -> str:
    """How many skills of how many people were signed, and which were not, with the reason and by name."""
    said = _("Đã xác nhận %(skills)s cho %(people)s.", skills=_skills(signed), people=_people(signed))
    if not signed.refused:
        return said
    return f"{said} " + _(
        "Còn %(n)s mục chưa xác nhận được: %(why)s", n=len(signed.refused), why=reasons(signed, names)
    )


def reasons(signed: Signed, names: Mapping[Pair, PairNames]) -> str:
    """Why skills were not signed: each reason once, with the learners it is about."""
    by_reason: dict[str, list[PairNames]] = {}
    for pair, sentence in signed.refused.items():
        by_reason.setdefault(sentence, []).append(names[pair])
    return " ".join(f"{sentence} ({_named(whose)})" for sentence, whose in by_reason.items())


def _named(whose: list[PairNames]) -> str:
    first = "; ".join(f"{each.learner}: {each.skill}" for each in whose[:NAMED])
    if len(whose) <= NAMED:
        return first
    return _("%(names)s và %(n)s mục nữa", names=first, n=len(whose) - NAMED)


def undone_sentence(undone: UndoneSignOffs) -> str:
    """How many sign-offs were undone, and how many stay."""
    if not undone.revoked:
        said = _("Không có gì để hoàn tác.")
    else:
        said = ngettext(
            "Đã hoàn tác %(n)s xác nhận. Các kỹ năng này trở lại danh sách chờ xác nhận.",
            "Đã hoàn tác %(n)s xác nhận. Các kỹ năng này trở lại danh sách chờ xác nhận.",
            len(undone.revoked),
        )
    if not undone.kept:
        return said
    return f"{said} " + ngettext(
        "Giữ nguyên %(n)s xác nhận đã thay cho mức thấp hơn.",
        "Giữ nguyên %(n)s xác nhận đã thay cho mức thấp hơn.",
        len(undone.kept),
    )


def _skills(signed: Signed) -> str:
    return ngettext("%(n)s kỹ năng", "%(n)s kỹ năng", len(signed.done))


def _people(signed: Signed) -> str:
    return ngettext("%(n)s người", "%(n)s người", len({each.learner_id for each in signed.done}))
